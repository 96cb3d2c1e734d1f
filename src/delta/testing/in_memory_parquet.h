// For tests: "Parquet" files whose rows stay in memory; the object in the store names them, so that
// listings, faults and races see the file, and whoever reads an object reads what was put there.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

class InMemoryParquet final : public table::ParquetFiles {
public:
    explicit InMemoryParquet(storage::ObjectStore& store)
        : store_(&store), files_(std::make_shared<Files>()) {}
    // The same files, through another store: another process of the same world.
    InMemoryParquet(storage::ObjectStore& store, const InMemoryParquet& other)
        : store_(&store), files_(other.files_) {}

    // From now on objects go through another store (a faulty one, or the sound one again).
    void UseStore(storage::ObjectStore& store) { store_ = &store; }

    void Scan(const std::string& location, const table::ParquetReadOptions& options,
              const TakeBatch& take) override {
        const std::shared_ptr<const File> file = files_->Find(store_->Get(location));
        if (!file) throw Error(ErrorKind::kCorrupt, "{} is no Parquet file", location);
        int64_t first_row = 0;
        for (const ArrowArray& batch : file->batches) {
            const Numbered numbered(file->schema, batch, first_row, options.with_row_numbers);
            take(numbered.schema, numbered.array);
            first_row += batch.length;
        }
    }

    uint64_t Write(const std::string& location, table::RowSource& rows) override {
        auto file = std::make_shared<File>();
        rows.GetSchema(&file->schema);
        ArrowArray batch{};
        while (rows.Next(&batch)) file->batches.push_back(batch);
        const std::string name = files_->Keep(std::move(file));
        const auto writer = store_->OpenWriter(location);
        writer->Write(name);
        writer->Commit();
        return name.size();
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

    // Every file that was ever written, by what its object says.
    class Files {
    public:
        std::string Keep(std::shared_ptr<const File> file) {
            const std::lock_guard lock(mutex_);
            const std::string name = fmt::format("file {:06}", files_.size());
            files_[name] = std::move(file);
            return name;
        }
        std::shared_ptr<const File> Find(const std::string& name) {
            const std::lock_guard lock(mutex_);
            const auto found = files_.find(name);
            return found == files_.end() ? nullptr : found->second;
        }

    private:
        std::mutex mutex_;
        std::map<std::string, std::shared_ptr<const File>> files_;
    };

    // A batch with the positions of its rows behind its columns; borrows both.
    struct Numbered {
        Numbered(const ArrowSchema& of, const ArrowArray& batch, int64_t first_row, bool with_rows)
            : schema(of), array(batch) {
            if (!with_rows) return;
            positions.resize(static_cast<size_t>(batch.length));
            std::iota(positions.begin(), positions.end(), first_row);
            column.length = batch.length;
            column.n_buffers = 2;
            column.buffers = buffers;
            buffers[1] = positions.data();
            column.release = [](ArrowArray*) {};
            column_schema.release = [](ArrowSchema*) {};
            column_schema.format = "l";
            column_schema.name = table::kRowNumberColumn;
            children.assign(batch.children, batch.children + batch.n_children);
            schemas.assign(of.children, of.children + of.n_children);
            children.push_back(&column);
            schemas.push_back(&column_schema);
            array.children = children.data();
            schema.children = schemas.data();
            array.n_children = schema.n_children = static_cast<int64_t>(children.size());
        }
        Numbered(const Numbered&) = delete;
        Numbered& operator=(const Numbered&) = delete;

        ArrowSchema schema;
        ArrowArray array;
        std::vector<int64_t> positions;
        const void* buffers[2] = {nullptr, nullptr};
        ArrowArray column{};
        ArrowSchema column_schema{};
        std::vector<ArrowArray*> children;
        std::vector<ArrowSchema*> schemas;
    };

    storage::ObjectStore* store_;
    std::shared_ptr<Files> files_;
};

// Fails every write: checkpoints never happen.
class NoParquet final : public table::ParquetFiles {
public:
    void Scan(const std::string& location, const table::ParquetReadOptions&,
              const TakeBatch&) override {
        throw Error(ErrorKind::kNotFound, "there is no {}", location);
    }
    uint64_t Write(const std::string& location, table::RowSource&) override {
        throw Error(ErrorKind::kUnavailable, "{} cannot be written", location);
    }
};

}  // namespace tarn::delta
