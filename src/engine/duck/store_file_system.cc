#include "engine/duck/store_file_system.h"

#include <algorithm>

#include "duckdb/common/file_opener.hpp"
#include "duckdb/main/client_context.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kMarker = "tarn_read";

std::shared_ptr<Meter> MeterOf(duckdb::optional_ptr<duckdb::FileOpener> opener) {
    auto context = duckdb::FileOpener::TryGetClientContext(opener);
    if (!context) return nullptr;
    ClientState* state = ClientState::TryOf(*context);
    return state == nullptr ? nullptr : state->meter;
}

class ReadHandle final : public duckdb::FileHandle {
public:
    ReadHandle(duckdb::FileSystem& files, std::string file_path, duckdb::FileOpenFlags open_flags,
               std::unique_ptr<storage::ObjectReader> reader, std::shared_ptr<Meter> meter)
        : FileHandle(files, std::move(file_path), open_flags),
          reader_(std::move(reader)),
          meter_(std::move(meter)) {}

    void Close() override {}
    const storage::ObjectInfo& Info() const { return reader_->Info(); }
    // What a file says of its own layout may lie beyond its end.
    void ReadAt(uint64_t offset, void* buffer, uint64_t size_bytes) {
        Guarded([&] {
            const uint64_t end = Info().size_bytes;
            if (offset > end || size_bytes > end - offset) {
                throw Error(ErrorKind::kCorrupt, "{} has {} bytes; {} at {} are beyond its end",
                            Info().location, end, size_bytes, offset);
            }
            reader_->ReadAt(offset, static_cast<char*>(buffer), size_bytes);
        });
        if (meter_) meter_->bytes_read.fetch_add(size_bytes, std::memory_order_relaxed);
    }
    uint64_t position = 0;

private:
    std::unique_ptr<storage::ObjectReader> reader_;
    std::shared_ptr<Meter> meter_;
};

// Nothing is visible before Close; a handle that dies without it leaves no object.
class WriteHandle final : public duckdb::FileHandle {
public:
    WriteHandle(duckdb::FileSystem& files, std::string file_path, duckdb::FileOpenFlags open_flags,
                std::unique_ptr<storage::ObjectWriter> writer, std::shared_ptr<Meter> meter)
        : FileHandle(files, std::move(file_path), open_flags),
          writer_(std::move(writer)),
          meter_(std::move(meter)) {}

    void Close() override {
        if (!writer_) return;
        Guarded([&] { writer_->Commit(); });
        size_bytes_ = writer_->BytesWritten();
        writer_.reset();
        if (meter_) {
            meter_->bytes_written.fetch_add(size_bytes_, std::memory_order_relaxed);
            meter_->files_written.fetch_add(1, std::memory_order_relaxed);
        }
    }
    void Append(const void* buffer, uint64_t size_bytes) {
        if (!writer_) throw duckdb::IOException("write to a closed file of a table");
        Guarded([&] { writer_->Write({static_cast<const char*>(buffer), size_bytes}); });
    }
    uint64_t BytesWritten() const { return writer_ ? writer_->BytesWritten() : size_bytes_; }

private:
    std::unique_ptr<storage::ObjectWriter> writer_;
    std::shared_ptr<Meter> meter_;
    uint64_t size_bytes_ = 0;
};

bool IsWriting(const duckdb::FileHandle& handle) { return handle.flags.OpenForWriting(); }

}  // namespace

std::string StoreFileSystem::PathOf(std::string_view location) {
    return std::string(kScheme) + std::string(location);
}

std::string StoreFileSystem::LocationOf(const std::string& path) {
    return path.starts_with(kScheme) ? path.substr(kScheme.size()) : path;
}

std::string StoreFileSystem::HideScheme(std::string text) {
    for (size_t at = text.find(kScheme); at != std::string::npos; at = text.find(kScheme, at)) {
        text.erase(at, kScheme.size());
    }
    return text;
}

duckdb::OpenFileInfo StoreFileSystem::FileToRead(std::string_view location) {
    duckdb::OpenFileInfo info(PathOf(location));
    info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    info.extended_info->options[kMarker] = duckdb::Value::BOOLEAN(true);
    return info;
}

StoreFileSystem::WritePermit::WritePermit(StoreFileSystem& files, std::string location)
    : files_(files), location_(std::move(location)) {
    files_.Permit(location_);
}

StoreFileSystem::WritePermit::~WritePermit() { files_.Revoke(location_); }

void StoreFileSystem::Permit(const std::string& location) {
    const std::lock_guard lock(mutex_);
    permits_.insert(location);
}

void StoreFileSystem::Revoke(const std::string& location) {
    const std::lock_guard lock(mutex_);
    if (auto found = permits_.find(location); found != permits_.end()) permits_.erase(found);
}

bool StoreFileSystem::MayWrite(const std::string& location) {
    const std::lock_guard lock(mutex_);
    return permits_.contains(location);
}

duckdb::unique_ptr<duckdb::FileHandle> StoreFileSystem::OpenFile(
    const std::string& path, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener> opener) {
    return OpenFileExtended(duckdb::OpenFileInfo(path), flags, opener);
}

duckdb::unique_ptr<duckdb::FileHandle> StoreFileSystem::OpenFileExtended(
    const duckdb::OpenFileInfo& file, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener> opener) {
    const std::string location = LocationOf(file.path);
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FileHandle> {
        if (flags.OpenForWriting()) {
            if (!MayWrite(location)) {
                throw Error(ErrorKind::kPermissionDenied,
                            "{} belongs to the engine and is not written by name", location);
            }
            return duckdb::make_uniq<WriteHandle>(*this, file.path, flags,
                                                  store_.OpenWriter(location), MeterOf(opener));
        }
        if (!file.extended_info || file.extended_info->options.count(kMarker) == 0) {
            throw Error(ErrorKind::kPermissionDenied,
                        "{} belongs to the engine and is not read by name", location);
        }
        return duckdb::make_uniq<ReadHandle>(*this, file.path, flags, store_.OpenReader(location),
                                             MeterOf(opener));
    });
}

void StoreFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes,
                           duckdb::idx_t offset) {
    handle.Cast<ReadHandle>().ReadAt(offset, buffer, static_cast<uint64_t>(size_bytes));
}

int64_t StoreFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes) {
    auto& file = handle.Cast<ReadHandle>();
    const uint64_t left = file.Info().size_bytes - std::min(file.position, file.Info().size_bytes);
    const uint64_t size = std::min(left, static_cast<uint64_t>(size_bytes));
    if (size > 0) file.ReadAt(file.position, buffer, size);
    file.position += size;
    return static_cast<int64_t>(size);
}

int64_t StoreFileSystem::Write(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes) {
    handle.Cast<WriteHandle>().Append(buffer, static_cast<uint64_t>(size_bytes));
    return size_bytes;
}

int64_t StoreFileSystem::GetFileSize(duckdb::FileHandle& handle) {
    if (IsWriting(handle)) return static_cast<int64_t>(handle.Cast<WriteHandle>().BytesWritten());
    return static_cast<int64_t>(handle.Cast<ReadHandle>().Info().size_bytes);
}

duckdb::timestamp_t StoreFileSystem::GetLastModifiedTime(duckdb::FileHandle& handle) {
    if (IsWriting(handle)) return duckdb::timestamp_t(0);
    return duckdb::timestamp_t(handle.Cast<ReadHandle>().Info().modified_ms * 1000);
}

std::string StoreFileSystem::GetVersionTag(duckdb::FileHandle& handle) {
    return IsWriting(handle) ? std::string() : handle.Cast<ReadHandle>().Info().etag;
}

duckdb::FileType StoreFileSystem::GetFileType(duckdb::FileHandle&) {
    return duckdb::FileType::FILE_TYPE_REGULAR;
}

// An object is durable once its handle is closed (ObjectWriter::Commit); there is nothing to sync
// before.
void StoreFileSystem::FileSync(duckdb::FileHandle&) {}

void StoreFileSystem::Seek(duckdb::FileHandle& handle, duckdb::idx_t offset) {
    if (IsWriting(handle))
        throw duckdb::NotImplementedException("files of tables are written in order");
    handle.Cast<ReadHandle>().position = offset;
}

duckdb::idx_t StoreFileSystem::SeekPosition(duckdb::FileHandle& handle) {
    if (IsWriting(handle)) return handle.Cast<WriteHandle>().BytesWritten();
    return handle.Cast<ReadHandle>().position;
}

// On a disk the Parquet reader maps and reads on demand; elsewhere it fetches ahead in large
// pieces.
bool StoreFileSystem::OnDiskFile(duckdb::FileHandle& handle) {
    const std::string location = LocationOf(handle.path);
    return location.starts_with('/') || location.starts_with("file://") ||
           location.starts_with("mem://");
}

bool StoreFileSystem::FileExists(const std::string& path,
                                 duckdb::optional_ptr<duckdb::FileOpener>) {
    const std::string location = LocationOf(path);
    if (!MayWrite(location)) return false;
    return Guarded([&] { return store_.Stat(location).has_value(); });
}

duckdb::vector<duckdb::OpenFileInfo> StoreFileSystem::Glob(const std::string&,
                                                           duckdb::FileOpener*) {
    return {};
}

}  // namespace tarn::engine::duck
