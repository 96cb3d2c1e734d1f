// Where bytes of tables lie. Every byte of a table, Parquet too, passes through this port, so that
// faults, fsync and metering hold in one place.
//
// Contract (what every implementation owes, and test/… object_store_contract checks):
// - A location is a whole one: "/abs/path" or "file:///abs/path" (local), "mem://name/path",
// "s3://bucket/key".
//   Bytes of a location are taken as they are: no percent-decoding happens here.
// - An object is written whole or not at all; after Put, PutIfAbsent, PutIfMatch or Writer::Commit
// answer
//   kDone, the object and its name survive a crash of the machine (local: fsync of file and
//   folder).
// - PutIfAbsent has exactly one winner among any number of racing callers, on any number of
// processes.
// - Reads after a finished write see it; List is consistent with Stat (S3 since 2020, local,
// memory).
// - Must never know what the bytes mean, and never retry a commit: kUnknown is for the caller to
// resolve. Failures: NotFound, AlreadyExists only where said, Unavailable (try again),
// PermissionDenied, LimitExceeded (disk full), InvalidInput (a location of another store),
// Unsupported (of a scheme that no store takes), Corrupt never. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::storage {

struct ObjectInfo {
    std::string location;
    uint64_t size_bytes = 0;
    int64_t modified_ms = 0;  // Unix time, as the store gives it
    std::string etag;         // changes whenever the content does
};

enum class PutOutcome {
    kDone,
    kExists,   // PutIfAbsent: an object of that name is there; nothing was changed
    kStale,    // PutIfMatch: the object has another etag or is gone; nothing was changed
    kUnknown,  // the answer was lost: the write may or may not have happened; read back
};

// Random access to one open object. Thread-safe: concurrent ReadAt calls are fine.
class ObjectReader {
public:
    virtual ~ObjectReader() = default;
    virtual const ObjectInfo& Info() const = 0;
    // Fills `buffer` wholly from byte `offset`, or throws (Unavailable, InvalidInput beyond the
    // end).
    virtual void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) = 0;
};

// One object being written in order. Nothing is visible before Commit; the destructor aborts.
class ObjectWriter {
public:
    virtual ~ObjectWriter() = default;
    virtual void Write(std::string_view bytes) = 0;
    virtual uint64_t BytesWritten() const = 0;
    // Makes the object durable and visible (replacing an older one of that name).
    virtual void Commit() = 0;
    virtual void Abort() = 0;
};

struct ListOptions {
    // Only names strictly greater than this location (bytewise); empty: from the first.
    std::string start_after;
    // false: objects directly in the folder; true: at any depth below.
    bool recursive = false;
    // At most this many in one answer; the store may give fewer only at the end.
    size_t limit = 1000;
};

class ObjectStore {
public:
    static constexpr uint64_t kMaxGetBytes = 1ULL << 30;

    virtual ~ObjectStore() = default;

    virtual std::optional<ObjectInfo> Stat(const std::string& location) = 0;
    // The whole object. NotFound; LimitExceeded when it is larger than `max_bytes`.
    virtual std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) = 0;
    virtual std::unique_ptr<ObjectReader> OpenReader(const std::string& location) = 0;
    virtual std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) = 0;

    // Objects (never folders) whose location starts with `folder` + "/", in bytewise order of
    // location. A folder that does not exist is empty. Continue with start_after = the last
    // location.
    virtual std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) = 0;

    virtual PutOutcome Put(const std::string& location, std::string_view bytes) = 0;
    virtual PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) = 0;
    virtual PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                                  const std::string& etag) = 0;
    // Makes sure that an object that is visible by now also outlives a crash, where a put of it
    // ended as kUnknown; where visible objects are durable there is nothing to do. Unavailable: it
    // may be gone after a crash.
    virtual void Persist(const std::string& location) = 0;
    // Deleting what is not there is fine.
    virtual void Delete(const std::string& location) = 0;

    // Does this store take such a location (by its scheme).
    virtual bool Handles(std::string_view location) const = 0;
};

// The parent folder plus "/" plus name; neither may be empty.
std::string JoinLocation(std::string_view folder, std::string_view name);
// What stands after the last "/".
std::string_view LastName(std::string_view location);

}  // namespace tarn::storage
