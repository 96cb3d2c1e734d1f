#include "pipeline/history_dimension.h"

#include "base/error.h"
#include "base/text.h"
#include "pipeline/change_layout.h"
#include "pipeline/change_steps.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kBatch = "tarn_seen";

// The batch in a temporary table, judged.
class SeenRows {
public:
    SeenRows(engine::Session& session, const TableWrite& write) : session_(session) {
        session.Run(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", kBatch, write.select));
        columns_ = engine::ColumnsOf(session, kBatch);
        for (const std::string& name : write.unique_key) keys_.push_back(Named(name));
        for (const engine::ColumnInfo& column : columns_) {
            if (FindColumn(keys_, column.name) == nullptr) values_.push_back(column);
        }
        for (const char* own :
             {"is_current", "valid_from", "valid_to", "row_hash", "last_seen_at"}) {
            if (FindColumn(columns_, own) == nullptr) continue;
            throw Error(ErrorKind::kInvalidInput,
                        "the rows have a column `{}`, which a history makes itself", own);
        }
        Judge();
    }

    const Columns& columns() const { return columns_; }
    const Columns& keys() const { return keys_; }
    const Columns& values() const { return values_; }

    std::string Hash() const {
        if (values_.empty()) return "sha256('')";
        return "sha256(CAST(to_json(row(" + Listed(values_) + ")) AS VARCHAR))";
    }

private:
    const engine::ColumnInfo& Named(const std::string& name) const {
        if (const engine::ColumnInfo* found = FindColumn(columns_, name)) return *found;
        throw Error(ErrorKind::kInvalidInput, "`unique_key: {}` is no column of the rows", name);
    }

    void Judge() {
        for (const engine::ColumnInfo& key : keys_) {
            const std::string name = sql::QuoteIdentifier(key.name);
            if (CountRows(session_, fmt::format("{} WHERE {} IS NULL", kBatch, name)) > 0)
                throw Error(ErrorKind::kInvalidInput, "`{}`, a key, is NULL in the rows", key.name);
        }
        const int64_t doubled =
            CountRows(session_, fmt::format("(SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1)",
                                            kBatch, Listed(keys_)));
        if (doubled == 0) return;
        throw Error(ErrorKind::kInvalidInput,
                    "{} keys stand more than once in the rows: a history takes one row a key, as "
                    "`deduplicate` leaves it",
                    doubled);
    }

    engine::Session& session_;
    Columns columns_;
    Columns keys_;
    Columns values_;
};

}  // namespace

std::string HistoryDimension::TimeOf(const TableWrite& write) {
    const std::string now =
        fmt::format("TIMESTAMPTZ {}", sql::QuoteLiteral(FormatTimestamp(clock_.Now())));
    if (write.replace) return now;
    const auto rows = session_.Query(fmt::format(
        "SELECT greatest({}, max(valid_from) + INTERVAL 1 MICROSECOND, max(valid_to) + INTERVAL 1 "
        "MICROSECOND) FROM {}",
        now, QuotedTable(write.table)));
    const auto& time = rows.at(0).at(0);
    return time ? "TIMESTAMPTZ " + sql::QuoteLiteral(*time) : now;
}

WriteOutcome HistoryDimension::Apply(TableWrite write) {
    const SeenRows seen(session_, write);
    const std::string time = TimeOf(write);
    const std::string begun = fmt::format(
        "TRUE AS is_current, {0} AS valid_from, NULL::TIMESTAMPTZ AS valid_to, {1} AS row_hash, "
        "{0} AS last_seen_at",
        time, seen.Hash());
    const std::string rows =
        fmt::format("SELECT {}, {} FROM {}", Listed(seen.columns()), begun, kBatch);
    if (write.replace) {
        write.select = rows;
        return writer_.Write(write);
    }
    const std::string table = QuotedTable(write.table);
    const std::string columns = Listed(seen.columns());
    // A row that differs comes twice: once to end the version that is there, once to begin its own.
    return writer_.Run(
        fmt::format(
            "MERGE INTO {0} AS old USING (SELECT *, FALSE AS __begins FROM ({1}) UNION ALL SELECT "
            "new.*, TRUE FROM ({1}) new JOIN {0} old ON {2} AND old.is_current WHERE {3}) AS new "
            "ON {2} AND old.is_current AND NOT new.__begins WHEN MATCHED AND {3} THEN UPDATE SET "
            "is_current = FALSE, valid_to = new.valid_from WHEN MATCHED THEN UPDATE SET "
            "last_seen_at = new.last_seen_at WHEN NOT MATCHED THEN INSERT ({4}, is_current, "
            "valid_from, valid_to, row_hash, last_seen_at) VALUES ({5}, TRUE, new.valid_from, "
            "NULL, new.row_hash, new.last_seen_at)",
            table, rows, AreEqual(seen.keys(), "old", "new"), Differ(seen.values(), "old", "new"),
            columns, Listed(seen.columns(), "new.")),
        write);
}

}  // namespace tarn::pipeline
