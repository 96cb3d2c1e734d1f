#include "storage/metering_store.h"

namespace tarn::storage {

class MeteringStore::Reader final : public ObjectReader {
public:
    Reader(std::unique_ptr<ObjectReader> inner, Meters& meters)
        : inner_(std::move(inner)), meters_(meters) {}
    const ObjectInfo& Info() const override { return inner_->Info(); }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        ++meters_.reads;
        inner_->ReadAt(offset, buffer, size_bytes);
        meters_.bytes_read += size_bytes;
    }

private:
    std::unique_ptr<ObjectReader> inner_;
    Meters& meters_;
};

class MeteringStore::Writer final : public ObjectWriter {
public:
    Writer(std::unique_ptr<ObjectWriter> inner, Meters& meters)
        : inner_(std::move(inner)), meters_(meters) {}
    void Write(std::string_view bytes) override {
        inner_->Write(bytes);
        meters_.bytes_written += bytes.size();
    }
    uint64_t BytesWritten() const override { return inner_->BytesWritten(); }
    void Commit() override {
        ++meters_.puts;
        inner_->Commit();
    }
    void Abort() override { inner_->Abort(); }

private:
    std::unique_ptr<ObjectWriter> inner_;
    Meters& meters_;
};

StoreCounts MeteringStore::Counts() const {
    return {meters_.stats, meters_.gets,    meters_.opens,      meters_.reads,        meters_.lists,
            meters_.puts,  meters_.deletes, meters_.bytes_read, meters_.bytes_written};
}

std::optional<ObjectInfo> MeteringStore::Stat(const std::string& location) {
    ++meters_.stats;
    return Inner().Stat(location);
}

std::string MeteringStore::Get(const std::string& location, uint64_t max_bytes) {
    ++meters_.gets;
    std::string bytes = Inner().Get(location, max_bytes);
    meters_.bytes_read += bytes.size();
    return bytes;
}

std::unique_ptr<ObjectReader> MeteringStore::OpenReader(const std::string& location) {
    ++meters_.opens;
    return std::make_unique<Reader>(Inner().OpenReader(location), meters_);
}

std::unique_ptr<ObjectWriter> MeteringStore::OpenWriter(const std::string& location) {
    return std::make_unique<Writer>(Inner().OpenWriter(location), meters_);
}

std::vector<ObjectInfo> MeteringStore::List(const std::string& folder, const ListOptions& options) {
    ++meters_.lists;
    return Inner().List(folder, options);
}

PutOutcome MeteringStore::Put(const std::string& location, std::string_view bytes) {
    ++meters_.puts;
    meters_.bytes_written += bytes.size();
    return Inner().Put(location, bytes);
}

PutOutcome MeteringStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    ++meters_.puts;
    meters_.bytes_written += bytes.size();
    return Inner().PutIfAbsent(location, bytes);
}

PutOutcome MeteringStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                     const std::string& etag) {
    ++meters_.puts;
    meters_.bytes_written += bytes.size();
    return Inner().PutIfMatch(location, bytes, etag);
}

void MeteringStore::Delete(const std::string& location) {
    ++meters_.deletes;
    Inner().Delete(location);
}

}  // namespace tarn::storage
