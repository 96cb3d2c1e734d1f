// Bodies that are posted to one address, in order, by a thread of its own: whoever gives one does
// not wait, and never hears of a failure. What cannot be delivered is tried again a few times, with
// growing pauses, and then lost. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/cancel.h"
#include "net/outbound.h"

namespace tarn::net {

struct PostQueueLimits {
    size_t bodies = 2'000;  // that wait; further ones are lost
    size_t bytes = size_t{64} << 20;
    size_t body_bytes = size_t{16} << 20;  // of one; a larger one is lost
    int attempts = 4;                      // for each body
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause{5'000};
    // So long the end waits for what is left to be delivered.
    std::chrono::milliseconds longest_end{2'000};
};

class PostQueue {
public:
    // `to`: the address and the headers of each; its body is not used.
    explicit PostQueue(HttpPost to, const PostQueueLimits& limits = {});
    // Delivers what is left, or gives it up after limits.longest_end.
    ~PostQueue();
    PostQueue(const PostQueue&) = delete;
    PostQueue& operator=(const PostQueue&) = delete;

    void Add(std::string body);
    // Waits as the destructor does; what is added later is lost.
    void End();

    struct Counts {
        uint64_t delivered = 0;
        uint64_t lost = 0;
        std::string trouble;  // why the last one was lost
    };
    Counts Told() const;

private:
    void Work();
    // False: it was lost, and the server takes none for now.
    bool Deliver(std::string body);
    // False: what is left was given up before the pause was over.
    bool Pause(std::chrono::milliseconds pause);
    void Lose(const std::string& why);

    const HttpPost to_;
    const PostQueueLimits limits_;
    const CancelToken cancel_;  // of the message under way, when all is given up
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    size_t waiting_bytes_ = 0;
    bool is_ending_ = false;
    bool is_given_up_ = false;
    bool has_ended_ = false;
    Counts counts_;
    std::thread thread_;  // from the first body on
};

}  // namespace tarn::net
