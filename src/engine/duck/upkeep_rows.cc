#include "engine/duck/upkeep_rows.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>

#include "base/text.h"

namespace tarn::engine::duck {

using duckdb::LogicalType;
using duckdb::Value;

duckdb::Value CountValue(uint64_t value) { return Value::BIGINT(static_cast<int64_t>(value)); }

namespace {

// Smallest, largest, average, number and sum of some files' sizes.
LogicalType SizesType() {
    return LogicalType::STRUCT({{"min", LogicalType::BIGINT},
                                {"max", LogicalType::BIGINT},
                                {"avg", LogicalType::DOUBLE},
                                {"totalFiles", LogicalType::BIGINT},
                                {"totalSize", LogicalType::BIGINT}});
}

Value Sizes(const std::vector<uint64_t>& bytes) {
    const uint64_t sum = std::accumulate(bytes.begin(), bytes.end(), uint64_t{0});
    const auto [least, most] = std::minmax_element(bytes.begin(), bytes.end());
    const bool is_empty = bytes.empty();
    return Value::STRUCT(
        SizesType(),
        {is_empty ? Value(LogicalType::BIGINT) : CountValue(*least),
         is_empty ? Value(LogicalType::BIGINT) : CountValue(*most),
         Value::DOUBLE(is_empty ? 0 : static_cast<double>(sum) / static_cast<double>(bytes.size())),
         CountValue(bytes.size()), CountValue(sum)});
}

LogicalType MetricsType() {
    return LogicalType::STRUCT({{"numFilesAdded", LogicalType::BIGINT},
                                {"numFilesRemoved", LogicalType::BIGINT},
                                {"filesAdded", SizesType()},
                                {"filesRemoved", SizesType()},
                                {"partitionsOptimized", LogicalType::BIGINT},
                                {"numBatches", LogicalType::BIGINT},
                                {"totalConsideredFiles", LogicalType::BIGINT},
                                {"totalFilesSkipped", LogicalType::BIGINT},
                                {"numDeletionVectorsRemoved", LogicalType::BIGINT}});
}

}  // namespace

Value MetricsOf(const upkeep::OptimizeReport& report) {
    const uint64_t removed = report.removed_bytes.size();
    return Value::STRUCT(
        MetricsType(),
        {CountValue(report.added_bytes.size()), CountValue(removed), Sizes(report.added_bytes),
         Sizes(report.removed_bytes), CountValue(report.partitions), CountValue(report.batches),
         CountValue(report.files_considered),
         CountValue(report.files_considered - std::min(report.files_considered, removed)),
         CountValue(report.vectors_removed)});
}

void DeclareUpkeepColumns(const sql::UpkeepStatement& statement, duckdb::vector<LogicalType>& types,
                          duckdb::vector<std::string>& names) {
    const auto add = [&](const char* name, const LogicalType& type) {
        names.emplace_back(name);
        types.push_back(type);
    };
    const auto add_counts = [&](std::initializer_list<const char*> counts) {
        for (const char* name : counts) add(name, LogicalType::BIGINT);
    };
    if (std::holds_alternative<sql::Restore>(statement)) {
        return add_counts({"table_size_after_restore", "num_of_files_after_restore",
                           "num_removed_files", "num_restored_files", "removed_files_size",
                           "restored_files_size"});
    }
    if (std::holds_alternative<sql::Clone>(statement)) {
        return add_counts({"source_table_size", "source_num_of_files", "num_removed_files",
                           "num_copied_files", "removed_files_size", "copied_files_size"});
    }
    if (std::holds_alternative<sql::Fsck>(statement)) {
        add("dataFilePath", LogicalType::VARCHAR);
        add("dataFileMissing", LogicalType::BOOLEAN);
        add("deletionVectorPath", LogicalType::VARCHAR);
        return add("deletionVectorFileMissing", LogicalType::BOOLEAN);
    }
    add("path", LogicalType::VARCHAR);
    if (std::holds_alternative<sql::Optimize>(statement) ||
        std::holds_alternative<sql::Reorg>(statement)) {
        add("metrics", MetricsType());
    } else if (const auto* vacuum = std::get_if<sql::Vacuum>(&statement)) {
        if (!vacuum->is_dry_run) add("numDeletedFiles", LogicalType::BIGINT);
        add(vacuum->is_dry_run ? "sizeInBytes" : "sizeOfDeletedData", LogicalType::BIGINT);
    } else if (std::holds_alternative<sql::GenerateManifest>(statement)) {
        add_counts({"numManifests", "numFiles"});
    } else {
        add("version", LogicalType::BIGINT);
    }
}

void DeclarePlanColumns(duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
    names = {"action", "object", "files", "bytes", "detail"};
    types = {LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::BIGINT, LogicalType::BIGINT,
             LogicalType::VARCHAR};
}

duckdb::vector<Value> RowOf(const upkeep::PlannedStep& step) {
    const auto text = [](const std::string& value) {
        return value.empty() ? Value(LogicalType::VARCHAR) : Value(value);
    };
    const auto count = [](const std::optional<uint64_t>& value) {
        return value ? CountValue(*value) : Value(LogicalType::BIGINT);
    };
    return {Value(step.action), text(step.object), count(step.files), count(step.bytes),
            text(step.detail)};
}

std::string PlanQuery(const upkeep::PlannedSteps& steps) {
    duckdb::vector<LogicalType> types;
    duckdb::vector<std::string> names;
    DeclarePlanColumns(types, names);
    const auto select = [&](const duckdb::vector<Value>& row) {
        std::vector<std::string> columns;
        for (size_t i = 0; i < names.size(); ++i) {
            columns.push_back("CAST(" + row[i].ToSQLString() + " AS " + types[i].ToString() +
                              ") AS " + names[i]);
        }
        return "SELECT " + Join(columns, ", ");
    };
    std::vector<std::string> rows;
    for (const upkeep::PlannedStep& step : steps) rows.push_back(select(RowOf(step)));
    if (rows.empty()) return select(RowOf({""})) + " WHERE false";
    return Join(rows, " UNION ALL ");
}

}  // namespace tarn::engine::duck
