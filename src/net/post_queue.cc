#include "net/post_queue.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tarn::net {

PostQueue::PostQueue(HttpPost to, const PostQueueLimits& limits)
    : to_(std::move(to)), limits_(limits) {}

PostQueue::~PostQueue() { End(); }

void PostQueue::Add(std::string body) {
    const std::lock_guard lock(mutex_);
    if (is_ending_ || waiting_.size() >= limits_.bodies ||
        waiting_bytes_ + body.size() > limits_.bytes) {
        return Lose(fmt::format("more than {} wait", limits_.bodies));
    }
    waiting_bytes_ += body.size();
    waiting_.push_back(std::move(body));
    if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
    changed_.notify_all();
}

void PostQueue::End() {
    {
        std::unique_lock lock(mutex_);
        if (is_ending_) return;
        is_ending_ = true;
        changed_.notify_all();
        if (!thread_.joinable()) return;
        changed_.wait_for(lock, limits_.longest_end, [this] { return has_ended_; });
        is_given_up_ = true;
        changed_.notify_all();
    }
    cancel_.Cancel();
    thread_.join();
}

PostQueue::Counts PostQueue::Told() const {
    const std::lock_guard lock(mutex_);
    Counts counts = counts_;
    counts.lost += waiting_.size();
    return counts;
}

void PostQueue::Lose(const std::string& why) {
    ++counts_.lost;
    counts_.trouble = why;
}

bool PostQueue::Pause(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, pause, [this] { return is_given_up_; });
}

void PostQueue::Work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
        if (waiting_.empty()) break;
        const std::string body = waiting_.front();
        lock.unlock();
        const bool is_reached = Deliver(body);
        lock.lock();
        waiting_bytes_ -= body.size();
        waiting_.pop_front();
        // At the end one that cannot be reached is not asked for each of the others.
        if (!is_reached && is_ending_) break;
    }
    has_ended_ = true;
    changed_.notify_all();
}

bool PostQueue::Deliver(std::string body) {
    HttpPost post = to_;
    post.body = std::move(body);
    post.most_bytes = limits_.body_bytes;
    std::chrono::milliseconds pause = limits_.first_pause;
    for (int attempt = 1;; ++attempt) {
        std::string why;
        bool may_help_later = false;
        try {
            Post(post, cancel_);
            const std::lock_guard lock(mutex_);
            ++counts_.delivered;
            return true;
        } catch (const Error& error) {
            why = error.message();
            may_help_later = TraitsOf(error.kind()).retryable;
        }
        if (!may_help_later || attempt >= limits_.attempts || !Pause(pause)) {
            const std::lock_guard lock(mutex_);
            Lose(why);
            return !may_help_later;
        }
        pause = std::min(pause * 2, limits_.longest_pause);
    }
}

}  // namespace tarn::net
