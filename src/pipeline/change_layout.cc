#include "pipeline/change_layout.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kAbsent = "__absent";

using sql::ColumnChoice;

std::vector<std::string> NamesOf(const Columns& columns) {
    std::vector<std::string> names;
    for (const engine::ColumnInfo& column : columns) names.push_back(column.name);
    return names;
}

const engine::ColumnInfo& Named(const Columns& columns, const std::string& name,
                                std::string_view role) {
    const engine::ColumnInfo* found = FindColumn(columns, name);
    if (found != nullptr) return *found;
    const auto nearest = NearestWord(name, NamesOf(columns));
    throw Error(ErrorKind::kInvalidInput, "{} `{}` is no column of the changes{}", role, name,
                nearest ? ": did you mean `" + *nearest + "`?" : "");
}

Columns AllNamed(const Columns& columns, const std::vector<std::string>& names,
                 std::string_view role) {
    Columns found;
    std::set<std::string> seen;
    for (const std::string& name : names) {
        found.push_back(Named(columns, name, role));
        if (!seen.insert(AsciiLower(found.back().name)).second)
            throw Error(ErrorKind::kInvalidInput, "{} `{}` stands twice", role, name);
    }
    return found;
}

Columns Chosen(const ColumnChoice& choice, const Columns& columns, std::string_view role) {
    const Columns named = AllNamed(columns, choice.names, role);
    Columns chosen;
    for (const engine::ColumnInfo& column : columns) {
        const bool is_named = FindColumn(named, column.name) != nullptr;
        if (choice.takes == ColumnChoice::Takes::kAll ||
            is_named == (choice.takes == ColumnChoice::Takes::kNamed))
            chosen.push_back(column);
    }
    return chosen;
}

std::string Each(const Columns& columns, std::string_view between,
                 const std::function<std::string(const std::string&)>& of) {
    std::vector<std::string> parts;
    for (const engine::ColumnInfo& column : columns)
        parts.push_back(of(sql::QuoteIdentifier(column.name)));
    return Join(parts, between);
}

// Types that tables keep as others: of what is read back a hash would be another. A name of a field
// that holds such a word only costs time.
bool IsKeptAsItIs(const engine::ColumnInfo& column) {
    constexpr std::array<std::string_view, 9> kOthers = {
        "ENUM", "UUID", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "JSON", "_"};
    return std::none_of(kOthers.begin(), kOthers.end(), [&](std::string_view other) {
        return column.type.find(other) != std::string::npos;
    });
}

void CheckRules(const sql::ChangeRules& rules) {
    if (rules.keys.empty()) throw Error(ErrorKind::kInvalidInput, "changes need `keys`");
    if (rules.sequence_by.empty())
        throw Error(ErrorKind::kInvalidInput, "changes need `sequence_by`, what orders them");
    if (rules.keeps_history && rules.soft_deletes) {
        throw Error(ErrorKind::kInvalidInput,
                    "soft deletes do not go with a history: it says by __END_AT what is gone");
    }
    if (!rules.keeps_history && rules.tracked.takes != ColumnChoice::Takes::kAll) {
        throw Error(ErrorKind::kInvalidInput, "columns whose history is tracked need SCD type 2");
    }
}

void RefuseOwnNames(const Columns& columns, const sql::ChangeRules& rules) {
    std::vector<std::string_view> own = {"__sequence", "__is_delete", "__is_truncate", "__upsert",
                                         "__delete",   "__tie",       kAbsent,         "__op"};
    if (rules.keeps_history) own.insert(own.end(), {"__START_AT", "__END_AT"});
    if (rules.soft_deletes) own.insert(own.end(), {"is_deleted", "deleted_at"});
    for (const std::string_view name : own) {
        if (FindColumn(columns, name) == nullptr) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the changes have a column `{}`, which the application of changes makes "
                    "itself: leave it out or rename it",
                    name);
    }
}

}  // namespace

bool HasPartialChanges(const sql::ChangeRules& rules) {
    return rules.ignore_null_updates || rules.tells_absent;
}

bool ChangeLayout::RowsTellTheirOrder() const {
    return std::all_of(order_parts.begin(), order_parts.end(),
                       [&](const auto& part) { return FindColumn(columns, part.name) != nullptr; });
}

bool ChangeLayout::KeepsTypes() const {
    return std::all_of(columns.begin(), columns.end(), IsKeptAsItIs);
}

std::string OrderOf(const Columns& parts, std::string_view prefix) {
    const auto named = [&](const engine::ColumnInfo& part) {
        return std::string(prefix) + sql::QuoteIdentifier(part.name);
    };
    if (parts.size() == 1) return named(parts[0]);
    std::vector<std::string> fields;
    for (const engine::ColumnInfo& part : parts)
        fields.push_back(sql::QuoteIdentifier(part.name) + " := " + named(part));
    return "struct_pack(" + Join(fields, ", ") + ")";
}

bool ChangeLayout::JoinsChanges(const sql::ChangeRules& rules) const {
    return HasPartialChanges(rules) || tracked.size() != values.size();
}

ChangeLayout LayoutOf(const sql::ChangeRules& rules, const Columns& all) {
    CheckRules(rules);
    Columns source = all;
    if (rules.tells_absent)
        std::erase_if(source, [](const auto& column) { return column.name == kAbsent; });
    ChangeLayout layout;
    layout.keys = AllNamed(source, rules.keys, "key");
    layout.order_parts = AllNamed(source, rules.sequence_by, "the sequence's column");
    layout.order = OrderOf(layout.order_parts);
    layout.columns = Chosen(rules.columns, source, "column");
    for (const engine::ColumnInfo& key : layout.keys) {
        if (FindColumn(layout.columns, key.name) != nullptr) continue;
        throw Error(ErrorKind::kInvalidInput, "the key `{}` is not among the columns to keep",
                    key.name);
    }
    for (const engine::ColumnInfo& column : layout.columns) {
        if (FindColumn(layout.keys, column.name) == nullptr) layout.values.push_back(column);
    }
    RefuseOwnNames(layout.columns, rules);
    const Columns tracked = Chosen(rules.tracked, layout.columns, "the tracked column");
    for (const engine::ColumnInfo& column : tracked) {
        if (FindColumn(layout.keys, column.name) == nullptr) layout.tracked.push_back(column);
    }
    return layout;
}

Columns Together(Columns columns, const Columns& more) {
    columns.insert(columns.end(), more.begin(), more.end());
    return columns;
}

std::string Listed(const Columns& columns, std::string_view prefix) {
    return Each(columns, ", ", [&](const std::string& name) { return std::string(prefix) + name; });
}

std::string KeysAlone(const ChangeLayout& layout, std::string_view prefix) {
    std::vector<std::string> parts;
    for (const engine::ColumnInfo& column : layout.columns) {
        const bool is_key = FindColumn(layout.keys, column.name) != nullptr;
        parts.push_back(is_key ? Listed({column}, prefix) : Nulls({column}));
    }
    return Join(parts, ", ");
}

std::string RowsByKey(const Columns& keys, std::string_view table, std::string_view how,
                      std::string_view other) {
    return fmt::format("SELECT * FROM {} e {} JOIN {} o ON {}", table, how, other,
                       AreEqual(keys, "e", "o"));
}

std::string AreEqual(const Columns& columns, std::string_view left, std::string_view right) {
    return Each(columns, " AND ", [&](const std::string& name) {
        return fmt::format("{0}.{2} = {1}.{2}", left, right, name);
    });
}

std::string AreSame(const Columns& columns, std::string_view left, std::string_view right) {
    return Each(columns, " AND ", [&](const std::string& name) {
        return fmt::format("{0}.{2} IS NOT DISTINCT FROM {1}.{2}", left, right, name);
    });
}

std::string Differ(const Columns& columns, std::string_view left, std::string_view right) {
    if (columns.empty()) return "FALSE";
    return "(" +
           Each(columns, " OR ",
                [&](const std::string& name) {
                    return fmt::format("{0}.{2} IS DISTINCT FROM {1}.{2}", left, right, name);
                }) +
           ")";
}

std::string Assigned(const Columns& columns, std::string_view right) {
    return Each(columns, ", ",
                [&](const std::string& name) { return fmt::format("{0} = {1}.{0}", name, right); });
}

std::string Nulls(const Columns& columns) {
    std::vector<std::string> parts;
    for (const engine::ColumnInfo& column : columns)
        parts.push_back(
            fmt::format("NULL::{} AS {}", column.type, sql::QuoteIdentifier(column.name)));
    return Join(parts, ", ");
}

// The hash passes over NULLs: which values are NULL goes into it, too.
std::string TieOfValues(const std::vector<std::string>& values) {
    if (values.empty()) return "0::BIGINT";
    std::vector<std::string> parts;
    for (const std::string& value : values) parts.push_back(fmt::format("{0}, {0} IS NULL", value));
    return "spark_xxhash64(" + Join(parts, ", ") + ")";
}

std::string Tie(const Columns& columns, std::string_view prefix) {
    std::vector<std::string> values;
    for (const engine::ColumnInfo& column : columns)
        values.push_back(std::string(prefix) + sql::QuoteIdentifier(column.name));
    return TieOfValues(values);
}

}  // namespace tarn::pipeline
