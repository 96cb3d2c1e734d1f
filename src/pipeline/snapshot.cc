#include "pipeline/snapshot.h"

#include <algorithm>
#include <regex>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

bool HasColumn(const std::vector<std::string>& columns, const std::string& name) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const std::string& column) { return EqualsIgnoreCase(column, name); });
}

std::string Text(const Json& settings, const char* key) {
    if (!settings.contains(key) || settings[key].is_null()) return "";
    if (settings[key].is_string()) return settings[key].get<std::string>();
    throw Error(ErrorKind::kInvalidInput, "`{}` is a text", key);
}

HardDeletes ParseHardDeletes(const Json& settings) {
    const std::string word = Text(settings, "hard_deletes");
    if (word.empty()) {
        const bool ends = settings.value("invalidate_hard_deletes", Json()) == true;
        return ends ? HardDeletes::kInvalidate : HardDeletes::kIgnore;
    }
    if (word == "ignore") return HardDeletes::kIgnore;
    if (word == "invalidate") return HardDeletes::kInvalidate;
    if (word == "new_record") return HardDeletes::kNewRecord;
    throw Error(ErrorKind::kInvalidInput,
                "`hard_deletes: {}` is not one of ignore, invalidate, new_record", word);
}

void ReadColumnNames(const Json& settings, SnapshotConfig& config) {
    if (!settings.contains("snapshot_meta_column_names")) return;
    const Json& names = settings["snapshot_meta_column_names"];
    if (!names.is_object())
        throw Error(ErrorKind::kInvalidInput, "`snapshot_meta_column_names` is a map of names");
    for (const auto& [key, value] : names.items()) {
        const auto column = std::find_if(config.names.begin(), config.names.end(),
                                         [&](const auto& name) { return name.first == key; });
        if (column == config.names.end() || !value.is_string()) {
            throw Error(ErrorKind::kInvalidInput,
                        "`snapshot_meta_column_names` has dbt_valid_from, dbt_valid_to, "
                        "dbt_scd_id, dbt_updated_at and dbt_is_deleted, not `{}`",
                        key);
        }
        column->second = value.get<std::string>();
    }
}

// Builds the texts of one run.
class Writer {
public:
    explicit Writer(const SnapshotRun& run) : run_(run), config_(run.config) {}

    std::string First() const {
        return fmt::format("SELECT {}, {} FROM ({}) AS source", Columns("source"),
                           NewState("source"), Source());
    }

    std::string Next() const {
        const std::string joined =
            "source LEFT JOIN old AS before ON " + SameKey("source", "before");
        const std::string is_new = "before." + Name("dbt_scd_id") + " IS NULL";
        std::string rows = fmt::format("WITH source AS ({}), old AS ({}) ", Source(), Old());
        rows += fmt::format("SELECT {}, {} FROM {} WHERE {} OR ({})", Columns("source"),
                            NewState("source"), joined, is_new, Changed());
        rows += fmt::format(" UNION ALL BY NAME SELECT {}, {} FROM {} WHERE NOT ({}) AND ({})",
                            Columns("source"), Ended("before", "source.tarn_updated"), joined,
                            is_new, Changed());
        if (config_.hard_deletes != HardDeletes::kIgnore) rows += Gone();
        return fmt::format(
            "MERGE WITH SCHEMA EVOLUTION INTO {} AS kept USING ({}) AS new ON kept.{} = new.{} "
            "WHEN MATCHED AND ({}) THEN UPDATE SET {} = new.{} WHEN NOT MATCHED THEN INSERT *",
            run_.table, rows, Name("dbt_scd_id"), Name("dbt_scd_id"), IsCurrent("kept"),
            Name("dbt_valid_to"), Name("dbt_valid_to"));
    }

private:
    std::string Name(const char* column) const {
        return sql::QuoteIdentifier(config_.Name(column));
    }
    bool KeepsDeletions() const { return config_.hard_deletes == HardDeletes::kNewRecord; }
    std::string Now() const {
        return fmt::format("CAST(TIMESTAMP {} AS {})", sql::QuoteLiteral(run_.now), run_.time_type);
    }
    std::string Forever() const {
        return fmt::format("CAST({} AS {})",
                           config_.valid_to_current.empty() ? "NULL" : config_.valid_to_current,
                           run_.time_type);
    }
    std::string Columns(const std::string& of) const {
        std::vector<std::string> all;
        for (const std::string& column : run_.columns)
            all.push_back(of + "." + sql::QuoteIdentifier(column));
        return Join(all, ", ");
    }
    // A key is a column, or an expression over columns.
    std::string Keys() const {
        std::string keys;
        for (size_t i = 0; i < config_.unique_key.size(); ++i) {
            const std::string& key = config_.unique_key[i];
            keys += fmt::format(", ({}) AS tarn_key_{}",
                                HasColumn(run_.columns, key) ? sql::QuoteIdentifier(key) : key, i);
        }
        return keys;
    }
    std::string Source() const {
        const std::string updated = config_.updated_at.empty() ? Now() : config_.updated_at;
        return fmt::format("SELECT *{}, CAST({} AS {}) AS tarn_updated FROM ({}) AS given", Keys(),
                           updated, run_.time_type, run_.rows);
    }
    std::string Old() const {
        return fmt::format("SELECT *{} FROM {} AS kept WHERE {}", Keys(), run_.table,
                           IsCurrent("kept"));
    }
    std::string IsCurrent(const std::string& of) const {
        const std::string to = of + "." + Name("dbt_valid_to");
        if (config_.valid_to_current.empty()) return to + " IS NULL";
        return fmt::format("{0} IS NULL OR {0} = {1}", to, Forever());
    }
    std::string SameKey(const std::string& one, const std::string& other) const {
        std::vector<std::string> same;
        for (size_t i = 0; i < config_.unique_key.size(); ++i)
            same.push_back(fmt::format("{0}.tarn_key_{2} = {1}.tarn_key_{2}", one, other, i));
        return Join(same, " AND ");
    }
    std::string Hash(const std::string& of, const std::string& time) const {
        std::vector<std::string> parts;
        for (size_t i = 0; i < config_.unique_key.size(); ++i)
            parts.push_back(fmt::format("coalesce(CAST({}.tarn_key_{} AS VARCHAR), '')", of, i));
        parts.push_back(fmt::format("coalesce(CAST({} AS VARCHAR), '')", time));
        return "md5(" + Join(parts, " || '|' || ") + ")";
    }
    std::string State(const std::string& id, const std::string& updated, const std::string& from,
                      const std::string& to, const std::string& is_deleted) const {
        std::string state = fmt::format("{} AS {}, {} AS {}, {} AS {}, {} AS {}", id,
                                        Name("dbt_scd_id"), updated, Name("dbt_updated_at"), from,
                                        Name("dbt_valid_from"), to, Name("dbt_valid_to"));
        if (KeepsDeletions())
            state += fmt::format(", {} AS {}", is_deleted, Name("dbt_is_deleted"));
        return state;
    }
    std::string NewState(const std::string& of) const {
        const std::string updated = of + ".tarn_updated";
        return State(Hash(of, updated), updated, updated, Forever(), "'False'");
    }
    // The row that ends a state which stands in the table.
    std::string Ended(const std::string& old, const std::string& at) const {
        return State(old + "." + Name("dbt_scd_id"), at, old + "." + Name("dbt_valid_from"), at,
                     "'False'");
    }
    std::string Changed() const {
        std::string changed = "false";
        if (config_.strategy == SnapshotStrategy::kTimestamp) {
            changed = fmt::format("before.{} < source.tarn_updated", Name("dbt_valid_from"));
        } else {
            for (const std::string& column :
                 config_.check_cols.empty() ? run_.columns : config_.check_cols) {
                if (!HasColumn(run_.old_columns, column)) return "true";  // it is new in the table
                changed += fmt::format(" OR before.{0} IS DISTINCT FROM source.{0}",
                                       sql::QuoteIdentifier(column));
            }
        }
        if (KeepsDeletions())
            changed += fmt::format(" OR before.{} = 'True'", Name("dbt_is_deleted"));
        return changed;
    }
    // Rows of the table that the query does not give any more.
    std::string Gone() const {
        std::string from = "FROM old AS gone WHERE NOT EXISTS (SELECT 1 FROM source WHERE " +
                           SameKey("source", "gone") + ")";
        if (KeepsDeletions())
            from += fmt::format(" AND gone.{} IS DISTINCT FROM 'True'", Name("dbt_is_deleted"));
        std::string rows =
            fmt::format(" UNION ALL BY NAME SELECT {} {}", Ended("gone", Now()), from);
        if (!KeepsDeletions()) return rows;
        std::vector<std::string> kept;
        for (const std::string& column : run_.columns) {
            if (HasColumn(run_.old_columns, column))
                kept.push_back("gone." + sql::QuoteIdentifier(column));
        }
        return rows + fmt::format(" UNION ALL BY NAME SELECT {}, {} {}", Join(kept, ", "),
                                  State(Hash("gone", Now()), Now(), Now(), Forever(), "'True'"),
                                  from);
    }

    const SnapshotRun& run_;
    const SnapshotConfig& config_;
};

std::string Blank(std::string text) {
    for (char& letter : text) {
        if (letter != '\n') letter = ' ';
    }
    return text;
}

}  // namespace

const std::string& SnapshotConfig::Name(std::string_view column) const {
    return std::find_if(names.begin(), names.end(),
                        [&](const auto& name) { return name.first == column; })
        ->second;
}

SnapshotConfig ParseSnapshot(const Json& settings, const std::vector<std::string>& unique_key) {
    SnapshotConfig config;
    config.unique_key = unique_key;
    if (unique_key.empty())
        throw Error(ErrorKind::kInvalidInput, "a snapshot needs a `unique_key`");
    config.updated_at = Text(settings, "updated_at");
    config.valid_to_current = Text(settings, "dbt_valid_to_current");
    config.target_schema = Text(settings, "target_schema");
    config.hard_deletes = ParseHardDeletes(settings);
    ReadColumnNames(settings, config);
    const std::string strategy = Text(settings, "strategy");
    if (strategy == "timestamp") {
        if (config.updated_at.empty())
            throw Error(ErrorKind::kInvalidInput, "`strategy: timestamp` needs `updated_at`");
        return config;
    }
    if (strategy != "check") {
        throw Error(ErrorKind::kInvalidInput,
                    "a snapshot's `strategy` is timestamp or check, not `{}`", strategy);
    }
    config.strategy = SnapshotStrategy::kCheck;
    const Json columns = settings.value("check_cols", Json());
    if (columns == "all") return config;
    const bool is_list = columns.is_array() && !columns.empty() &&
                         std::all_of(columns.begin(), columns.end(),
                                     [](const Json& one) { return one.is_string(); });
    if (!is_list) {
        throw Error(ErrorKind::kInvalidInput,
                    "`strategy: check` needs `check_cols`: all, or a list of columns");
    }
    for (const Json& column : columns) config.check_cols.push_back(column.get<std::string>());
    return config;
}

void CheckColumns(const SnapshotConfig& config, const std::vector<std::string>& columns) {
    for (const std::string& column : config.check_cols) {
        if (HasColumn(columns, column)) continue;
        const auto nearest = NearestWord(column, columns);
        throw Error(ErrorKind::kInvalidInput, "`check_cols`: the snapshot has no column `{}`{}",
                    column, nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
    }
}

std::string FirstSnapshot(const SnapshotRun& run) { return Writer(run).First(); }

std::string NextSnapshot(const SnapshotRun& run) { return Writer(run).Next(); }

std::vector<SnapshotBlock> SnapshotBlocks(const std::string& text, const std::string& file) {
    static const std::regex begin(R"(\{%[-+]?\s*snapshot\s+(\w+)\s*[-+]?%\})");
    static const std::regex end(R"(\{%[-+]?\s*endsnapshot\s*[-+]?%\})");
    std::vector<SnapshotBlock> blocks;
    size_t at = 0;
    std::smatch found;
    while (at < text.size()) {
        const std::string rest = text.substr(at);
        if (!std::regex_search(rest, found, begin)) break;
        const std::string name = found[1];
        const size_t from = at + static_cast<size_t>(found.position(0) + found.length(0));
        const std::string inside = text.substr(from);
        if (!std::regex_search(inside, found, end)) {
            const auto lines =
                std::count(text.begin(), text.begin() + static_cast<long>(from), '\n');
            throw Error(ErrorKind::kInvalidInput, "the snapshot {} has no `endsnapshot`", name)
                .At({file, static_cast<int>(lines) + 1, 1});
        }
        const auto length = static_cast<size_t>(found.position(0));
        blocks.push_back({name, Blank(text.substr(0, from)) + inside.substr(0, length)});
        at = from + length + static_cast<size_t>(found.length(0));
    }
    return blocks;
}

}  // namespace tarn::pipeline
