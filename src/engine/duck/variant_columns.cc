#include "engine/duck/variant_columns.h"

#include <column_writer.hpp>
#include <parquet_writer.hpp>

#include "base/check.h"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/nested_values.h"
#include "engine/duck/variant_values.h"
#include "engine/duck/variant_writer.h"
#include "engine/duck/variants.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ColumnWriter;
using duckdb::ColumnWriterState;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::ParquetWriter;
using duckdb::Vector;
using ColumnWriters = duckdb::vector<duckdb::unique_ptr<ColumnWriter>>;

// More rows do not change what is shredded.
constexpr size_t kSampledRows = 4096;

// The columns of a file. They are private to DuckDB's writer, which has no way to give it others;
// naming a private member in an explicit instantiation is allowed.
ColumnWriters& ColumnsOf(ParquetWriter& writer);
template <ColumnWriters ParquetWriter::*kColumns>
struct Opened {
    friend ColumnWriters& ColumnsOf(ParquetWriter& writer) { return writer.*kColumns; }
};
template struct Opened<&ParquetWriter::column_writers>;

// The type with stored variants in the place of variants; `shredded`: of those in no list, in their
// order.
LogicalType FileType(const LogicalType& rows, const std::vector<format::ShreddedType>& shredded,
                     size_t& next) {
    size_t none = 0;
    switch (rows.id()) {
        case LogicalTypeId::VARIANT:
            return StoredVariantType(next < shredded.size() ? shredded[next++]
                                                            : format::ShreddedType());
        case LogicalTypeId::STRUCT: {
            duckdb::child_list_t<LogicalType> fields;
            for (const auto& [name, type] : duckdb::StructType::GetChildTypes(rows))
                fields.emplace_back(name, FileType(type, shredded, next));
            return LogicalType::STRUCT(std::move(fields));
        }
        case LogicalTypeId::LIST:
            return LogicalType::LIST(FileType(duckdb::ListType::GetChildType(rows), {}, none));
        case LogicalTypeId::MAP:
            return LogicalType::MAP(FileType(duckdb::MapType::KeyType(rows), {}, none),
                                    FileType(duckdb::MapType::ValueType(rows), {}, none));
        default:
            return rows;
    }
}

// Those in no list, in the order of FileType.
void VisitVariants(Vector& rows, const std::function<void(Vector&)>& visit) {
    if (rows.GetType().id() == LogicalTypeId::VARIANT) return visit(rows);
    if (rows.GetType().id() != LogicalTypeId::STRUCT) return;
    for (auto& part : duckdb::StructVector::GetEntries(rows)) VisitVariants(*part, visit);
}

// Parts of a shredded value are there, though what they hold may be missing.
void RequireParts(const ColumnWriter& typed) {
    const bool is_nested =
        typed.Type().id() == LogicalTypeId::STRUCT || typed.Type().id() == LogicalTypeId::LIST;
    if (!is_nested) return;
    for (const auto& part : typed.ChildWriters()) {
        part->MarkRepetitionRequired();
        RequireParts(*part->ChildWriters().at(1));
    }
}

// A variant is NULL as a whole: within, `metadata` is required, and `value` where nothing is
// shredded.
void RequireBytes(const ColumnWriter& column, const LogicalType& rows) {
    const auto& parts = column.ChildWriters();
    switch (rows.id()) {
        case LogicalTypeId::VARIANT:
            parts.at(0)->MarkRepetitionRequired();
            if (parts.size() == 2) return parts[1]->MarkRepetitionRequired();
            return RequireParts(*parts.at(2));
        case LogicalTypeId::STRUCT: {
            const auto& types = duckdb::StructType::GetChildTypes(rows);
            for (size_t i = 0; i < types.size(); i++) RequireBytes(*parts.at(i), types[i].second);
            return;
        }
        case LogicalTypeId::LIST:
            return RequireBytes(*parts.at(0), duckdb::ListType::GetChildType(rows));
        case LogicalTypeId::MAP: {
            const auto& entry = parts.at(0)->ChildWriters();
            RequireBytes(*entry.at(0), duckdb::MapType::KeyType(rows));
            return RequireBytes(*entry.at(1), duckdb::MapType::ValueType(rows));
        }
        default:
            return;
    }
}

// The ids of the columns that DuckDB made; parts of a variant have none.
void TakeFieldIds(const ColumnWriter& from, ColumnWriter& to) {
    to.Schema().field_id = from.Schema().field_id;
    if (from.Type().id() == LogicalTypeId::VARIANT) return;
    for (size_t i = 0; i < from.ChildWriters().size(); i++)
        TakeFieldIds(*from.ChildWriters()[i], *to.ChildWriters().at(i));
}

void Encode(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
    Guarded([&] {
        FlattenNested(arguments.data[0], arguments.size());
        ConvertNested(arguments.data[0], result, arguments.size(), EncodeVariants);
    });
}

struct Sample final : public duckdb::ParquetAnalyzeSchemaState {
    std::vector<format::ShreddingSample> variants;
    size_t rows = 0;
};

// A column of the table: gathers rows as DuckDB has them, and writes them through a column of what
// files store, which is known once there are rows.
class VariantColumn final : public ColumnWriter {
public:
    VariantColumn(duckdb::ClientContext& client, duckdb::unique_ptr<ColumnWriter> replaced,
                  bool is_shredded)
        : ColumnWriter(replaced->writer, SchemaOf(*replaced), replaced->schema_path),
          client_(client),
          replaced_(std::move(replaced)),
          rows_(replaced_->Type()),
          is_undecided_(is_shredded) {
        Decide({});
    }

    bool HasTransform() override { return true; }
    LogicalType TransformedType() const override { return Stored().Type(); }
    duckdb::unique_ptr<duckdb::Expression> TransformExpression(
        duckdb::unique_ptr<duckdb::BoundReferenceExpression> rows) override {
        duckdb::ScalarFunction function("tarn_store_variants", {rows_}, TransformedType(), Encode);
        function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
        arguments.push_back(std::move(rows));
        return duckdb::make_uniq<duckdb::BoundFunctionExpression>(
            TransformedType(), std::move(function), std::move(arguments), nullptr);
    }

    // Called with all rows of the file's first row group.
    duckdb::unique_ptr<duckdb::ParquetAnalyzeSchemaState> AnalyzeSchemaInit() override {
        if (!is_undecided_) return nullptr;
        return duckdb::make_uniq<Sample>();
    }
    void AnalyzeSchema(duckdb::ParquetAnalyzeSchemaState& state, Vector& rows,
                       duckdb::idx_t count) override {
        auto& sample = static_cast<Sample&>(state);
        if (sample.rows >= kSampledRows) return;
        sample.rows += count;
        Guarded([&] {
            FlattenNested(rows, count);
            size_t next = 0;
            VisitVariants(rows, [&](Vector& variants) {
                if (next == sample.variants.size()) sample.variants.emplace_back();
                VariantRows values(variants, count);
                for (size_t row = 0; row < count; row++) {
                    if (const auto value = values.At(row)) sample.variants[next].Add(*value);
                }
                next++;
            });
        });
    }
    void AnalyzeSchemaFinalize(const duckdb::ParquetAnalyzeSchemaState& state) override {
        std::vector<format::ShreddedType> shredded;
        for (const auto& variant : static_cast<const Sample&>(state).variants)
            shredded.push_back(variant.Decide());
        Decide(shredded);
        is_undecided_ = false;
    }

    duckdb::idx_t FinalizeSchema(duckdb::vector<duckdb_parquet::SchemaElement>& schemas) override {
        return Stored().FinalizeSchema(schemas);
    }
    duckdb::unique_ptr<ColumnWriterState> InitializeWriteState(
        duckdb_parquet::RowGroup& row_group) override {
        return Stored().InitializeWriteState(row_group);
    }
    bool HasAnalyze() override { return Stored().HasAnalyze(); }
    void Analyze(ColumnWriterState& state, ColumnWriterState* around, Vector& stored,
                 duckdb::idx_t count) override {
        Stored().Analyze(state, around, stored, count);
    }
    void FinalizeAnalyze(ColumnWriterState& state) override { Stored().FinalizeAnalyze(state); }
    void Prepare(ColumnWriterState& state, ColumnWriterState* around, Vector& stored,
                 duckdb::idx_t count, bool can_span_pages) override {
        Stored().Prepare(state, around, stored, count, can_span_pages);
    }
    void BeginWrite(ColumnWriterState& state) override { Stored().BeginWrite(state); }
    void Write(ColumnWriterState& state, Vector& stored, duckdb::idx_t count) override {
        Stored().Write(state, stored, count);
    }
    void FinalizeWrite(ColumnWriterState& state) override { Stored().FinalizeWrite(state); }

private:
    // Statistics are filed under the names on the way to a leaf, but those of repeated levels: this
    // column and the one within have the same.
    static duckdb::ParquetColumnSchema SchemaOf(const ColumnWriter& replaced) {
        duckdb::ParquetColumnSchema schema = replaced.Schema();
        schema.repetition_type = duckdb_parquet::FieldRepetitionType::REPEATED;
        return schema;
    }

    ColumnWriter& Stored() const { return *child_writers.at(0); }

    void Decide(const std::vector<format::ShreddedType>& shredded) {
        size_t next = 0;
        auto stored = CreateWriterRecursive(client_, writer, {}, FileType(rows_, shredded, next),
                                            column_schema.name, column_schema.allow_geometry,
                                            nullptr, nullptr);
        TakeFieldIds(*replaced_, *stored);
        RequireBytes(*stored, rows_);
        child_writers.clear();
        child_writers.push_back(std::move(stored));
    }

    duckdb::ClientContext& client_;
    const duckdb::unique_ptr<ColumnWriter> replaced_;
    const LogicalType rows_;
    bool is_undecided_;
};

}  // namespace

void PlaceVariantColumns(duckdb::ClientContext& client, duckdb::GlobalFunctionData& file,
                         bool is_shredded) {
    auto& writer = *file.Cast<duckdb::ParquetWriteGlobalState>().writer;
    for (auto& column : ColumnsOf(writer)) {
        if (!HasVariant(column->Type())) continue;
        column = duckdb::make_uniq<VariantColumn>(client, std::move(column), is_shredded);
    }
}

}  // namespace tarn::engine::duck
