// DuckDB's file system for the files of tables: every byte goes through storage::ObjectStore and is
// metered.
//
// Paths are "tarn://" + location. Nobody but our own code can use them: reading needs the marker
// that FileToRead sets, writing a permit (WritePermit) for that very location, so that SQL text
// such as read_parquet('tarn:///etc/x') is refused. Thread-safe.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "duckdb/common/file_system.hpp"
#include "duckdb/common/open_file_info.hpp"
#include "storage/object_store.h"

namespace tarn::engine::duck {

class StoreFileSystem final : public duckdb::FileSystem {
public:
    static constexpr std::string_view kScheme = "tarn://";

    explicit StoreFileSystem(storage::ObjectStore& store) : store_(store) {}

    static std::string PathOf(std::string_view location);
    static std::string LocationOf(const std::string& path);
    // The text with the private scheme taken out of it: for messages.
    static std::string HideScheme(std::string text);
    // An object to read.
    static duckdb::OpenFileInfo FileToRead(std::string_view location);

    // Allows one location to be written while it lives.
    class WritePermit {
    public:
        WritePermit(StoreFileSystem& files, std::string location);
        ~WritePermit();
        WritePermit(const WritePermit&) = delete;
        WritePermit& operator=(const WritePermit&) = delete;

    private:
        StoreFileSystem& files_;
        std::string location_;
    };

    duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
        const std::string& path, duckdb::FileOpenFlags flags,
        duckdb::optional_ptr<duckdb::FileOpener> opener) override;
    void Read(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes,
              duckdb::idx_t offset) override;
    int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes) override;
    int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t size_bytes) override;
    int64_t GetFileSize(duckdb::FileHandle& handle) override;
    duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override;
    std::string GetVersionTag(duckdb::FileHandle& handle) override;
    duckdb::FileType GetFileType(duckdb::FileHandle& handle) override;
    void FileSync(duckdb::FileHandle& handle) override;
    void Seek(duckdb::FileHandle& handle, duckdb::idx_t offset) override;
    duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override;
    bool CanSeek() override { return true; }
    bool OnDiskFile(duckdb::FileHandle& handle) override;
    bool FileExists(const std::string& path,
                    duckdb::optional_ptr<duckdb::FileOpener> opener) override;
    duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path,
                                              duckdb::FileOpener* opener) override;
    bool CanHandleFile(const std::string& path) override { return path.starts_with(kScheme); }
    std::string CanonicalizePath(const std::string& path,
                                 duckdb::optional_ptr<duckdb::FileOpener>) override {
        return path;
    }
    std::string GetName() const override { return "TarnStore"; }

protected:
    duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(
        const duckdb::OpenFileInfo& file, duckdb::FileOpenFlags flags,
        duckdb::optional_ptr<duckdb::FileOpener> opener) override;
    bool SupportsOpenFileExtended() const override { return true; }

private:
    void Permit(const std::string& location);
    void Revoke(const std::string& location);
    bool MayWrite(const std::string& location);

    storage::ObjectStore& store_;
    std::mutex mutex_;
    std::multiset<std::string> permits_;
};

}  // namespace tarn::engine::duck
