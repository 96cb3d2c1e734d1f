// For tests: "Parquet" files whose rows stay in memory; the object store gets a placeholder of the
// name, so that listings, faults and races see them. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

class InMemoryParquet final : public table::ParquetFiles {
public:
    explicit InMemoryParquet(storage::ObjectStore& store) : store_(&store) {}

    // From now on placeholders go through another store (a faulty one, or the sound one again).
    void UseStore(storage::ObjectStore& store) { store_ = &store; }

    std::unique_ptr<table::RowSource> Read(const std::string& location,
                                           const table::ParquetReadOptions&) override {
        store_->OpenReader(location);
        const std::lock_guard lock(mutex_);
        return std::make_unique<Source>(files_.at(location));
    }

    uint64_t Write(const std::string& location, table::RowSource& rows) override {
        auto file = std::make_shared<File>();
        rows.GetSchema(&file->schema);
        ArrowArray batch{};
        while (rows.Next(&batch)) file->batches.push_back(batch);
        {
            const std::lock_guard lock(mutex_);
            files_[location] = std::move(file);
        }
        store_->Put(location, "placeholder");
        return 11;
    }

private:
    struct File {
        ArrowSchema schema{};
        std::vector<ArrowArray> batches;
        ~File() {
            if (schema.release != nullptr) schema.release(&schema);
            for (ArrowArray& batch : batches) batch.release(&batch);
        }
    };

    class Source final : public table::RowSource {
    public:
        explicit Source(std::shared_ptr<File> file) : file_(std::move(file)) {}
        void GetSchema(ArrowSchema* out) override {
            if (ArrowSchemaDeepCopy(&file_->schema, out) != NANOARROW_OK) {
                throw Error(ErrorKind::kInternal, "no copy of the schema");
            }
        }
        bool Next(ArrowArray* out) override {
            if (next_ == file_->batches.size()) {
                out->release = nullptr;
                return false;
            }
            // Borrowed: the file keeps the buffers as long as this source lives.
            *out = file_->batches[next_++];
            out->private_data = nullptr;
            out->release = [](ArrowArray* array) { array->release = nullptr; };
            return true;
        }

    private:
        std::shared_ptr<File> file_;
        size_t next_ = 0;
    };

    storage::ObjectStore* store_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<File>> files_;
};

// Fails every write: checkpoints never happen.
class NoParquet final : public table::ParquetFiles {
public:
    std::unique_ptr<table::RowSource> Read(const std::string& location,
                                           const table::ParquetReadOptions&) override {
        throw Error(ErrorKind::kNotFound, "there is no {}", location);
    }
    uint64_t Write(const std::string& location, table::RowSource&) override {
        throw Error(ErrorKind::kUnavailable, "{} cannot be written", location);
    }
};

}  // namespace tarn::delta
