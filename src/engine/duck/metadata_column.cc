#include "engine/duck/metadata_column.h"

#include <vector>

#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/file_list.h"
#include "engine/duck/scan.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

constexpr int64_t kMicrosPerMs = 1000;

duckdb::column_t Id(MetadataPart part) { return static_cast<duckdb::column_t>(part); }

struct Part {
    MetadataPart part;
    const char* name;
    LogicalType type;
};

const std::vector<Part>& Parts() {
    static const std::vector<Part> parts = {
        {MetadataPart::kFilePath, "file_path", LogicalType::VARCHAR},
        {MetadataPart::kFileName, "file_name", LogicalType::VARCHAR},
        {MetadataPart::kFileSize, "file_size", LogicalType::BIGINT},
        {MetadataPart::kFileBlockStart, "file_block_start", LogicalType::BIGINT},
        {MetadataPart::kFileBlockLength, "file_block_length", LogicalType::BIGINT},
        {MetadataPart::kFileModificationTime, "file_modification_time", LogicalType::TIMESTAMP_TZ},
        {MetadataPart::kBaseRowId, "base_row_id", LogicalType::BIGINT},
        {MetadataPart::kDefaultRowCommitVersion, "default_row_commit_version", LogicalType::BIGINT},
        {MetadataPart::kMaterializedRowId, "materialized_row_id", LogicalType::BIGINT},
        {MetadataPart::kMaterializedRowCommitVersion, "materialized_row_commit_version",
         LogicalType::BIGINT}};
    return parts;
}
constexpr size_t kFileParts = 6;

// Spark's fields, in its order.
LogicalType MetadataType(const table::WriteRules& rules) {
    duckdb::child_list_t<LogicalType> fields;
    for (size_t i = 0; i < kFileParts; i++) fields.emplace_back(Parts()[i].name, Parts()[i].type);
    fields.emplace_back("row_index", LogicalType::BIGINT);
    if (rules.row_tracking && rules.row_tracking->is_complete) {
        for (const char* name :
             {"row_id", "base_row_id", "row_commit_version", "default_row_commit_version"})
            fields.emplace_back(name, LogicalType::BIGINT);
    }
    return LogicalType::STRUCT(std::move(fields));
}

// One scan whose _metadata a plan names: the scan gives the parts, and a projection above it the
// struct, and each field of it too.
class ExpandedScan {
public:
    ExpandedScan(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<duckdb::LogicalGet> get)
        : optimizer_(input.optimizer), get_(std::move(get)), table_index_(get_->table_index) {
        get_->table_index = optimizer_.binder.GenerateTableIndex();
        width_ = get_->GetColumnIds().size();
        const auto& bind_data = get_->bind_data->Cast<duckdb::MultiFileBindData>();
        type_ = MetadataType(
            static_cast<const FileList&>(*bind_data.file_list).scan().entry().snapshot()->Rules());
    }

    static bool Needs(const duckdb::LogicalOperator& plan) {
        if (plan.type != duckdb::LogicalOperatorType::LOGICAL_GET) return false;
        const auto& get = plan.Cast<duckdb::LogicalGet>();
        if (get.function.name != kScanFunction) return false;
        for (const auto& column : get.GetColumnIds()) {
            if (column.GetPrimaryIndex() == kMetadataColumn) return true;
        }
        return false;
    }

    duckdb::unique_ptr<duckdb::LogicalOperator> Take() {
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> outputs;
        for (size_t i = 0; i < width_; i++) {
            const auto id = get_->GetColumnIds()[i].GetPrimaryIndex();
            outputs.push_back(id == kMetadataColumn ? Struct() : ReferenceAt(i));
        }
        for (const auto& field : duckdb::StructType::GetChildTypes(type_))
            outputs.push_back(Field(field.first));
        DropStruct();
        get_->ResolveOperatorTypes();
        auto projection =
            duckdb::make_uniq<duckdb::LogicalProjection>(table_index_, std::move(outputs));
        projection->children.push_back(std::move(get_));
        projection->ResolveOperatorTypes();
        return projection;
    }

    // struct_extract(_metadata, 'field') becomes the field itself.
    void Shorten(duckdb::unique_ptr<duckdb::Expression>& expression) const {
        if (const auto field = ExtractedField(*expression)) {
            const auto& child = duckdb::StructType::GetChildTypes(type_)[*field];
            auto reference = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
                child.second, duckdb::ColumnBinding(table_index_, width_ + *field));
            reference->SetAlias(expression->GetAlias());
            expression = std::move(reference);
            return;
        }
        duckdb::ExpressionIterator::EnumerateChildren(
            *expression, [&](duckdb::unique_ptr<duckdb::Expression>& child) { Shorten(child); });
    }

private:
    std::optional<size_t> ExtractedField(const duckdb::Expression& expression) const {
        if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION)
            return std::nullopt;
        const auto& function = expression.Cast<duckdb::BoundFunctionExpression>();
        if (function.function.name != "struct_extract" || function.children.size() != 2 ||
            function.children[0]->GetExpressionClass() !=
                duckdb::ExpressionClass::BOUND_COLUMN_REF ||
            function.children[1]->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CONSTANT) {
            return std::nullopt;
        }
        const auto& reference = function.children[0]->Cast<duckdb::BoundColumnRefExpression>();
        const auto& name = function.children[1]->Cast<duckdb::BoundConstantExpression>().value;
        if (reference.depth != 0 || reference.binding.table_index != table_index_ ||
            reference.return_type != type_ || name.IsNull()) {
            return std::nullopt;
        }
        const auto& fields = duckdb::StructType::GetChildTypes(type_);
        for (size_t i = 0; i < fields.size(); i++) {
            if (duckdb::StringUtil::CIEquals(fields[i].first, name.ToString())) return i;
        }
        return std::nullopt;
    }

    duckdb::unique_ptr<duckdb::Expression> ReferenceAt(size_t position) const {
        const auto& column = get_->GetColumnIds()[position];
        return duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
            get_->GetColumnType(column), duckdb::ColumnBinding(get_->table_index, position));
    }

    // A column of the scan, which stands in it once.
    duckdb::unique_ptr<duckdb::Expression> Reference(duckdb::column_t id) {
        const auto& ids = get_->GetColumnIds();
        size_t position = 0;
        while (position < ids.size() && ids[position].GetPrimaryIndex() != id) position++;
        if (position == ids.size()) get_->AddColumnId(id);
        return ReferenceAt(position);
    }

    duckdb::unique_ptr<duckdb::Expression> Field(const std::string& name) {
        const auto row_number = duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER;
        if (name == "row_index") return Reference(row_number);
        if (name == "row_id") {
            return Coalesce(
                Reference(Id(MetadataPart::kMaterializedRowId)),
                optimizer_.BindScalarFunction("+", Reference(Id(MetadataPart::kBaseRowId)),
                                              Reference(row_number)));
        }
        if (name == "row_commit_version") {
            return Coalesce(Reference(Id(MetadataPart::kMaterializedRowCommitVersion)),
                            Reference(Id(MetadataPart::kDefaultRowCommitVersion)));
        }
        for (const Part& part : Parts()) {
            if (name == part.name) return Reference(Id(part.part));
        }
        throw Error(ErrorKind::kInternal, "{} has no field {}", kMetadataName, name);
    }

    static duckdb::unique_ptr<duckdb::Expression> Coalesce(
        duckdb::unique_ptr<duckdb::Expression> first, duckdb::unique_ptr<duckdb::Expression> then) {
        auto coalesce = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
            duckdb::ExpressionType::OPERATOR_COALESCE, LogicalType::BIGINT);
        coalesce->children.push_back(std::move(first));
        coalesce->children.push_back(std::move(then));
        return coalesce;
    }

    duckdb::unique_ptr<duckdb::Expression> Struct() {
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> fields;
        for (const auto& field : duckdb::StructType::GetChildTypes(type_)) {
            fields.push_back(Field(field.first));
            fields.back()->SetAlias(field.first);
        }
        duckdb::FunctionBinder binder(optimizer_.context);
        duckdb::ErrorData error;
        auto packed = binder.BindScalarFunction(DEFAULT_SCHEMA, "struct_pack", std::move(fields),
                                                error, false, nullptr);
        if (error.HasError()) error.Throw();
        return packed;
    }

    // The scan has no such column: a part of it stands in its place.
    void DropStruct() {
        auto ids = get_->GetColumnIds();
        for (auto& id : ids) {
            if (id.GetPrimaryIndex() == kMetadataColumn)
                id = duckdb::ColumnIndex(duckdb::COLUMN_IDENTIFIER_EMPTY);
        }
        get_->SetColumnIds(std::move(ids));
    }

    duckdb::Optimizer& optimizer_;
    duckdb::unique_ptr<duckdb::LogicalGet> get_;
    const duckdb::idx_t table_index_;
    size_t width_ = 0;
    LogicalType type_;
};

// Below every operator, once all scans are known.
class Shortening final : public duckdb::LogicalOperatorVisitor {
public:
    explicit Shortening(const std::vector<ExpandedScan>& scans) : scans_(scans) {}
    void VisitOperator(duckdb::LogicalOperator& plan) override {
        EnumerateExpressions(plan, [&](duckdb::unique_ptr<duckdb::Expression>* expression) {
            for (const ExpandedScan& scan : scans_) scan.Shorten(*expression);
        });
        VisitOperatorChildren(plan);
    }

private:
    const std::vector<ExpandedScan>& scans_;
};

void Expand(duckdb::OptimizerExtensionInput& input,
            duckdb::unique_ptr<duckdb::LogicalOperator>& plan, std::vector<ExpandedScan>& scans) {
    if (!ExpandedScan::Needs(*plan)) {
        for (auto& child : plan->children) Expand(input, child, scans);
        return;
    }
    scans.emplace_back(input, duckdb::unique_ptr_cast<duckdb::LogicalOperator, duckdb::LogicalGet>(
                                  std::move(plan)));
    plan = scans.back().Take();
}

void PreOptimize(duckdb::OptimizerExtensionInput& input,
                 duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    Guarded([&] {
        std::vector<ExpandedScan> scans;
        Expand(input, plan, scans);
        if (scans.empty()) return;
        Shortening shortening(scans);
        shortening.VisitOperator(*plan);
    });
}

}  // namespace

void AddMetadataColumns(const table::Snapshot& snapshot, duckdb::virtual_column_map_t& columns) {
    if (snapshot.Metadata().schema.Find(kMetadataName) >= 0) return;
    columns.emplace(kMetadataColumn,
                    duckdb::TableColumn(kMetadataName, MetadataType(snapshot.Rules())));
    for (const Part& part : Parts()) {
        columns.emplace(
            Id(part.part),
            duckdb::TableColumn(std::string(kMetadataName) + "." + part.name, part.type));
    }
}

std::optional<duckdb::Value> MetadataValue(duckdb::column_t column, const table::DataFile& file) {
    const auto number = [](const std::optional<int64_t>& value) {
        return value ? duckdb::Value::BIGINT(*value) : duckdb::Value(LogicalType::BIGINT);
    };
    switch (static_cast<MetadataPart>(column)) {
        case MetadataPart::kFilePath:
            return duckdb::Value(file.location);
        case MetadataPart::kFileName:
            return duckdb::Value(file.location.substr(file.location.rfind('/') + 1));
        case MetadataPart::kFileSize:
        case MetadataPart::kFileBlockLength:
            return duckdb::Value::BIGINT(static_cast<int64_t>(file.size_bytes));
        case MetadataPart::kFileBlockStart:
            return duckdb::Value::BIGINT(0);
        case MetadataPart::kFileModificationTime:
            return duckdb::Value::TIMESTAMPTZ(
                duckdb::timestamp_tz_t(file.modified_ms * kMicrosPerMs));
        case MetadataPart::kBaseRowId:
            return number(file.base_row_id);
        case MetadataPart::kDefaultRowCommitVersion:
            return number(file.default_row_commit_version);
        case MetadataPart::kMaterializedRowId:
        case MetadataPart::kMaterializedRowCommitVersion:
            break;
    }
    return std::nullopt;
}

std::string MaterializedColumn(duckdb::column_t column, const table::WriteRules& rules) {
    if (!rules.row_tracking) return {};
    if (column == Id(MetadataPart::kMaterializedRowId)) return rules.row_tracking->row_id_column;
    if (column == Id(MetadataPart::kMaterializedRowCommitVersion))
        return rules.row_tracking->commit_version_column;
    return {};
}

void RegisterMetadataColumn(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
