#include "pipeline/single_changes.h"

#include <fmt/format.h>

namespace tarn::pipeline {
namespace {

constexpr std::string_view kOthers = "tarn_others";  // keys of the other changes
constexpr std::string_view kSingle = "tarn_single";  // with __open, the start of what holds

}  // namespace

std::vector<std::string_view> SingleChanges::Temporaries() { return {kOthers, kSingle}; }

// Something is known of them that lies at the change or behind it.
std::string SingleChanges::LateKeys() const {
    const Columns& keys = scene_.layout.keys;
    return fmt::format(
        "SELECT {0} FROM {1} p JOIN {2} m ON {3} WHERE p.__END_AT IS NOT NULL OR p.__START_AT >= "
        "m.__first UNION SELECT {4} FROM {5} h JOIN {2} m ON {6} AND h.__sequence >= m.__first",
        Listed(keys, "p."), kPulled, kTouched, AreEqual(keys, "p", "m"), Listed(keys, "h."),
        scene_.memory, AreEqual(keys, "h", "m"));
}

void SingleChanges::Prepare() {
    const ChangeLayout& layout = scene_.layout;
    std::string others =
        fmt::format("SELECT {} FROM {} WHERE __is_repeated", Listed(layout.keys), kTouched);
    if (!scene_.anew) others += " UNION " + LateKeys();
    scene_.Make(kOthers, others);
    has_others_ = CountRows(scene_.session, kOthers) > 0;
    const std::string told = Listed(Together(layout.keys, layout.values), "e.");
    const std::string alone = RowsByKey(layout.keys, scene_.Events(), "ANTI", kOthers);
    if (scene_.anew) {
        scene_.Make(kSingle,
                    fmt::format("SELECT {}, e.__sequence, e.__is_delete, NULL::{} AS __open, NOT "
                                "e.__is_delete AS __is_new FROM ({}) e",
                                told, scene_.order_type, alone));
        return;
    }
    scene_.Make(kSingle,
                fmt::format("SELECT {}, e.__sequence, e.__is_delete, p.__START_AT AS __open, NOT "
                            "e.__is_delete AND (p.__START_AT IS NULL OR {}) AS __is_new FROM ({}) "
                            "e LEFT JOIN {} p ON {}",
                            told, Differ(layout.values, "p", "e"), alone, kPulled,
                            AreEqual(layout.keys, "p", "e")));
}

std::string SingleChanges::OfOthers(std::string_view table) const {
    return "(" + RowsByKey(scene_.layout.keys, table, "SEMI", kOthers) + ")";
}

std::string SingleChanges::Unshown() const {
    return fmt::format("SELECT {}, __sequence, __is_delete FROM {} WHERE NOT __is_new",
                       Listed(Together(scene_.layout.keys, scene_.layout.values)), kSingle);
}

std::string SingleChanges::Begun() const {
    return fmt::format(
        "SELECT {}, __sequence AS __START_AT, NULL::{} AS __END_AT FROM {} WHERE __is_new",
        Listed(scene_.layout.columns), scene_.order_type, kSingle);
}

std::string SingleChanges::Ended() const {
    return fmt::format(
        "SELECT {}, __open AS __START_AT, __sequence AS __END_AT FROM {} WHERE __open IS NOT NULL "
        "AND (__is_new OR __is_delete)",
        KeysAlone(scene_.layout), kSingle);
}

}  // namespace tarn::pipeline
