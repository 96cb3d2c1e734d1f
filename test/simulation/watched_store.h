// The true store of a simulated world: tells a watcher what has happened to objects, in the order
// in which it happened, whoever did it and whatever answer they got.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "simulation/past_lists.h"
#include "storage/forwarding_store.h"

namespace tarn::simulation {

// What stands in a file that was broken on its way.
inline constexpr std::string_view kTornBytes = "torn";

class StoreWatcher {
public:
    virtual ~StoreWatcher() = default;
    virtual void Written(const std::string& location, std::string_view bytes) = 0;
    // Before it happens; the object is there.
    virtual void Deletes(const std::string& location) = 0;
};

class WatchedStore final : public storage::ForwardingStore {
public:
    WatchedStore(storage::ObjectStore& inner, StoreWatcher& watcher, Clock& clock)
        : ForwardingStore(inner), watcher_(watcher), clock_(clock) {}

    const PastLists& Past() const { return past_; }

    // Objects are written by puts; nobody here streams.
    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string&) override {
        throw Error(ErrorKind::kInternal, "the watched store has no writers");
    }
    storage::PutOutcome Put(const std::string& location, std::string_view bytes) override {
        return Told(Inner().Put(location, bytes), location, bytes);
    }
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        return Told(Inner().PutIfAbsent(location, bytes), location, bytes);
    }
    storage::PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) override {
        return Told(Inner().PutIfMatch(location, bytes, etag), location, bytes);
    }
    void Delete(const std::string& location) override {
        if (!Inner().Stat(location)) return;
        watcher_.Deletes(location);
        Inner().Delete(location);
        past_.Changed(location, std::nullopt, clock_.Now());
    }

private:
    storage::PutOutcome Told(storage::PutOutcome outcome, const std::string& location,
                             std::string_view bytes) {
        if (outcome != storage::PutOutcome::kDone) return outcome;
        past_.Changed(location, Inner().Stat(location), clock_.Now());
        watcher_.Written(location, bytes);
        return outcome;
    }

    StoreWatcher& watcher_;
    Clock& clock_;
    PastLists past_;
};

}  // namespace tarn::simulation
