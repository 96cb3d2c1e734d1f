// A store whose calls fail from the n-th on: once with EIO, or every change with ENOSPC until it is
// given room again; or the n-th works, and its user is told to stop meanwhile. What a writer has
// written so far vanishes. For tests only; not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/forwarding_store.h"

namespace tarn::durability {

enum class Failure { kNone, kIo, kDiskFull, kCancel };

class FailingStore final : public storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    // From now on; calls count from 1.
    void Fail(Failure failure, uint64_t at_call) {
        failure_ = failure;
        at_call_ = at_call;
        calls_ = 0;
        has_failed_ = false;
    }
    void OnCancel(std::function<void()> cancel) { cancel_ = std::move(cancel); }
    bool HasFailed() const { return has_failed_; }

    std::optional<storage::ObjectInfo> Stat(const std::string& location) override {
        Pass(false);
        return Inner().Stat(location);
    }
    std::string Get(const std::string& location, uint64_t max_bytes) override {
        Pass(false);
        return Inner().Get(location, max_bytes);
    }
    std::unique_ptr<storage::ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<storage::ObjectInfo> List(const std::string& folder,
                                          const storage::ListOptions& options) override {
        Pass(false);
        return Inner().List(folder, options);
    }
    storage::PutOutcome Put(const std::string& location, std::string_view bytes) override {
        Pass(true);
        return Inner().Put(location, bytes);
    }
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        Pass(true);
        return Inner().PutIfAbsent(location, bytes);
    }
    storage::PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) override {
        Pass(true);
        return Inner().PutIfMatch(location, bytes, etag);
    }
    void Delete(const std::string& location) override {
        Pass(true);
        Inner().Delete(location);
    }

private:
    class Reader;
    class Writer;

    // Throws when it is this call's turn to fail.
    void Pass(bool is_change);

    Failure failure_ = Failure::kNone;
    uint64_t at_call_ = 0;
    uint64_t calls_ = 0;
    bool has_failed_ = false;
    std::function<void()> cancel_;
};

}  // namespace tarn::durability
