// The right to do one thing in a lake at a time ("build"): one holder, kept alive by a heartbeat,
// free again when released, when it expires, or at once when the holder's process on this machine
// is gone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"

namespace tarn::catalog {

class Store;

struct LeaseOptions {
    DurationUs time_to_live = std::chrono::seconds(30);
    // Renews by itself, three times a life, from a thread of its own. false: the caller calls
    // Renew.
    bool heartbeat = true;
    std::string purpose{};  // shown to whoever is refused: "tarn build -s +gold"
};

// Destroying it releases it. Thread-safe.
class Lease {
public:
    // Conflict, naming the holder (process, machine, since when, purpose), while another holds it.
    static std::unique_ptr<Lease> Acquire(Store& store, Clock& clock, Random& random,
                                          const std::string& name, const LeaseOptions& options);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    // Conflict when another has taken the lease over (this process stood still too long).
    void Renew();
    // Conflict when a heartbeat found the lease lost. Call it before each commit.
    void ThrowIfLost() const;
    const std::string& token() const { return token_; }

private:
    Lease(Store& store, Clock& clock, std::string name, std::string token, LeaseOptions options);
    void Beat();

    Store& store_;
    Clock& clock_;
    const std::string name_;
    const std::string token_;
    const LeaseOptions options_;
    std::atomic<bool> lost_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace tarn::catalog
