// Tries again what another store answered with Unavailable, after a growing, jittered pause. Only
// calls that are the same when made twice: reads, lists, deletes and plain puts. A conditional put
// is never repeated (its first try may have won), and neither is a writer. Thread-safe when the
// store is.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "storage/forwarding_store.h"

namespace tarn::storage {

struct RetryOptions {
    int max_attempts = 5;  // the first included
    DurationUs first_pause = std::chrono::milliseconds(50);
    DurationUs longest_pause = std::chrono::seconds(5);
};

class RetryingStore final : public ForwardingStore {
public:
    RetryingStore(ObjectStore& inner, Clock& clock, Random& random, RetryOptions options = {})
        : ForwardingStore(inner), clock_(clock), random_(random), options_(options) {}

    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    void Delete(const std::string& location) override;

private:
    class Reader;

    template <typename Call>
    auto Retry(Call call);

    Clock& clock_;
    Random& random_;
    RetryOptions options_;
};

}  // namespace tarn::storage
