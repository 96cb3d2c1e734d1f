// A store that fails on purpose, for tests and simulation; everything it does follows from its plan
// and its seed. It can stop the "process" at the n-th call (every later call stops too), lose the
// answer of a put (the write happened, did not, or happens later), and answer Unavailable. Never
// for production. Thread-safe when the store is.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/forwarding_store.h"

namespace tarn::storage {

// The process died here. No tarn::Error, so that no handler in the tested code takes it for one.
class StoreCrash final : public std::exception {
public:
    const char* what() const noexcept override { return "simulated crash of the process"; }
};

struct FaultPlan {
    // Stop at this call, counted from 1; calls of readers and writers count as well.
    std::optional<uint64_t> crash_at_call;
    // The call at which the process stops takes effect first.
    bool crash_after_effect = false;
    // Chances in 1000, for each call that it can happen to.
    uint64_t unavailable_per_mille = 0;
    uint64_t lost_answer_per_mille = 0;  // puts only
    // So many times what PutIfAbsent wrote is visible and not durable, nor made so by Persist.
    uint64_t failed_syncs = 0;
};

class FaultStore final : public ForwardingStore {
public:
    FaultStore(ObjectStore& inner, FaultPlan plan, uint64_t seed)
        : ForwardingStore(inner), plan_(plan), random_(seed), syncs_to_fail_(plan.failed_syncs) {}
    // Late puts that are still under way happen now.
    ~FaultStore() override;

    uint64_t Calls() const { return calls_; }
    bool Crashed() const { return crashed_; }

    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override;
    void Persist(const std::string& location) override;
    void Delete(const std::string& location) override;

private:
    class Reader;
    class Writer;
    struct LatePut {
        std::string location;
        std::string bytes;
        uint64_t due_at_call;
    };

    template <typename Call>
    auto Run(Call call);
    template <typename Call>
    PutOutcome RunPut(Call call, const std::string& location, std::string_view bytes,
                      bool may_be_late);
    bool Chance(uint64_t per_mille) { return per_mille > 0 && random_.Below(1000) < per_mille; }
    void LandLatePuts(bool all);
    bool FailsToSync();

    FaultPlan plan_;
    SeededRandom random_;
    std::atomic<uint64_t> calls_{0};
    std::atomic<bool> crashed_{false};
    std::atomic<uint64_t> syncs_to_fail_;
    std::mutex late_mutex_;
    std::vector<LatePut> late_;
};

}  // namespace tarn::storage
