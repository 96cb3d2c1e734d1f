#include "quality/contract_check.h"

#include "base/text.h"
#include "engine/column_lookup.h"
#include "quality/contract_type.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

std::string CountWhere(const std::string& condition) {
    return fmt::format("count(*) FILTER (WHERE {})", condition);
}

std::string Listed(const std::vector<std::string>& values) {
    std::vector<std::string> literals;
    for (const std::string& value : values) literals.push_back(sql::QuoteLiteral(value));
    return Join(literals, ", ");
}

bool IsTime(std::string_view type) { return type.starts_with("TIMESTAMP") || type == "DATE"; }

// The column by whose time the rows' age and day are told; empty: nothing says which.
std::string TimeColumn(const Contract& contract, const ContractTable& promised,
                       const std::vector<engine::ColumnInfo>& columns) {
    if (!contract.service.delay_column.empty()) return contract.service.delay_column;
    std::string only;
    for (const ContractField& field : promised.fields) {
        const engine::ColumnInfo* column = FindColumn(columns, field.name);
        if (column == nullptr || !IsTime(column->type)) continue;
        if (!only.empty()) return "";
        only = field.name;
    }
    return only;
}

class Promises {
public:
    Promises(const Contract& contract, const std::vector<engine::ColumnInfo>& columns,
             std::string_view table, std::string_view now)
        : contract_(contract), columns_(columns), table_(table), now_(now) {}

    std::vector<ContractPromise> Of(const ContractTable& promised) {
        for (const ContractField& field : promised.fields) {
            if (FindColumn(columns_, field.name) != nullptr) OfField(field);
        }
        OfKey(promised);
        for (const ContractRule& rule : promised.rules) OfRule(rule);
        OfService(promised);
        return std::move(promises_);
    }

private:
    ContractPromise& Add(std::string name, std::string value, std::string must_be) {
        promises_.push_back({std::move(name), std::move(value), std::move(must_be)});
        return promises_.back();
    }
    // There is no row of which the condition holds.
    ContractPromise& AddNone(std::string_view of, std::string_view what,
                             const std::string& condition) {
        ContractPromise& promise =
            Add(fmt::format("{}.{}", of, what), CountWhere(condition), "= 0");
        promise.scope = PromiseScope::kEachRow;
        promise.broken_by = condition;
        return promise;
    }

    static std::string Percent(const std::string& count) {
        return fmt::format("coalesce(100.0 * {} / nullif(count(*), 0), 0)", count);
    }

    void OfField(const ContractField& field) {
        const size_t first = promises_.size();
        AddOfField(field);
        for (size_t at = first; at < promises_.size(); ++at) promises_[at].column = field.name;
    }

    void AddOfField(const ContractField& field) {
        const std::string name = sql::QuoteIdentifier(field.name);
        const auto rate = field.max_null_rate_pct ? field.max_null_rate_pct
                          : field.nullable        ? std::nullopt
                                                  : contract_.service.max_null_rate_pct;
        if (rate) {
            ContractPromise& promise =
                Add(field.name + ".null_rate_pct", Percent(CountWhere(name + " IS NULL")),
                    fmt::format("<= {}", *rate));
            promise.scope = PromiseScope::kManyRows;
            promise.broken_by = name + " IS NULL";
        } else if (!field.nullable) {
            AddNone(field.name, "not_null", name + " IS NULL");
        }
        if (!field.allowed_values.empty()) {
            AddNone(
                field.name, "allowed_values",
                fmt::format("CAST({} AS VARCHAR) NOT IN ({})", name, Listed(field.allowed_values)));
        }
        if (field.min_length)
            AddNone(field.name, "min_length",
                    fmt::format("length({}) < {}", name, *field.min_length));
        if (field.max_length)
            AddNone(field.name, "max_length",
                    fmt::format("length({}) > {}", name, *field.max_length));
        if (!field.pattern.empty()) {
            AddNone(field.name, "pattern",
                    fmt::format("NOT regexp_full_match(CAST({} AS VARCHAR), {})", name,
                                sql::QuoteLiteral(field.pattern)));
        }
        if (!field.minimum.empty()) {
            AddNone(
                field.name, "minimum",
                fmt::format("{} {} {}", name, field.excludes_minimum ? "<=" : "<", field.minimum));
        }
        if (!field.maximum.empty()) {
            AddNone(
                field.name, "maximum",
                fmt::format("{} {} {}", name, field.excludes_maximum ? ">=" : ">", field.maximum));
        }
        if (field.unique)
            Add(field.name + ".unique", fmt::format("count({0}) - count(DISTINCT {0})", name),
                "= 0")
                .scope = PromiseScope::kManyRows;
    }

    void OfKey(const ContractTable& promised) {
        std::vector<const ContractField*> keys;
        for (const ContractField& field : promised.fields) {
            if (field.primary_key > 0 && FindColumn(columns_, field.name) != nullptr)
                keys.push_back(&field);
        }
        if (keys.empty()) return;
        std::vector<std::string> names;
        std::string nulls;
        for (const ContractField* key : keys) {
            names.push_back(sql::QuoteIdentifier(key->name));
            nulls += (nulls.empty() ? "" : " OR ") + names.back() + " IS NULL";
        }
        AddNone("primary_key", "not_null", nulls);
        Add("primary_key.unique",
            fmt::format("count(*) - count(DISTINCT row({}))", Join(names, ", ")), "= 0")
            .scope = PromiseScope::kManyRows;
    }

    // The rows that the metric counts; empty: it counts no rows.
    static std::string CountedBy(const ContractRule& rule) {
        const std::string name = sql::QuoteIdentifier(rule.column);
        if (rule.metric == "nullValues") return name + " IS NULL";
        if (rule.metric == "missingValues") {
            if (rule.missing_values.empty()) return name + " IS NULL";
            return fmt::format("{0} IS NULL OR CAST({0} AS VARCHAR) IN ({1})", name,
                               Listed(rule.missing_values));
        }
        if (rule.metric != "invalidValues") return "";
        if (!rule.pattern.empty()) {
            return fmt::format("NOT regexp_full_match(CAST({} AS VARCHAR), {})", name,
                               sql::QuoteLiteral(rule.pattern));
        }
        return fmt::format("CAST({} AS VARCHAR) NOT IN ({})", name,
                           rule.valid_values.empty() ? "NULL" : Listed(rule.valid_values));
    }

    static std::string Counted(const ContractRule& rule) {
        if (rule.metric == "rowCount") return "count(*)";
        if (rule.metric != "duplicateValues") return CountWhere(CountedBy(rule));
        std::vector<std::string> names;
        for (const std::string& column : rule.columns)
            names.push_back(sql::QuoteIdentifier(column));
        if (names.empty())
            return fmt::format("count({0}) - count(DISTINCT {0})",
                               sql::QuoteIdentifier(rule.column));
        return fmt::format("count(*) - count(DISTINCT row({}))", Join(names, ", "));
    }

    void OfRule(const ContractRule& rule) {
        for (const std::string& column : rule.columns) {
            if (FindColumn(columns_, column) == nullptr) return;
        }
        if (!rule.column.empty() && FindColumn(columns_, rule.column) == nullptr) return;
        const std::string counted = rule.query.empty() ? Counted(rule) : "(" + Filled(rule) + ")";
        const bool is_rate = rule.in_percent && rule.query.empty();
        ContractPromise& promise =
            Add(rule.name, is_rate ? Percent(counted) : counted, rule.must_be);
        promise.only_warns = rule.only_warns;
        promise.column = rule.column;
        if (!rule.query.empty() || rule.metric == "rowCount") return;
        promise.broken_by = CountedBy(rule);
        // Where there may be only so many, a part of the rows can have too many.
        const bool is_most = rule.must_be.starts_with("<") && !rule.must_be.starts_with("<>");
        if (is_most || rule.must_be == "= 0") promise.scope = PromiseScope::kManyRows;
    }

    // `{table}`, `{object}` and `{column}`, `{property}`, also as `${...}`.
    std::string Filled(const ContractRule& rule) const {
        std::string text = rule.query;
        const auto fill = [&](const std::string& word, const std::string& with) {
            for (const std::string& mark : {"${" + word + "}", "{" + word + "}"}) {
                for (size_t at = text.find(mark); at != std::string::npos;
                     at = text.find(mark, at + with.size()))
                    text.replace(at, mark.size(), with);
            }
        };
        for (const char* word : {"table", "object"}) fill(word, std::string(table_));
        const std::string column = rule.column.empty() ? "" : sql::QuoteIdentifier(rule.column);
        for (const char* word : {"column", "property"}) fill(word, column);
        while (!text.empty() && (text.back() == ';' || text.back() == '\n' || text.back() == ' '))
            text.pop_back();
        return text;
    }

    void OfService(const ContractTable& promised) {
        const std::string column = TimeColumn(contract_, promised, columns_);
        if (column.empty() || FindColumn(columns_, column) == nullptr) return;
        const std::string time =
            fmt::format("CAST({} AS TIMESTAMPTZ)", sql::QuoteIdentifier(column));
        const ServiceLevel& service = contract_.service;
        const size_t first = promises_.size();
        if (service.max_delay_seconds) {
            Add("sla.max_delay_seconds",
                fmt::format("date_diff('second', max({}), {})", time, now_),
                fmt::format("<= {}", *service.max_delay_seconds));
        }
        if (service.min_daily_volume) {
            Add("sla.min_daily_volume",
                CountWhere(fmt::format("{0} >= date_trunc('day', {1}) - INTERVAL 1 DAY AND {0} < "
                                       "date_trunc('day', {1})",
                                       time, now_)),
                fmt::format(">= {}", *service.min_daily_volume));
        }
        for (size_t at = first; at < promises_.size(); ++at)
            promises_[at].scope = PromiseScope::kOverTime;
    }

    const Contract& contract_;
    const std::vector<engine::ColumnInfo>& columns_;
    const std::string_view table_;
    const std::string_view now_;
    std::vector<ContractPromise> promises_;
};

}  // namespace

std::vector<std::string> ColumnBreaches(const ContractTable& promised,
                                        const std::vector<engine::ColumnInfo>& columns) {
    std::vector<std::string> names;
    for (const engine::ColumnInfo& column : columns) names.push_back(column.name);
    std::vector<std::string> breaches;
    for (const ContractField& field : promised.fields) {
        const engine::ColumnInfo* column = FindColumn(columns, field.name);
        if (column == nullptr) {
            const auto nearest = NearestWord(field.name, names);
            breaches.push_back(fmt::format("the column `{}` is missing{}", field.name,
                                           nearest ? "; there is `" + *nearest + "`" : ""));
        } else if (!Holds(field.type, column->type)) {
            breaches.push_back(fmt::format("the column `{}` is {}, promised is {}", field.name,
                                           column->type, field.type));
        }
    }
    return breaches;
}

std::vector<ContractPromise> PromisesOf(const Contract& contract, const ContractTable& promised,
                                        const std::vector<engine::ColumnInfo>& columns,
                                        std::string_view table, std::string_view now) {
    return Promises(contract, columns, table, now).Of(promised);
}

std::string PromiseQuery(const std::vector<ContractPromise>& promises, std::string_view table) {
    std::vector<std::string> values = {"count(*) AS n"};
    std::vector<std::string> judged = {"n"};
    for (size_t at = 0; at < promises.size(); ++at) {
        const ContractPromise& promise = promises[at];
        values.push_back(fmt::format("{} AS v{}", promise.value, at));
        std::string failed = promise.must_be == "= 0" ? fmt::format("v{}", at) : "NULL";
        if (!promise.broken_by.empty() && promise.value != CountWhere(promise.broken_by)) {
            values.push_back(fmt::format("{} AS f{}", CountWhere(promise.broken_by), at));
            failed = fmt::format("f{}", at);
        } else if (!promise.broken_by.empty()) {
            failed = fmt::format("v{}", at);
        }
        judged.push_back(fmt::format("v{0}, (v{0} {1}) IS TRUE, {2}", at, promise.must_be, failed));
    }
    return fmt::format("SELECT {} FROM (SELECT {} FROM {})", Join(judged, ", "), Join(values, ", "),
                       table);
}

}  // namespace tarn::quality
