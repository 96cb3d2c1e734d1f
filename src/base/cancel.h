// A request to stop, shared between who asks and who works. Workers poll; thread-safe.
#pragma once

#include <atomic>
#include <memory>

namespace tarn {

class CancelToken {
public:
    CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
    void Cancel() const { flag_->store(true, std::memory_order_relaxed); }
    bool IsCancelled() const { return flag_->load(std::memory_order_relaxed); }
    // Throws Cancelled once Cancel was called.
    void ThrowIfCancelled() const;

private:
    std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace tarn
