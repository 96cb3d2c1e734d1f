// The one store as a process of the simulated world sees it: every call takes time, in which others
// go on; it may be refused, lose its answer, or be the process's last. Never does what the contract
// of ObjectStore forbids, but that lists lag behind now and then; one that takes time shows some of
// what changed meanwhile and some not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/world.h"
#include "storage/fault_store.h"

namespace tarn::simulation {

class ProcessStore final : public storage::ForwardingStore {
public:
    ProcessStore(World& world, std::string name)
        : ForwardingStore(world.store), world_(world), name_(std::move(name)) {}

    // From now on the world does this process no harm.
    void Spare() { is_spared_ = true; }

    std::optional<storage::ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes) override;
    std::unique_ptr<storage::ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<storage::ObjectInfo> List(const std::string& folder,
                                          const storage::ListOptions& options) override;
    storage::PutOutcome Put(const std::string& location, std::string_view bytes) override;
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    storage::PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) override;
    void Delete(const std::string& location) override;

private:
    class Reader;
    class Writer;
    enum class Fate { kDone, kLost, kLostUndone, kLate, kDoubtfulExists, kInTheWay };

    // A call with its time before and behind its effect. Throws Unavailable or StoreCrash.
    template <typename Effect>
    auto Run(const char* what, const std::string& location, Effect effect);
    void Die(const char* what, const std::string& location);
    bool Chance(uint64_t per_mille) { return !is_spared_ && world_.Chance(per_mille); }
    Fate DrawFate(bool is_conditional);
    // A put, whatever becomes of it.
    storage::PutOutcome RunPut(const char* what, const std::string& location,
                               std::string_view bytes, bool is_conditional);

    World& world_;
    const std::string name_;
    bool is_spared_ = false;
    bool is_dead_ = false;
};

}  // namespace tarn::simulation
