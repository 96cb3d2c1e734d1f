// Of a batch of changes to a table of versions those that stand alone: their key has no other
// change in the batch, and all that is known of it lies before them. Each ends the version that
// holds, begins the next, or leaves no trace; no window over the history of its key is needed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/change_steps.h"

namespace tarn::pipeline {

// Keys that the batch touches, `__first`, their first change in it, and `__is_repeated`: it has
// several.
inline constexpr std::string_view kTouched = "tarn_touched";
// Versions that it may change: those that hold, and those that end at its first change or behind.
inline constexpr std::string_view kPulled = "tarn_pulled";

class SingleChanges {
public:
    // `scene` outlives it.
    explicit SingleChanges(const ChangeScene& scene) : scene_(scene) {}

    // Divides the batch; both tables above are there, kPulled but where the scene is anew.
    void Prepare();
    static std::vector<std::string_view> Temporaries();

    // Are there other changes.
    bool HasOthers() const { return has_others_; }
    // SQL for the rows of a table that are of the keys of other changes.
    std::string OfOthers(std::string_view table) const;

    // SELECTs of: the changes that the target will not show, as keys, values, `__sequence` and
    // `__is_delete`; of the new versions with `__START_AT` and `__END_AT`; and of the ends of those
    // that hold, which have NULLs for values.
    std::string Unshown() const;
    std::string Begun() const;
    std::string Ended() const;

private:
    std::string LateKeys() const;

    const ChangeScene& scene_;
    bool has_others_ = false;
};

}  // namespace tarn::pipeline
