#include "catalog/ops_rows.h"

#include <cstdlib>
#include <string>

#include "base/check.h"
#include "base/error.h"

namespace tarn::catalog {

namespace {

// kMillis: the store has microseconds. kNumber: it has a text.
enum class ColumnType { kLong, kText, kBool, kInstant, kMillis, kNumber };

struct Column {
    const char* name;
    const char* expression;  // in terms of the store's columns
    ColumnType type;
};

// One operational table: rows have a growing `number`, by which pages follow each other.
struct OpsTable {
    const char* name;
    std::vector<Column> columns;
};

const OpsTable& RunsTable() {
    static const OpsTable runs{"runs",
                               {{"run_number", "number", ColumnType::kLong},
                                {"run_id", "run_id", ColumnType::kText},
                                {"build_id", "build_id", ColumnType::kText},
                                {"node", "node", ColumnType::kText},
                                {"kind", "kind", ColumnType::kText},
                                {"state", "state", ColumnType::kText},
                                {"started_at", "started_us", ColumnType::kInstant},
                                {"finished_at", "finished_us", ColumnType::kInstant},
                                {"idempotency_key", "idempotency_key", ColumnType::kText},
                                {"source_versions", "source_versions", ColumnType::kText},
                                {"target", "target", ColumnType::kText},
                                {"target_version", "target_version", ColumnType::kLong},
                                {"rows_in", "rows_in", ColumnType::kLong},
                                {"rows_written", "rows_written", ColumnType::kLong},
                                {"rows_dropped", "rows_dropped", ColumnType::kLong},
                                {"rows_quarantined", "rows_quarantined", ColumnType::kLong},
                                {"rows_duplicate", "rows_duplicate", ColumnType::kLong},
                                {"files_written", "files_written", ColumnType::kLong},
                                {"bytes_written", "bytes_written", ColumnType::kLong},
                                {"error_kind", "nullif(error_kind, '')", ColumnType::kText},
                                {"error_message", "nullif(error_message, '')", ColumnType::kText},
                                {"job_run_id", "nullif(job_run_id, '')", ColumnType::kText},
                                {"written_by", "nullif(written_by, '')", ColumnType::kText},
                                {"lag_ms", "lag_us", ColumnType::kMillis},
                                {"service_level_met", "service_level_met", ColumnType::kBool},
                                {"refresh", "nullif(refresh, '')", ColumnType::kText}}};
    return runs;
}

// In one word.
constexpr const char* kVerdict =
    "CASE WHEN passed THEN 'pass' WHEN severity = 'error' THEN 'fail' ELSE 'warn' END";

const OpsTable& QualityTable() {
    static const OpsTable quality{"quality",
                                  {{"run_number", "run_number", ColumnType::kLong},
                                   {"node", "node", ColumnType::kText},
                                   {"rule", "rule", ColumnType::kText},
                                   {"action", "action", ColumnType::kText},
                                   {"severity", "severity", ColumnType::kText},
                                   {"rows_checked", "nullif(rows_checked, -1)", ColumnType::kLong},
                                   {"rows_failed", "rows_failed", ColumnType::kLong},
                                   {"passed", "passed", ColumnType::kBool},
                                   {"sample", "nullif(sample, '')", ColumnType::kText},
                                   {"checked_at", "checked_us", ColumnType::kInstant},
                                   {"table_name", "nullif(table_name, '')", ColumnType::kText},
                                   {"column_name", "nullif(column_name, '')", ColumnType::kText},
                                   {"verdict", kVerdict, ColumnType::kText},
                                   {"threshold", "nullif(threshold, '')", ColumnType::kText},
                                   {"value", "value", ColumnType::kNumber},
                                   {"versions", "versions", ColumnType::kText},
                                   {"measure", "nullif(measure, '')", ColumnType::kText}}};
    return quality;
}

const OpsTable& QueriesTable() {
    static const OpsTable queries{
        "queries",
        {{"query_number", "number", ColumnType::kLong},
         {"query_id", "query_id", ColumnType::kText},
         {"user", "user_name", ColumnType::kText},
         {"node", "nullif(node, '')", ColumnType::kText},
         {"process", "process", ColumnType::kLong},
         {"state", "state", ColumnType::kText},
         {"statement_type", "statement_type", ColumnType::kText},
         {"statement", "statement", ColumnType::kText},
         {"started_at", "started_us", ColumnType::kInstant},
         {"finished_at", "finished_us", ColumnType::kInstant},
         {"total_ms", "total_us", ColumnType::kMillis},
         {"queue_ms", "queue_us", ColumnType::kMillis},
         {"rows_returned", "rows_returned", ColumnType::kLong},
         {"rows_affected", "rows_affected", ColumnType::kLong},
         {"bytes_scanned", "bytes_scanned", ColumnType::kLong},
         {"files_read", "files_read", ColumnType::kLong},
         {"files_skipped", "files_skipped", ColumnType::kLong},
         {"files_written", "files_written", ColumnType::kLong},
         {"bytes_written", "bytes_written", ColumnType::kLong},
         {"reruns", "reruns", ColumnType::kLong},
         {"read_versions", "read_versions", ColumnType::kText},
         {"written_versions", "written_versions", ColumnType::kText},
         {"scans", "scans", ColumnType::kText},
         {"error_kind", "nullif(error_kind, '')", ColumnType::kText},
         {"error_message", "nullif(error_message, '')", ColumnType::kText}}};
    return queries;
}

const OpsTable& JobRunsTable() {
    static const OpsTable runs{"job_runs",
                               {{"job_run_number", "number", ColumnType::kLong},
                                {"job_run_id", "run_id", ColumnType::kText},
                                {"job", "job", ColumnType::kText},
                                {"scheduled_at", "scheduled_us", ColumnType::kInstant},
                                {"trigger", "trigger_kind", ColumnType::kText},
                                {"state", "state", ColumnType::kText},
                                {"reason", "nullif(reason, '')", ColumnType::kText},
                                {"parameters", "nullif(parameters, '')", ColumnType::kText},
                                {"interval_start", "interval_start_us", ColumnType::kInstant},
                                {"interval_end", "interval_end_us", ColumnType::kInstant},
                                {"queued_at", "queued_us", ColumnType::kInstant},
                                {"started_at", "started_us", ColumnType::kInstant},
                                {"finished_at", "finished_us", ColumnType::kInstant},
                                {"is_late", "is_late", ColumnType::kBool},
                                {"error_message", "nullif(error_message, '')", ColumnType::kText}}};
    return runs;
}

const OpsTable& JobTasksTable() {
    static const OpsTable tasks{"job_tasks",
                                {{"job_run_number", "run_number", ColumnType::kLong},
                                 {"task", "task", ColumnType::kText},
                                 {"verb", "verb", ColumnType::kText},
                                 {"state", "state", ColumnType::kText},
                                 {"attempts", "attempt", ColumnType::kLong},
                                 {"pool", "nullif(pool, '')", ColumnType::kText},
                                 {"started_at", "started_us", ColumnType::kInstant},
                                 {"finished_at", "finished_us", ColumnType::kInstant},
                                 {"exit_code", "exit_code", ColumnType::kLong},
                                 {"error_kind", "nullif(error_kind, '')", ColumnType::kText},
                                 {"error_message", "nullif(error_message, '')", ColumnType::kText},
                                 {"output", "nullif(output, '')", ColumnType::kText}}};
    return tasks;
}

const OpsTable& LineageTable() {
    static const OpsTable lineage{
        "lineage",
        {{"run_id", "nullif(run_id, '')", ColumnType::kText},
         {"query_id", "nullif(query_id, '')", ColumnType::kText},
         {"node", "nullif(node, '')", ColumnType::kText},
         {"output_kind", "nullif(output_kind, '')", ColumnType::kText},
         {"output_table", "nullif(output_table, '')", ColumnType::kText},
         {"output_id", "nullif(output_id, '')", ColumnType::kText},
         {"output_column", "nullif(output_column, '')", ColumnType::kText},
         {"output_version", "output_version", ColumnType::kLong},
         {"input_kind", "input_kind", ColumnType::kText},
         {"input_table", "input_table", ColumnType::kText},
         {"input_id", "nullif(input_id, '')", ColumnType::kText},
         {"input_column", "nullif(input_column, '')", ColumnType::kText},
         {"input_version", "input_version", ColumnType::kLong},
         {"kind",
          "CASE WHEN effect IN ('IDENTITY', 'TRANSFORMATION', 'AGGREGATION') THEN 'DIRECT' WHEN "
          "effect <> '' THEN 'INDIRECT' END",
          ColumnType::kText},
         {"subkind", "nullif(effect, '')", ColumnType::kText},
         {"masking", "masking", ColumnType::kBool},
         {"is_cut", "is_cut", ColumnType::kBool},
         {"first_seen_at", "first_seen_us", ColumnType::kInstant},
         {"last_seen_at", "last_seen_us", ColumnType::kInstant}}};
    return lineage;
}

void CheckArrow(ArrowErrorCode code) {
    Check(code == NANOARROW_OK, "an Arrow batch could not be built");
}

void SetType(ArrowSchema* schema, ColumnType type) {
    switch (type) {
        case ColumnType::kLong:
            return CheckArrow(ArrowSchemaSetType(schema, NANOARROW_TYPE_INT64));
        case ColumnType::kText:
            return CheckArrow(ArrowSchemaSetType(schema, NANOARROW_TYPE_STRING));
        case ColumnType::kBool:
            return CheckArrow(ArrowSchemaSetType(schema, NANOARROW_TYPE_BOOL));
        case ColumnType::kInstant:
            return CheckArrow(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP,
                                                         NANOARROW_TIME_UNIT_MICRO, "UTC"));
        case ColumnType::kMillis:
        case ColumnType::kNumber:
            return CheckArrow(ArrowSchemaSetType(schema, NANOARROW_TYPE_DOUBLE));
    }
}

class OpsRows final : public table::RowSource {
public:
    OpsRows(Store& store, const OpsTable& table) : store_(store), table_(table) {
        sql_ = "SELECT number";
        for (const Column& column : table_.columns) sql_ += std::string(", ") + column.expression;
        sql_ += std::string(" FROM ") + table_.name + " WHERE number > ?1 ORDER BY number LIMIT ?2";
    }

    void GetSchema(ArrowSchema* out) override {
        ArrowSchemaInit(out);
        CheckArrow(ArrowSchemaSetTypeStruct(out, static_cast<int64_t>(table_.columns.size())));
        for (size_t i = 0; i < table_.columns.size(); ++i) {
            SetType(out->children[i], table_.columns[i].type);
            CheckArrow(ArrowSchemaSetName(out->children[i], table_.columns[i].name));
        }
    }

    bool Next(ArrowArray* out) override {
        std::vector<Cells> rows;
        store_.Read(
            [&](Connection& connection) { rows = connection.Query(sql_, {after_, kPageRows}); });
        if (rows.empty()) return false;
        after_ = IntOf(rows.back().at(0));
        ArrowSchema schema;
        GetSchema(&schema);
        CheckArrow(ArrowArrayInitFromSchema(out, &schema, nullptr));
        ArrowSchemaRelease(&schema);
        try {
            CheckArrow(ArrowArrayStartAppending(out));
            for (const Cells& row : rows) AppendRow(out, row);
            CheckArrow(ArrowArrayFinishBuildingDefault(out, nullptr));
        } catch (const Error&) {
            ArrowArrayRelease(out);
            throw;
        }
        return true;
    }

private:
    static constexpr int64_t kPageRows = 2048;
    static constexpr double kMicrosPerMs = 1000;

    void AppendRow(ArrowArray* out, const Cells& row) const {
        for (int64_t i = 0; i < out->n_children; ++i) {
            const Cell& cell = row.at(static_cast<size_t>(i) + 1);
            const ColumnType type = table_.columns[static_cast<size_t>(i)].type;
            const bool is_millis = type == ColumnType::kMillis;
            if (type == ColumnType::kNumber && std::holds_alternative<std::string>(cell)) {
                const double number = std::strtod(std::get<std::string>(cell).c_str(), nullptr);
                CheckArrow(ArrowArrayAppendDouble(out->children[i], number));
            } else if (is_millis && std::holds_alternative<int64_t>(cell)) {
                const auto micros = static_cast<double>(std::get<int64_t>(cell));
                CheckArrow(ArrowArrayAppendDouble(out->children[i], micros / kMicrosPerMs));
            } else if (const auto* number = std::get_if<int64_t>(&cell)) {
                CheckArrow(ArrowArrayAppendInt(out->children[i], *number));
            } else if (const auto* text = std::get_if<std::string>(&cell)) {
                CheckArrow(ArrowArrayAppendString(
                    out->children[i], {text->data(), static_cast<int64_t>(text->size())}));
            } else {
                CheckArrow(ArrowArrayAppendNull(out->children[i], 1));
            }
        }
        CheckArrow(ArrowArrayFinishElement(out));
    }

    Store& store_;
    const OpsTable& table_;
    std::string sql_;
    int64_t after_ = 0;
};

}  // namespace

std::unique_ptr<table::RowSource> OpenRunRows(Store& store) {
    return std::make_unique<OpsRows>(store, RunsTable());
}

std::unique_ptr<table::RowSource> OpenQualityRows(Store& store) {
    return std::make_unique<OpsRows>(store, QualityTable());
}

std::unique_ptr<table::RowSource> OpenLineageRows(Store& store) {
    return std::make_unique<OpsRows>(store, LineageTable());
}

std::unique_ptr<table::RowSource> OpenQueryRows(Store& store) {
    return std::make_unique<OpsRows>(store, QueriesTable());
}

std::unique_ptr<table::RowSource> OpenJobRunRows(Store& store) {
    return std::make_unique<OpsRows>(store, JobRunsTable());
}

std::unique_ptr<table::RowSource> OpenJobTaskRows(Store& store) {
    return std::make_unique<OpsRows>(store, JobTasksTable());
}

}  // namespace tarn::catalog
