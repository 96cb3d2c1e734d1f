#include "pipeline/debezium_changes.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// What stands for a value that the source's log does not have: as text, as bytes, in a list.
constexpr std::string_view kUnavailable =
    "('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==', "
    "'[\"__debezium_unavailable_value\"]')";

std::string AsJson(const Columns& columns, std::string_view name) {
    const engine::ColumnInfo* column = FindColumn(columns, name);
    if (column == nullptr) return "NULL::JSON";
    const std::string quoted = sql::QuoteIdentifier(column->name);
    const bool is_text = column->type == "VARCHAR" || column->type == "JSON";
    return is_text ? "CAST(" + quoted + " AS JSON)" : "to_json(" + quoted + ")";
}

std::string OpOf(const Columns& columns) {
    const engine::ColumnInfo* op = FindColumn(columns, "op");
    return op == nullptr ? "NULL" : sql::QuoteIdentifier(op->name);
}

// The envelopes as JSON in the column `e`; NULL: a tombstone.
std::string Envelopes(const std::string& select, const Columns& landed) {
    if (FindColumn(landed, "raw_payload") != nullptr) {
        return fmt::format(
            "SELECT CASE WHEN json_exists(e, '$.payload') THEN json_extract(e, '$.payload') ELSE e "
            "END AS e FROM (SELECT CAST(raw_payload AS JSON) AS e FROM (\n{}\n))",
            select);
    }
    if (FindColumn(landed, "op") == nullptr || FindColumn(landed, "after") == nullptr) {
        throw Error(ErrorKind::kInvalidInput,
                    "Debezium's envelopes are read from a column raw_payload, or from op, before, "
                    "after and source: the rows have neither");
    }
    return fmt::format(
        "SELECT CASE WHEN {0} IS NOT NULL THEN json_object('op', {0}, 'before', {1}, 'after', {2}, "
        "'source', {3}, 'ts_ms', {4}) END AS e FROM (\n{5}\n)",
        OpOf(landed), AsJson(landed, "before"), AsJson(landed, "after"), AsJson(landed, "source"),
        AsJson(landed, "ts_ms"), select);
}

std::string FieldOf(const std::string& name) {
    return "json_extract_string(image, " + sql::QuoteLiteral("$.\"" + name + "\"") + ")";
}

// Dates come as days, bytes in base64; all else as the engine reads the text.
std::string Typed(const std::string& field, const std::string& type) {
    const std::string upper = AsciiUpper(type);
    if (upper == "DATE") {
        return fmt::format(
            "CASE WHEN regexp_full_match({0}, '-?[0-9]+') THEN DATE '1970-01-01' + "
            "TRY_CAST({0} AS INTEGER) ELSE CAST({0} AS DATE) END",
            field);
    }
    if (upper == "BLOB" || upper == "BYTEA" || upper == "BINARY")
        return "from_base64(" + field + ")";
    return "CAST(" + field + " AS " + type + ")";
}

std::string Number(std::string_view path) {
    return fmt::format("TRY_CAST(json_extract_string(e, '$.{}') AS BIGINT)", path);
}

}  // namespace

std::string DebeziumSelect(const std::string& select, const Columns& landed,
                           const CapturedColumns& captured, const std::vector<std::string>& keys) {
    std::string columns;
    std::vector<std::string> absent;
    for (const auto& [name, type] : captured) {
        const std::string field = FieldOf(name);
        const bool is_key = std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
            return EqualsIgnoreCase(key, name);
        });
        columns += fmt::format("CASE WHEN {} IN {}{} THEN NULL ELSE {} END AS {}, ", field,
                               kUnavailable, is_key ? "" : " OR op = 'd'", Typed(field, type),
                               sql::QuoteIdentifier(name));
        absent.push_back(fmt::format("CASE WHEN {} IN {} THEN {} END", field, kUnavailable,
                                     sql::QuoteLiteral(name)));
    }
    // A clock alone orders; where the log does, it may be missing.
    return fmt::format(
        "SELECT * REPLACE (coalesce(_position, 0) AS _position, coalesce(_ts_ms, CASE WHEN _log <> "
        "'' OR _position IS NOT NULL THEN 0 END) AS _ts_ms) FROM (SELECT {}list_filter([{}]"
        "::VARCHAR[], lambda x: x IS NOT NULL) AS __absent, op AS _op, "
        "coalesce(json_extract_string(e, '$.source.file'), json_extract_string(e, "
        "'$.source.change_lsn'), json_extract_string(e, '$.source.commit_lsn'), '') AS _log, "
        "coalesce({}, {}, {}) AS _position, coalesce({}, {}, 0) AS _row, coalesce({}, {}) AS "
        "_ts_ms FROM (SELECT e, op, CASE WHEN op = 'd' THEN json_extract(e, '$.before') ELSE "
        "json_extract(e, '$.after') END AS image FROM (SELECT e, json_extract_string(e, '$.op') AS "
        "op FROM ({}) WHERE e IS NOT NULL AND json_type(e) <> 'NULL') WHERE CASE WHEN op IN ('c', "
        "'u', 'd', 'r', 't') THEN TRUE WHEN op = 'm' THEN FALSE ELSE error('a row holds no "
        "envelope of Debezium: its op is ' || coalesce(op, 'missing')) END))",
        columns, Join(absent, ", "), Number("source.lsn"), Number("source.pos"),
        Number("source.scn"), Number("source.row"), Number("source.event_serial_no"),
        Number("source.ts_ms"), Number("ts_ms"), Envelopes(select, landed));
}

sql::ChangeRules DebeziumRules(const sql::ChangeRules& rules, const CapturedColumns& captured) {
    sql::ChangeRules full = rules;
    if (full.sequence_by.empty()) full.sequence_by = {"_log", "_position", "_row", "_ts_ms"};
    if (full.delete_when.empty()) full.delete_when = "_op = 'd'";
    if (full.truncate_when.empty()) full.truncate_when = "_op = 't'";
    full.tells_absent = true;
    if (full.columns.takes == sql::ColumnChoice::Takes::kAll) {
        full.columns.takes = sql::ColumnChoice::Takes::kNamed;
        for (const auto& [name, type] : captured) full.columns.names.push_back(name);
    }
    return full;
}

}  // namespace tarn::pipeline
