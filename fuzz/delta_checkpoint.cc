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
#include "delta/snapshot.h"
#include "only_refusals.h"
#include "storage/forwarding_store.h"
#include "storage/memory_store.h"
#include "table/rows.h"

namespace {

using tarn::delta::CheckArrow;

constexpr int kRows = 3;

// What chance does not find.
constexpr std::string_view kTexts[] = {
    R"({"type":"struct","fields":[]})",
    R"({"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}},)"
    R"({"name":"s","type":"string","nullable":true,"metadata":{}}]})",
    R"({"type":"struct","fields":[{"name":"a","type":"double","nullable":true,"metadata":)"
    R"({"delta.typeChanges":[{"fromType":"float","toType":"double"}]}},)"
    R"({"name":"s","type":"date","nullable":true,"metadata":{}}]})",
    R"j({"type":"struct","fields":[{"name":"a","type":{"type":"struct","fields":)j"
    R"j([{"name":"s","type":"decimal(38,2)","nullable":true,"metadata":{}}]},"nullable":true,)j"
    R"j("metadata":{"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"s"}}]})j",
    R"({"numRecords":3,"minValues":{"a":-1,"s":"b"},"maxValues":{"a":7,"s":"c"},)"
    R"("nullCount":{"a":0,"s":1}})",
    "a",
    "s",
    "x.parquet",
    "u",
    "i",
    "p",
    "ab^-aqEH.-t@S}K{vb[*k^",
    "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
    "delta.columnMapping.mode",
    "name",
    "columnMapping",
    "typeWidening",
    "deletionVectors",
    "2013-01-01 12:00:00",
};

class Bytes {
public:
    Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
    uint8_t Next() {
        if (size_ == 0) return 0;
        --size_;
        return *data_++;
    }
    std::string Text() {
        const uint8_t first = Next();
        if (first >= 128) return std::string(kTexts[first % std::size(kTexts)]);
        std::string text;
        for (size_t length = first; length > 0; --length) text += static_cast<char>(Next());
        return text;
    }

private:
    const uint8_t* data_;
    size_t size_;
};

enum class Kind : uint8_t { kLong, kInt, kBool, kText, kMap, kList, kDouble, kStruct };

struct Column {
    const char* name;
    Kind kind;
    std::vector<Column> children;
};

std::vector<Column> Bounds() { return {{"a", Kind::kLong, {}}, {"s", Kind::kText, {}}}; }

const Column kVector = {"deletionVector",
                        Kind::kStruct,
                        {{"storageType", Kind::kText, {}},
                         {"pathOrInlineDv", Kind::kText, {}},
                         {"offset", Kind::kInt, {}},
                         {"sizeInBytes", Kind::kInt, {}},
                         {"cardinality", Kind::kLong, {}}}};

const Column kColumns[] = {
    {"protocol",
     Kind::kStruct,
     {{"minReaderVersion", Kind::kInt, {}},
      {"minWriterVersion", Kind::kInt, {}},
      {"readerFeatures", Kind::kList, {}},
      {"writerFeatures", Kind::kList, {}}}},
    {"metaData",
     Kind::kStruct,
     {{"id", Kind::kText, {}},
      {"name", Kind::kText, {}},
      {"format", Kind::kStruct, {{"provider", Kind::kText, {}}, {"options", Kind::kMap, {}}}},
      {"schemaString", Kind::kText, {}},
      {"partitionColumns", Kind::kList, {}},
      {"configuration", Kind::kMap, {}}}},
    {"add",
     Kind::kStruct,
     {{"path", Kind::kText, {}},
      {"partitionValues", Kind::kMap, {}},
      {"size", Kind::kLong, {}},
      {"modificationTime", Kind::kLong, {}},
      {"dataChange", Kind::kBool, {}},
      {"stats", Kind::kText, {}},
      {"stats_parsed",
       Kind::kStruct,
       {{"numRecords", Kind::kLong, {}},
        {"minValues", Kind::kStruct, Bounds()},
        {"maxValues", Kind::kStruct, Bounds()},
        {"nullCount", Kind::kStruct, Bounds()},
        {"tightBounds", Kind::kBool, {}}}},
      kVector,
      {"baseRowId", Kind::kLong, {}},
      {"tags", Kind::kMap, {}}}},
    {"remove",
     Kind::kStruct,
     {{"path", Kind::kText, {}},
      {"deletionTimestamp", Kind::kLong, {}},
      {"dataChange", Kind::kBool, {}},
      {"size", Kind::kLong, {}},
      kVector}},
    {"txn",
     Kind::kStruct,
     {{"appId", Kind::kText, {}}, {"version", Kind::kLong, {}}, {"lastUpdated", Kind::kLong, {}}}},
    {"domainMetadata",
     Kind::kStruct,
     {{"domain", Kind::kText, {}},
      {"configuration", Kind::kText, {}},
      {"removed", Kind::kBool, {}}}},
    {"sidecar", Kind::kStruct, {{"path", Kind::kText, {}}, {"sizeInBytes", Kind::kLong, {}}}},
};

// The type that the protocol gives the column, or now and then another one.
void SetType(ArrowSchema* schema, const Column& column, Bytes& bytes) {
    Kind kind = column.kind;
    if (bytes.Next() % 8 == 7) kind = static_cast<Kind>(bytes.Next() % 8);
    switch (kind) {
        case Kind::kLong:
            return tarn::delta::SetPrimitive(schema, column.name, NANOARROW_TYPE_INT64);
        case Kind::kInt:
            return tarn::delta::SetPrimitive(schema, column.name, NANOARROW_TYPE_INT32);
        case Kind::kBool:
            return tarn::delta::SetPrimitive(schema, column.name, NANOARROW_TYPE_BOOL);
        case Kind::kText:
            return tarn::delta::SetPrimitive(schema, column.name, NANOARROW_TYPE_STRING);
        case Kind::kDouble:
            return tarn::delta::SetPrimitive(schema, column.name, NANOARROW_TYPE_DOUBLE);
        case Kind::kMap:
            return tarn::delta::SetTextMap(schema, column.name);
        case Kind::kList:
            return tarn::delta::SetTextList(schema, column.name);
        case Kind::kStruct:
            break;
    }
    const std::vector<Column> children = column.children.empty() ? Bounds() : column.children;
    tarn::delta::SetStruct(schema, column.name, static_cast<int64_t>(children.size()));
    for (size_t i = 0; i < children.size(); ++i) SetType(schema->children[i], children[i], bytes);
}

void Append(const ArrowSchema& schema, ArrowArray* array, Bytes& bytes) {
    ArrowSchemaView view;
    CheckArrow(ArrowSchemaViewInit(&view, &schema, nullptr));
    if (bytes.Next() % 8 == 7) return CheckArrow(ArrowArrayAppendNull(array, 1));
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
        tarn::delta::SetStruct(&schema_, "", static_cast<int64_t>(present.size()) + 1);
        for (size_t i = 0; i < present.size(); ++i) {
            SetType(schema_.children[i], *present[i], bytes_);
        }
        tarn::delta::SetPrimitive(schema_.children[present.size()], tarn::table::kRowNumberColumn,
                                  NANOARROW_TYPE_INT64);
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
            const int64_t columns = schema_.n_children - 1;
            for (int64_t i = 0; i < columns; ++i) {
                Append(*schema_.children[i], batch.children[i], bytes_);
            }
            CheckArrow(ArrowArrayAppendInt(batch.children[columns], row));
            CheckArrow(ArrowArrayFinishElement(&batch));
        }
        CheckArrow(ArrowArrayFinishBuildingDefault(&batch, nullptr));
        take(schema_, batch);
    }

private:
    Bytes& bytes_;
    ArrowSchema schema_{};
};

// Each file has its rows, the next ones of the bytes, however often it is read.
class FuzzParquet final : public tarn::table::ParquetFiles {
public:
    explicit FuzzParquet(Bytes bytes) : next_(bytes) {}
    void Scan(const std::string& location, const tarn::table::ParquetReadOptions&,
              const TakeBatch& take) override {
        Bytes bytes = files_.try_emplace(location, next_).first->second;
        FuzzRows rows(bytes);
        rows.ForBatch(take);
        next_ = bytes;
    }
    uint64_t Write(const std::string&, tarn::table::RowSource&) override { std::abort(); }

private:
    Bytes next_;
    std::map<std::string, Bytes> files_;
};

// Whatever a sidecar is called, it is there: its rows are what is under test.
class EverySidecar final : public tarn::storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    std::optional<tarn::storage::ObjectInfo> Stat(const std::string& location) override {
        if (auto info = Inner().Stat(location)) return info;
        // Commits behind the listing are asked for by name until one is not there.
        if (location.ends_with(".json")) return std::nullopt;
        tarn::storage::ObjectInfo info;
        info.location = location;
        info.size_bytes = 1;
        return info;
    }
};

// Checkpoints of so many bytes stay where they are.
void ReadTable(Bytes bytes, uint64_t stored_from_bytes) {
    using tarn::table::Comparison;
    using tarn::table::Predicate;
    tarn::ManualClock clock{tarn::TimestampUs(std::chrono::seconds(1))};
    tarn::storage::MemoryStore memory(clock);
    EverySidecar store(memory);
    const std::string root = "mem://t";
    store.Put(tarn::delta::ClassicCheckpointLocation(root, {1}), "placeholder");
    FuzzParquet parquet(bytes);
    OnlyRefusals([&] {
        auto read = tarn::delta::ReadVersionOf(
            store, parquet, root, std::nullopt,
            {.keep_tombstones = true, .stored_from_bytes = stored_from_bytes});
        const tarn::delta::Snapshot snapshot(root, std::move(read.state), {}, store);
        (void)snapshot.LiveRows();
        (void)snapshot.EstimatedRows();
        (void)snapshot.Plan(Predicate::True());
        (void)snapshot.Plan(Predicate::Compare({"a"}, Comparison::kLess, int64_t{4}));
        (void)snapshot.Plan(Predicate::Compare({"s"}, Comparison::kEqual, std::string("b")));
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    for (const uint64_t stored_from_bytes : {uint64_t{0}, UINT64_MAX}) {
        ReadTable(Bytes(data, size), stored_from_bytes);
    }
    return 0;
}
