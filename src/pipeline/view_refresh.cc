#include "pipeline/view_refresh.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "pipeline/view_delta.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// Changes of more than one row in so many are dearer than all rows together.
constexpr int64_t kRowsPerChange = 5;
// To take rows out of a view without groups, its table is read twice and written anew: that is as
// dear as so many times its rows of the sources.
constexpr int64_t kReadsToTakeOut = 3;
// Of so few rows nothing is weighed.
constexpr int64_t kFewRows = 10'000;
constexpr size_t kDefinitionLetters = 24;

std::string DefinitionMark(const std::string& app_id, const std::string& definition) {
    return app_id + ":as:" + definition;
}

std::string VersionMark(const std::string& app_id) { return app_id + ":at"; }

// Nothing was written, and the recompute meets none of it.
bool IsMet(const Error& error) {
    return error.kind() == ErrorKind::kUnsupported || error.kind() == ErrorKind::kInvalidInput ||
           error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kLimitExceeded ||
           error.kind() == ErrorKind::kPermissionDenied;
}

}  // namespace

// Which columns the names of the sources mean, where a name may come to mean another one.
std::string ViewRefresh::ColumnsBehind(const engine::QueryShape& shape) {
    std::string columns;
    for (const engine::TableName& table : shape.tables) {
        for (const table::Field& field : session_.Snapshot(table)->Metadata().schema.fields) {
            if (field.field_id == 0 && field.physical_name == field.name) continue;
            columns += fmt::format("{} {} {}\n", field.name, field.physical_name, field.field_id);
        }
    }
    return columns;
}

std::string ViewRefresh::DefinitionOf(const RefreshTask& task, const engine::QueryShape& shape) {
    ReadVersions any = task.versions;
    for (auto& [id, version] : any.up_to) version = 0;
    const CompiledSql sql = compiler_.Compile(task.node, false, any);
    Sha256 hash;
    for (const std::string& part : {sql.text, sql.header, shape.plan, ColumnsBehind(shape),
                                    Join(task.write.partition_by, "\n")})
        hash.Update(fmt::format("{}:{}", part.size(), part));
    return hash.FinishHex().substr(0, kDefinitionLetters);
}

// Of a mistake the recompute tells, which knows its place.
engine::QueryShape ViewRefresh::ShapeOf(const std::string& select) {
    try {
        return engine::ShapeOf(session_, select);
    } catch (const Error& error) {
        if (!IsMet(error)) throw;
        engine::QueryShape unknown;
        unknown.obstacle = error.message();
        return unknown;
    }
}

bool ViewRefresh::IsTouched(const engine::TableName& table, int64_t since) {
    const int64_t now = writer_.Find(table)->AtVersion().number;
    if (now == since) return false;
    if (now < since) return true;
    try {
        return !session_
                    .Query(fmt::format("SELECT 1 FROM table_changes({}, {}, {}) LIMIT 1",
                                       sql::QuoteLiteral(table.ToString()), since + 1, now))
                    .empty();
    } catch (const Error& error) {
        if (!IsMet(error)) throw;
        return true;  // its log no longer tells
    }
}

std::string ViewRefresh::WhyAnew(const RefreshTask& task, const std::string& definition) {
    const engine::TableName& target = task.write.table;
    const std::string& app_id = task.write.transaction.app_id;
    if (!task.wish.empty()) return task.wish;
    const auto run = writer_.Committed(target, app_id);
    if (!run) return "it is made for the first time";
    if (*run >= task.write.transaction.version) return "its table was written by a later run";
    if (writer_.Committed(target, DefinitionMark(app_id, definition)) != run)
        return "its SQL, its macros or the types of its sources changed";
    for (const auto& [id, up_to] : task.versions.up_to) {
        const auto after = task.versions.after.find(id);
        if (after == task.versions.after.end() || after->second > up_to)
            return id + " is another table than before";
    }
    const auto at = writer_.Committed(target, VersionMark(app_id));
    if (!at || IsTouched(target, *at)) return "somebody else changed its table";
    return "";
}

std::string ViewRefresh::WhyNot(const RefreshTask& task, const engine::QueryShape& shape) {
    if (!task.obstacle.empty()) return task.obstacle;
    if (!task.versions.is_complete) return "it reads what has no versions";
    if (session_.Speaks() != sql::Dialect::kTarn) return "its SQL is of another dialect";
    if (shape.kind == engine::ShapeKind::kOther) return "its SQL has " + shape.obstacle;
    std::vector<std::string> seen;
    for (const engine::TableName& table : shape.tables) {
        const std::string id = AsciiLower(table.ToString());
        if (std::find(seen.begin(), seen.end(), id) != seen.end())
            return table.ToString() + " is read more than once";
        const auto& known = task.versions.up_to;
        const bool is_followed = std::any_of(known.begin(), known.end(), [&](const auto& one) {
            return EqualsIgnoreCase(one.first, id);
        });
        if (!is_followed) return table.ToString() + " is read other than by ref() or source()";
        seen.push_back(id);
    }
    if (!shape.temporaries.empty()) return "it reads the temporary table " + shape.temporaries[0];
    return "";
}

int64_t ViewRefresh::RowsOf(const std::vector<engine::TableName>& tables) {
    uint64_t rows = 0;
    for (const engine::TableName& table : tables)
        rows += session_.Snapshot(table)->EstimatedRows().value_or(0);
    return static_cast<int64_t>(rows);
}

// Nothing: it does not pay, or cannot be, as `how` says.
std::optional<WriteOutcome> ViewRefresh::Try(const RefreshTask& task, const TableWrite& write,
                                             const engine::QueryShape& shape, std::string& how) {
    const bool weighs = task.node.config.refresh != RefreshWish::kIncremental;
    const int64_t source_rows = RowsOf(shape.tables);
    const int64_t own_rows = RowsOf({write.table});
    const ViewScene scene{
        session_,
        compiler_,
        task.node,
        shape,
        task.versions,
        task.sql.text,
        QuotedTable(write.table),
        engine::ColumnsOf(session_, QuotedTable(write.table)),
        !weighs || own_rows <= kFewRows || own_rows <= source_rows / kReadsToTakeOut};
    const bool is_same = std::equal(
        scene.columns.begin(), scene.columns.end(), shape.columns.begin(), shape.columns.end(),
        [](const auto& one, const auto& other) { return EqualsIgnoreCase(one.name, other.name); });
    if (!is_same) {
        how = "its table has other columns than its SQL";
        return std::nullopt;
    }
    std::optional<int64_t> most;
    if (weighs) most = std::max(kFewRows, source_rows / kRowsPerChange);
    ViewDelta delta(scene);
    const int64_t changes = delta.ReadChanges(most);
    if (most && changes > *most) {
        how = fmt::format(
            "more than {} rows of its sources changed, from where on all of them are "
            "cheaper",
            *most);
        return std::nullopt;
    }
    const std::string statement = delta.Statement();
    how = fmt::format("{} changed rows of its sources{}", changes,
                      delta.told().empty() ? "" : ": " + delta.told());
    WriteOutcome none;
    if (!statement.empty()) none = writer_.Run(statement, write);
    if (!none.version) none.version = writer_.Find(write.table)->AtVersion().number;
    return none;
}

Refreshed ViewRefresh::Run(const RefreshTask& task) {
    const bool must = task.node.config.refresh == RefreshWish::kIncremental;
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} cannot be refreshed from changes, as `refresh: incremental` asks: {}; "
                    "`refresh: auto` recomputes it then",
                    task.node.id, why)
            .At(task.node.model->Spot());
    };
    const engine::QueryShape shape = ShapeOf(task.sql.text);
    const std::string definition = DefinitionOf(task, shape);
    std::string why = WhyNot(task, shape);
    if (must && !why.empty()) refuse(why);
    if (why.empty()) why = WhyAnew(task, definition);
    const bool begins = !why.empty();

    TableWrite write = task.write;
    const std::string& app_id = write.transaction.app_id;
    const table::SnapshotPtr there = writer_.Find(write.table);
    write.offsets.push_back({DefinitionMark(app_id, definition), write.transaction.version});
    // Where another commit comes in between, it is another version, and the next run sees that.
    write.offsets.push_back(
        {VersionMark(app_id), there == nullptr ? 0 : there->AtVersion().number + 1});
    if (!begins) {
        try {
            std::string how;
            if (auto written = Try(task, write, shape, how))
                return {*written, "incremental: " + how};
            why = how;
        } catch (const Error& error) {
            if (!IsMet(error)) throw;
            why = error.message();
        }
        if (must) refuse(why);
    }
    return {writer_.Write(write), "full: " + why};
}

}  // namespace tarn::pipeline
