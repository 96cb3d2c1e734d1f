#include "pipeline/view_delta.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/change_steps.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using engine::ColumnRole;
using engine::ShapeKind;

constexpr std::string_view kOwnColumns = "__tarn_";
constexpr std::string_view kIsNew = "__tarn_is_new";  // of a changed row
constexpr const char* kRows = "tarn_view_rows";       // what becomes of the view's rows
constexpr const char* kKeys = "tarn_view_keys";       // the touched groups
constexpr const char* kLeft = "tarn_view_left";       // copies that are left of rows taken out

// So many values of a column are looked for by name.
constexpr int64_t kMostNamedValues = 20'000;

bool IsNamed(const std::string& type) {
    static const std::vector<std::string> kinds = {"BIGINT",   "BOOLEAN",   "DATE",    "INTEGER",
                                                   "SMALLINT", "TIMESTAMP", "TINYINT", "VARCHAR"};
    return std::binary_search(kinds.begin(), kinds.end(), type) || type.starts_with("DECIMAL");
}

// What becomes of a value that is there by one that comes, as a part of the same group.
std::string Joined(ColumnRole role, const std::string& column) {
    switch (role) {
        case ColumnRole::kSum:
            return fmt::format("coalesce(old.{0} + new.{0}, old.{0}, new.{0})", column);
        case ColumnRole::kLeast:
            return fmt::format("least(old.{0}, new.{0})", column);
        case ColumnRole::kGreatest:
            return fmt::format("greatest(old.{0}, new.{0})", column);
        default:
            return fmt::format("old.{0} + new.{0}", column);
    }
}

std::string Combined(ColumnRole role, const std::string& column) {
    switch (role) {
        case ColumnRole::kKey:
            return column;
        case ColumnRole::kLeast:
            return fmt::format("min({0}) AS {0}", column);
        case ColumnRole::kGreatest:
            return fmt::format("max({0}) AS {0}", column);
        default:
            return fmt::format("sum({0}) AS {0}", column);
    }
}

bool HasOwnName(const engine::ColumnInfo& column) {
    return AsciiLower(column.name).starts_with(kOwnColumns);
}

std::string Folded(const engine::TableName& table) { return AsciiLower(table.ToString()); }

}  // namespace

ViewDelta::ViewDelta(const ViewScene& scene) : scene_(scene), scratch_(scene.session) {}

void ViewDelta::CheckNames(const std::string& of, const Columns& columns, int own) {
    if (std::count_if(columns.begin(), columns.end(), HasOwnName) <= own) return;
    throw Error(ErrorKind::kUnsupported, "{} has a column whose name begins with {}", of,
                kOwnColumns);
}

int64_t ViewDelta::ReadChanges(std::optional<int64_t> most) {
    CheckNames(scene_.target, scene_.columns, 0);
    int64_t rows = 0;
    for (const auto& [id, up_to] : scene_.versions.up_to) {
        const int64_t after = scene_.versions.after.at(id);
        if (after == up_to) continue;
        Source source{id, fmt::format("tarn_view_changes_{}", sources_.size())};
        const std::string limit = most ? fmt::format(" LIMIT {}", *most - rows + 1) : "";
        scratch_.Make(
            source.changes,
            fmt::format("SELECT * EXCLUDE (_change_type, _commit_version, _commit_timestamp), "
                        "_change_type IN ('insert', 'update_postimage') AS {} FROM "
                        "table_changes({}, {}, {}){}",
                        kIsNew, sql::QuoteLiteral(id), after + 1, up_to, limit));
        CheckNames(id, engine::ColumnsOf(scene_.session, source.changes), 1);
        const auto counts = scene_.session.Query(
            fmt::format("SELECT count(*) FILTER (WHERE {0}), count(*) FILTER (WHERE NOT {0}) "
                        "FROM {1}",
                        kIsNew, source.changes));
        const int64_t come = NumberAt(counts.at(0), 0);
        const int64_t gone = NumberAt(counts.at(0), 1);
        source.has_new = come > 0;
        source.has_old = gone > 0;
        rows += come + gone;
        if (come + gone > 0) sources_.push_back(std::move(source));
        if (most && rows > *most) break;
    }
    return rows;
}

std::string ViewDelta::SelectOver(const Source& source, Take take) {
    ReadVersions versions = scene_.versions;
    std::string rows =
        fmt::format("SELECT * EXCLUDE ({}) FROM temp.main.{}", kIsNew, source.changes);
    if (take != Take::kAll)
        rows += fmt::format(" WHERE {}{}", take == Take::kNew ? "" : "NOT ", kIsNew);
    versions.instead[source.id] = std::move(rows);
    for (const Source* later = &source + 1; later < sources_.data() + sources_.size(); ++later)
        versions.up_to[later->id] = versions.after.at(later->id);
    std::string select = scene_.compiler.Compile(scene_.node, false, versions).text;
    CheckReads(select, source);
    return select;
}

// A template may name a table beside ref() and source(), where nothing else can stand in its place.
void ViewDelta::CheckReads(const std::string& select, const Source& source) const {
    const engine::QueryShape shape = engine::ShapeOf(scene_.session, select);
    std::vector<std::string> others;
    for (const engine::TableName& table : scene_.shape.tables) {
        if (!EqualsIgnoreCase(table.ToString(), source.id)) others.push_back(Folded(table));
    }
    std::vector<std::string> read;
    for (const engine::TableName& table : shape.tables) read.push_back(Folded(table));
    std::sort(others.begin(), others.end());
    std::sort(read.begin(), read.end());
    const bool reads_changes = shape.temporaries == std::vector<std::string>{source.changes};
    if (shape.kind == scene_.shape.kind && reads_changes && read == others) return;
    throw Error(ErrorKind::kUnsupported, "{} is read in a way that ref() and source() do not tell",
                source.id);
}

std::string ViewDelta::OverEach(Take take, const std::string& columns) {
    std::vector<std::string> selects;
    for (const Source& source : sources_) {
        selects.push_back(
            fmt::format("SELECT {} FROM (\n{}\n)", columns, SelectOver(source, take)));
    }
    return Join(selects, " UNION ALL ");
}

std::string ViewDelta::Cast(const Columns& columns) const {
    std::vector<std::string> casts;
    for (const engine::ColumnInfo& column : columns) {
        casts.push_back(
            fmt::format("CAST({0} AS {1}) AS {0}", sql::QuoteIdentifier(column.name), column.type));
    }
    return Join(casts, ", ");
}

Columns ViewDelta::WithRole(bool keys) const {
    Columns some;
    for (size_t i = 0; i < scene_.columns.size(); ++i) {
        if ((scene_.shape.roles[i] == ColumnRole::kKey) == keys) some.push_back(scene_.columns[i]);
    }
    return some;
}

bool ViewDelta::AddsUp() const {
    return std::none_of(sources_.begin(), sources_.end(),
                        [](const Source& source) { return source.has_old; }) &&
           std::none_of(scene_.shape.roles.begin(), scene_.shape.roles.end(),
                        [](ColumnRole role) { return role == ColumnRole::kOther; });
}

std::string ViewDelta::Statement() {
    if (sources_.empty()) return "";
    if (scene_.shape.kind == ShapeKind::kRows) return RowStatement();
    return AddsUp() ? AddStatement() : GroupStatement();
}

std::string ViewDelta::RowStatement() {
    const std::string all = Listed(scene_.columns);
    std::vector<std::string> parts;
    for (const Source& source : sources_) {
        for (const bool is_new : {true, false}) {
            if (!(is_new ? source.has_new : source.has_old)) continue;
            parts.push_back(fmt::format("SELECT {}, {} AS __tarn_sign FROM (\n{}\n)",
                                        Cast(scene_.columns), is_new ? 1 : -1,
                                        SelectOver(source, is_new ? Take::kNew : Take::kOld)));
        }
    }
    scratch_.Make(kRows, fmt::format("SELECT {0}, sum(__tarn_sign)::BIGINT AS __tarn_copies FROM "
                                     "({1}) GROUP BY {0} HAVING sum(__tarn_sign) <> 0",
                                     all, Join(parts, " UNION ALL ")));
    const auto counts = scene_.session.Query(
        fmt::format("SELECT coalesce(sum(greatest(__tarn_copies, 0)), 0)::BIGINT, coalesce(sum("
                    "greatest(-__tarn_copies, 0)), 0)::BIGINT FROM {}",
                    kRows));
    const int64_t come = NumberAt(counts.at(0), 0);
    const int64_t gone = NumberAt(counts.at(0), 1);
    told_ = fmt::format("{} rows added, {} taken out", come, gone);
    if (gone > 0 && !scene_.may_take_out) {
        throw Error(ErrorKind::kUnsupported,
                    "rows are gone, and to look for them in its table is dearer than to make it");
    }
    if (gone > 0) return TakeOutStatement();
    if (come == 0) return "";
    return fmt::format(
        "INSERT INTO {0} ({1}) SELECT {1} FROM (SELECT {1}, "
        "unnest(generate_series(1, __tarn_copies)) FROM {2})",
        scene_.target, all, kRows);
}

// All copies of a row that loses some go, and those that are left come again: which of them they
// are cannot be told.
std::string ViewDelta::TakeOutStatement() {
    const std::string all = Listed(scene_.columns);
    scratch_.Make(
        kLeft,
        fmt::format(
            "SELECT {0}, any_value(new.__tarn_copies) + count(*) AS __tarn_copies FROM (SELECT "
            "* FROM {1} WHERE __tarn_copies < 0) new JOIN {2} old ON {3} GROUP BY {0}",
            Listed(scene_.columns, "new."), kRows, scene_.target,
            AreSame(scene_.columns, "old", "new")));
    const int64_t losing =
        CountRows(scene_.session, fmt::format("{} WHERE __tarn_copies < 0", kRows));
    if (CountRows(scene_.session, fmt::format("{} WHERE __tarn_copies >= 0", kLeft)) != losing) {
        throw Error(ErrorKind::kUnsupported,
                    "the table has not all rows that are gone from its sources");
    }
    // Whether a new row takes others out is asked as a comparison with the old row, which all of
    // them meet: a join by values alone looks them up, one with a condition on one side tries all
    // pairs.
    const std::string always =
        fmt::format("((old.{} IS NULL) IS NOT NULL)", sql::QuoteIdentifier(scene_.columns[0].name));
    const std::string come = fmt::format(
        "SELECT * FROM {} WHERE __tarn_copies > 0 UNION ALL SELECT * FROM {} WHERE __tarn_copies > "
        "0",
        kRows, kLeft);
    return fmt::format(
        "MERGE INTO {0} AS old USING (SELECT {1}, true AS __tarn_takes FROM {2} WHERE "
        "__tarn_copies < 0 UNION ALL SELECT {1}, false FROM (SELECT {1}, "
        "unnest(generate_series(1, __tarn_copies)) FROM ({3}))) AS new ON {4} AND "
        "new.__tarn_takes = {5} WHEN MATCHED THEN DELETE WHEN NOT MATCHED AND NOT "
        "new.__tarn_takes THEN INSERT ({1}) VALUES ({6})",
        scene_.target, all, kRows, come, AreSame(scene_.columns, "old", "new"), always,
        Listed(scene_.columns, "new."));
}

std::string ViewDelta::AddStatement() {
    std::vector<std::string> combined;
    std::vector<std::string> assigned;
    for (size_t i = 0; i < scene_.columns.size(); ++i) {
        const ColumnRole role = scene_.shape.roles[i];
        const std::string column = sql::QuoteIdentifier(scene_.columns[i].name);
        combined.push_back(Combined(role, column));
        if (role != ColumnRole::kKey) assigned.push_back(column + " = " + Joined(role, column));
    }
    const Columns keys = WithRole(true);
    scratch_.Make(
        kRows, fmt::format("SELECT {} FROM (SELECT {} FROM ({}) GROUP BY {})", Cast(scene_.columns),
                           Join(combined, ", "), OverEach(Take::kNew, "*"), Listed(keys)));
    const int64_t groups = CountRows(scene_.session, kRows);
    told_ = fmt::format("new rows added to {} groups", groups);
    if (groups == 0) return "";
    std::string text = fmt::format("MERGE INTO {} AS old USING {} AS new ON {}", scene_.target,
                                   kRows, AreSame(keys, "old", "new"));
    if (!assigned.empty()) text += " WHEN MATCHED THEN UPDATE SET " + Join(assigned, ", ");
    return text + fmt::format(" WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
                              Listed(scene_.columns), Listed(scene_.columns, "new."));
}

std::string ViewDelta::Narrowed(const Columns& keys) {
    std::string conditions = "TRUE";
    const Columns found = engine::ColumnsOf(scene_.session, kKeys);
    for (const engine::ColumnInfo& key : keys) {
        const engine::ColumnInfo* column = engine::FindColumn(found, key.name);
        if (column == nullptr || !IsNamed(column->type)) continue;
        const std::string name = sql::QuoteIdentifier(key.name);
        const std::string from = fmt::format("(SELECT DISTINCT {} FROM {})", name, kKeys);
        if (CountRows(scene_.session, from) > kMostNamedValues) continue;
        std::vector<std::string> values;
        bool has_null = false;
        for (const engine::TextRow& row :
             scene_.session.Query(fmt::format("SELECT * FROM {}", from))) {
            has_null = has_null || !row.at(0);
            if (!row.at(0)) continue;
            values.push_back(
                fmt::format("CAST({} AS {})", sql::QuoteLiteral(*row.at(0)), column->type));
        }
        const std::string is_one =
            values.empty() ? "FALSE" : fmt::format("{} IN ({})", name, Join(values, ", "));
        conditions +=
            has_null ? fmt::format(" AND ({} OR {} IS NULL)", is_one, name) : " AND " + is_one;
    }
    return conditions;
}

std::string ViewDelta::GroupStatement() {
    const Columns keys = WithRole(true);
    const Columns values = WithRole(false);
    scratch_.Make(kKeys, fmt::format("SELECT DISTINCT {} FROM ({})", Listed(keys),
                                     OverEach(Take::kAll, Listed(keys))));
    const int64_t groups = CountRows(scene_.session, kKeys);
    told_ = fmt::format("{} groups made again", groups);
    if (groups == 0) return "";
    scratch_.Make(kRows,
                  fmt::format("SELECT {} FROM (SELECT * FROM (\n{}\n) WHERE {}) made SEMI JOIN {} "
                              "touched ON {}",
                              Cast(scene_.columns), scene_.select, Narrowed(keys), kKeys,
                              AreSame(keys, "made", "touched")));
    const std::string gone = fmt::format(
        "SELECT {0}{1}, true FROM (SELECT {2} FROM {3}) touched ANTI JOIN {4} made ON {5}",
        Listed(keys), values.empty() ? "" : ", " + Nulls(values), Cast(keys), kKeys, kRows,
        AreSame(keys, "made", "touched"));
    const Columns both = Together(keys, values);
    std::string text = fmt::format(
        "MERGE INTO {} AS old USING (SELECT {}, false AS __tarn_is_gone FROM {} UNION ALL "
        "{}) AS new ON {} WHEN MATCHED AND new.__tarn_is_gone THEN DELETE",
        scene_.target, Listed(both), kRows, gone, AreSame(keys, "old", "new"));
    if (!values.empty()) {
        text += fmt::format(" WHEN MATCHED AND {} THEN UPDATE SET {}", Differ(values, "old", "new"),
                            Assigned(values, "new"));
    }
    return text +
           fmt::format(" WHEN NOT MATCHED AND NOT new.__tarn_is_gone THEN INSERT ({}) VALUES ({})",
                       Listed(both), Listed(both, "new."));
}

}  // namespace tarn::pipeline
