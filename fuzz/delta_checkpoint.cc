// Rows of a checkpoint from anyone: Arrow batches of columns that may be missing, of another type
// or NULL, made out of the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/arrow_append.h"
#include "delta/log_path.h"
#include "delta/log_state.h"
#include "delta/table_shape.h"
#include "only_refusals.h"
#include "storage/forwarding_store.h"
#include "storage/memory_store.h"
#include "table/rows.h"

namespace {

using tarn::delta::CheckArrow;

constexpr int kRows = 3;

class Bytes {
public:
    Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
    uint8_t Next() {
        if (size_ == 0) return 0;
        --size_;
        return *data_++;
    }
    std::string Text() {
        std::string text;
        for (size_t length = Next() % 12; length > 0; --length) {
            text += static_cast<char>(Next());
        }
        return text;
    }

private:
    const uint8_t* data_;
    size_t size_;
};

struct Column {
    const char* name;
    std::vector<const char*> children;
};

const Column kColumns[] = {
    {"protocol", {"minReaderVersion", "minWriterVersion", "readerFeatures", "writerFeatures"}},
    {"metaData", {"id", "name", "format", "schemaString", "partitionColumns", "configuration"}},
    {"add",
     {"path", "partitionValues", "size", "modificationTime", "dataChange", "stats", "stats_parsed",
      "deletionVector", "baseRowId", "tags"}},
    {"remove", {"path", "deletionTimestamp", "dataChange", "size", "deletionVector"}},
    {"txn", {"appId", "version", "lastUpdated"}},
    {"domainMetadata", {"domain", "configuration", "removed"}},
    {"sidecar", {"path", "sizeInBytes"}},
};

void SetType(ArrowSchema* schema, const char* name, Bytes& bytes) {
    switch (bytes.Next() % 8) {
        case 0:
            return tarn::delta::SetPrimitive(schema, name, NANOARROW_TYPE_INT64);
        case 1:
            return tarn::delta::SetPrimitive(schema, name, NANOARROW_TYPE_INT32);
        case 2:
            return tarn::delta::SetPrimitive(schema, name, NANOARROW_TYPE_BOOL);
        case 3:
            return tarn::delta::SetPrimitive(schema, name, NANOARROW_TYPE_DOUBLE);
        case 4:
            return tarn::delta::SetTextMap(schema, name);
        case 5:
            return tarn::delta::SetTextList(schema, name);
        default:
            return tarn::delta::SetPrimitive(schema, name, NANOARROW_TYPE_STRING);
    }
}

void Append(const ArrowSchema& schema, ArrowArray* array, Bytes& bytes) {
    ArrowSchemaView view;
    CheckArrow(ArrowSchemaViewInit(&view, &schema, nullptr));
    if (bytes.Next() % 5 == 0) return CheckArrow(ArrowArrayAppendNull(array, 1));
    switch (view.type) {
        case NANOARROW_TYPE_STRING: {
            const std::string text = bytes.Text();
            return CheckArrow(
                ArrowArrayAppendString(array, {text.data(), static_cast<int64_t>(text.size())}));
        }
        case NANOARROW_TYPE_DOUBLE:
            return CheckArrow(ArrowArrayAppendDouble(array, bytes.Next()));
        case NANOARROW_TYPE_BOOL:
            return CheckArrow(ArrowArrayAppendInt(array, bytes.Next() % 2));
        case NANOARROW_TYPE_MAP:
            return tarn::delta::ArrowColumn(array).TextMap(
                std::map<std::string, std::string>{{bytes.Text(), bytes.Text()}});
        case NANOARROW_TYPE_LIST:
            return tarn::delta::ArrowColumn(array).TextList({bytes.Text()});
        case NANOARROW_TYPE_STRUCT:
            for (int64_t i = 0; i < schema.n_children; ++i) {
                Append(*schema.children[i], array->children[i], bytes);
            }
            return CheckArrow(ArrowArrayFinishElement(array));
        default:
            return CheckArrow(ArrowArrayAppendInt(array, static_cast<int8_t>(bytes.Next())));
    }
}

class FuzzRows {
public:
    explicit FuzzRows(Bytes& bytes) : bytes_(bytes) {
        std::vector<const Column*> present;
        const uint8_t mask = static_cast<uint8_t>(~bytes_.Next());
        for (size_t i = 0; i < std::size(kColumns); ++i) {
            if ((mask >> i) & 1) present.push_back(&kColumns[i]);
        }
        ArrowSchemaInit(&schema_);
        tarn::delta::SetStruct(&schema_, "", static_cast<int64_t>(present.size()));
        for (size_t i = 0; i < present.size(); ++i) {
            ArrowSchema* column = schema_.children[i];
            const auto& children = present[i]->children;
            tarn::delta::SetStruct(column, present[i]->name, static_cast<int64_t>(children.size()));
            for (size_t j = 0; j < children.size(); ++j) {
                SetType(column->children[j], children[j], bytes_);
            }
        }
    }
    ~FuzzRows() { ArrowSchemaRelease(&schema_); }

    FuzzRows(const FuzzRows&) = delete;
    FuzzRows& operator=(const FuzzRows&) = delete;

    void ForBatch(const tarn::table::ParquetFiles::TakeBatch& take) {
        ArrowArray batch;
        CheckArrow(ArrowArrayInitFromSchema(&batch, &schema_, nullptr));
        const std::unique_ptr<ArrowArray, void (*)(ArrowArray*)> own_batch(
            &batch, [](ArrowArray* owned) { owned->release(owned); });
        CheckArrow(ArrowArrayStartAppending(&batch));
        for (int row = 0; row < kRows; ++row) {
            for (int64_t i = 0; i < schema_.n_children; ++i) {
                Append(*schema_.children[i], batch.children[i], bytes_);
            }
            CheckArrow(ArrowArrayFinishElement(&batch));
        }
        CheckArrow(ArrowArrayFinishBuildingDefault(&batch, nullptr));
        take(schema_, batch);
    }

private:
    Bytes& bytes_;
    ArrowSchema schema_{};
};

class FuzzParquet final : public tarn::table::ParquetFiles {
public:
    explicit FuzzParquet(Bytes bytes) : bytes_(bytes) {}
    void Scan(const std::string&, const tarn::table::ParquetReadOptions&,
              const TakeBatch& take) override {
        FuzzRows rows(bytes_);
        rows.ForBatch(take);
    }
    uint64_t Write(const std::string&, tarn::table::RowSource&) override { std::abort(); }

private:
    Bytes bytes_;
};

// Whatever a sidecar is called, it is there: its rows are what is under test.
class EverySidecar final : public tarn::storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    std::optional<tarn::storage::ObjectInfo> Stat(const std::string& location) override {
        tarn::storage::ObjectInfo info;
        info.location = location;
        info.size_bytes = 1;
        return info;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    tarn::ManualClock clock{tarn::TimestampUs(std::chrono::seconds(1))};
    tarn::storage::MemoryStore memory(clock);
    EverySidecar store(memory);
    const std::string root = "mem://t";
    store.Put(tarn::delta::ClassicCheckpointLocation(root, {1}), "placeholder");
    FuzzParquet parquet(Bytes(data, size));
    OnlyRefusals([&] {
        const auto read = tarn::delta::ReadVersionOf(store, parquet, root, std::nullopt);
        const auto shape =
            tarn::delta::TableShape::Of(root, *read.state.protocol, *read.state.metadata);
        read.state.files.ForEach([&](const tarn::delta::FileView& file) {
            (void)tarn::delta::MakeDataFile(
                shape, file, tarn::delta::PartitionValuesOf(shape, *file.partition_values));
        });
    });
    return 0;
}
