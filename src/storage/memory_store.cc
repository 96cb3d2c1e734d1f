#include "storage/memory_store.h"

#include <cstring>

#include "base/check.h"
#include "base/error.h"

namespace tarn::storage {

namespace {
constexpr std::string_view kScheme = "mem://";
}  // namespace

class MemoryStore::Reader final : public ObjectReader {
public:
    explicit Reader(Object object) : object_(std::move(object)) {}
    const ObjectInfo& Info() const override { return object_.info; }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        const uint64_t size = object_.bytes->size();
        if (offset > size || size_bytes > size - offset) {
            throw Error(ErrorKind::kInvalidInput,
                        "bytes {} to {} lie beyond the end of {} ({} bytes)", offset,
                        offset + size_bytes, object_.info.location, size);
        }
        std::memcpy(buffer, object_.bytes->data() + offset, size_bytes);
    }

private:
    Object object_;
};

class MemoryStore::Writer final : public ObjectWriter {
public:
    Writer(MemoryStore& store, std::string location)
        : store_(store), location_(std::move(location)) {}
    void Write(std::string_view bytes) override {
        Check(!finished_, "a finished ObjectWriter takes no bytes");
        bytes_.append(bytes);
    }
    uint64_t BytesWritten() const override { return bytes_.size(); }
    void Commit() override {
        Check(!finished_, "an ObjectWriter commits once");
        finished_ = true;
        const std::lock_guard lock(store_.mutex_);
        store_.Place(location_, bytes_);
    }
    void Abort() override { finished_ = true; }

private:
    MemoryStore& store_;
    std::string location_;
    std::string bytes_;
    bool finished_ = false;
};

bool MemoryStore::Handles(std::string_view location) const {
    return location.substr(0, kScheme.size()) == kScheme;
}

void MemoryStore::CheckLocation(std::string_view location) const {
    if (!Handles(location)) {
        throw Error(ErrorKind::kInvalidInput, "'{}' is no memory location; write mem://name/path",
                    location);
    }
}

MemoryStore::Object MemoryStore::Find(const std::string& location) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(location);
    if (found == objects_.end())
        throw Error(ErrorKind::kNotFound, "there is no object {}", location);
    return found->second;
}

void MemoryStore::Place(const std::string& location, std::string bytes) {
    Object& object = objects_[location];
    object.info = {location, bytes.size(), ToUnixMs(clock_.Now()), fmt::format("{}", ++writes_)};
    object.bytes = std::make_shared<const std::string>(std::move(bytes));
}

std::optional<ObjectInfo> MemoryStore::Stat(const std::string& location) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(location);
    if (found == objects_.end()) return std::nullopt;
    return found->second.info;
}

std::string MemoryStore::Get(const std::string& location, uint64_t max_bytes) {
    const Object object = Find(location);
    if (object.bytes->size() > max_bytes) {
        throw Error(ErrorKind::kLimitExceeded,
                    "{} has {} bytes, more than the {} that are read at once", location,
                    object.bytes->size(), max_bytes);
    }
    return *object.bytes;
}

std::unique_ptr<ObjectReader> MemoryStore::OpenReader(const std::string& location) {
    return std::make_unique<Reader>(Find(location));
}

std::unique_ptr<ObjectWriter> MemoryStore::OpenWriter(const std::string& location) {
    CheckLocation(location);
    return std::make_unique<Writer>(*this, location);
}

std::vector<ObjectInfo> MemoryStore::List(const std::string& folder, const ListOptions& options) {
    CheckLocation(folder);
    std::string prefix = folder;
    if (prefix.back() != '/') prefix += '/';
    std::vector<ObjectInfo> found;
    const std::lock_guard lock(mutex_);
    auto at = options.start_after > prefix ? objects_.upper_bound(options.start_after)
                                           : objects_.lower_bound(prefix);
    for (; at != objects_.end() && found.size() < options.limit; ++at) {
        if (!at->first.starts_with(prefix)) break;
        if (!options.recursive && at->first.find('/', prefix.size()) != std::string::npos) continue;
        found.push_back(at->second.info);
    }
    return found;
}

PutOutcome MemoryStore::Put(const std::string& location, std::string_view bytes) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    Place(location, std::string(bytes));
    return PutOutcome::kDone;
}

PutOutcome MemoryStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    if (objects_.contains(location)) return PutOutcome::kExists;
    Place(location, std::string(bytes));
    return PutOutcome::kDone;
}

PutOutcome MemoryStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(location);
    if (found == objects_.end() || found->second.info.etag != etag) return PutOutcome::kStale;
    Place(location, std::string(bytes));
    return PutOutcome::kDone;
}

void MemoryStore::Delete(const std::string& location) {
    CheckLocation(location);
    const std::lock_guard lock(mutex_);
    objects_.erase(location);
}

}  // namespace tarn::storage
