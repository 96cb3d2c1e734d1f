// A store that takes one protection away from those who use it, for the tests that show that the
// simulation notices. Passes everything on for Guard::kNone.
#pragma once

#include <string>

#include "simulation/world.h"
#include "storage/forwarding_store.h"

namespace tarn::simulation {

class UnguardedStore final : public storage::ForwardingStore {
public:
    UnguardedStore(storage::ObjectStore& inner, World& world, Guard guard)
        : ForwardingStore(inner), world_(world), guard_(guard) {}

    // What commits look like depends on whether they are read while one is put, and by whom.
    enum class Phase { kOther, kCommitting, kOptimizing, kCleaningUp, kRestoring, kDropping };
    void Enter(Phase phase) { phase_ = phase; }

    std::optional<storage::ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes) override;
    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string& location) override;
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;

private:
    class EarlyWriter;

    storage::PutOutcome PutUnguarded(const std::string& location, std::string_view bytes);

    World& world_;
    const Guard guard_;
    Phase phase_ = Phase::kOther;
};

}  // namespace tarn::simulation
