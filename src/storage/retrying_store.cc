#include "storage/retrying_store.h"

#include <algorithm>

#include "base/error.h"

namespace tarn::storage {

template <typename Call>
auto RetryingStore::Retry(Call call) {
    DurationUs pause = options_.first_pause;
    for (int attempt = 1;; ++attempt) {
        try {
            return call();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kUnavailable || attempt >= options_.max_attempts) throw;
        }
        // Half of the pause is fixed, half is chance: callers that failed together do not return
        // together.
        const auto half = static_cast<uint64_t>(pause.count() / 2);
        clock_.Sleep(DurationUs(static_cast<int64_t>(half + random_.Below(half + 1))));
        pause = std::min(pause * 2, options_.longest_pause);
    }
}

class RetryingStore::Reader final : public ObjectReader {
public:
    Reader(std::unique_ptr<ObjectReader> inner, RetryingStore& store)
        : inner_(std::move(inner)), store_(store) {}
    const ObjectInfo& Info() const override { return inner_->Info(); }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        store_.Retry([&] { inner_->ReadAt(offset, buffer, size_bytes); });
    }

private:
    std::unique_ptr<ObjectReader> inner_;
    RetryingStore& store_;
};

std::optional<ObjectInfo> RetryingStore::Stat(const std::string& location) {
    return Retry([&] { return Inner().Stat(location); });
}

std::string RetryingStore::Get(const std::string& location, uint64_t max_bytes) {
    return Retry([&] { return Inner().Get(location, max_bytes); });
}

std::unique_ptr<ObjectReader> RetryingStore::OpenReader(const std::string& location) {
    return std::make_unique<Reader>(Retry([&] { return Inner().OpenReader(location); }), *this);
}

std::vector<ObjectInfo> RetryingStore::List(const std::string& folder, const ListOptions& options) {
    return Retry([&] { return Inner().List(folder, options); });
}

PutOutcome RetryingStore::Put(const std::string& location, std::string_view bytes) {
    return Retry([&] { return Inner().Put(location, bytes); });
}

void RetryingStore::Delete(const std::string& location) {
    Retry([&] { Inner().Delete(location); });
}

}  // namespace tarn::storage
