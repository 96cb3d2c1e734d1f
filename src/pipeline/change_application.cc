#include "pipeline/change_application.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "pipeline/change_steps.h"
#include "pipeline/scratch_tables.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// A target and its memory are in step when they say the same number.
constexpr std::string_view kGenerationMark = "tarn:changes";
constexpr std::string_view kGenerationProperty = "tarn.changes.generation";
constexpr std::string_view kRulesProperty = "tarn.changes.rules";

// What decides what a memory holds.
std::string Remembering(const sql::ChangeRules& rules) {
    const auto named = [](const std::vector<std::string>& names) {
        return AsciiLower(Join(names, ","));
    };
    return fmt::format("keys {}; sequence {}; history {}; partial {}; tracked {}{}; soft {}",
                       named(rules.keys), named(rules.sequence_by), rules.keeps_history,
                       HasPartialChanges(rules), static_cast<int>(rules.tracked.takes),
                       named(rules.tracked.names), rules.soft_deletes);
}

std::string AbsentSql(const sql::ChangeRules& rules, const Columns& values) {
    std::vector<std::string> lists;
    if (rules.tells_absent) lists.emplace_back("coalesce(__absent, [])");
    if (rules.ignore_null_updates) {
        std::vector<std::string> cases;
        for (const engine::ColumnInfo& value : values) {
            cases.push_back(fmt::format("CASE WHEN {} IS NULL THEN {} END",
                                        sql::QuoteIdentifier(value.name),
                                        sql::QuoteLiteral(value.name)));
        }
        lists.push_back(fmt::format("list_filter([{}]::VARCHAR[], lambda x: x IS NOT NULL)",
                                    Join(cases, ", ")));
    }
    return lists.size() == 1 ? lists[0] : "list_concat(" + Join(lists, ", ") + ")";
}

// Columns of the changes that the table lacks are left out, or refused before anything is written.
void FitTo(const table::Schema& schema, SchemaChange rule, ChangeLayout& layout) {
    const auto is_new = [&](const engine::ColumnInfo& column) {
        return schema.Find(column.name) < 0;
    };
    const auto first = std::find_if(layout.columns.begin(), layout.columns.end(), is_new);
    if (first == layout.columns.end()) return;
    if (rule != SchemaChange::kIgnore) {
        throw Error(ErrorKind::kInvalidInput,
                    "the changes have a column `{}` that their table lacks: leave it out, or make "
                    "the table anew by a full refresh",
                    first->name);
    }
    for (Columns* columns : {&layout.columns, &layout.values, &layout.tracked})
        std::erase_if(*columns, is_new);
}

// The batch in a temporary table, judged: no change is without a key or a place in the order.
class StagedBatch {
public:
    // `there`: the target, where it stays; else null.
    StagedBatch(engine::Session& session, const ChangeTask& task, const table::SnapshotPtr& there)
        : session_(session), rules_(task.rules) {
        layout_ = LayoutOf(rules_, engine::ColumnsOf(session, "(\n" + task.changes + "\n)"));
        if (there != nullptr) FitTo(there->Metadata().schema, task.write.on_schema_change, layout_);
        std::string columns = Listed(layout_.columns);
        columns += fmt::format(", {} AS __sequence, {} AS __is_delete", layout_.order,
                               Condition(rules_.delete_when));
        if (!rules_.truncate_when.empty())
            columns += fmt::format(", {} AS __is_truncate", Condition(rules_.truncate_when));
        if (HasPartialChanges(rules_))
            columns += ", " + AbsentSql(rules_, layout_.values) + " AS __absent";
        session.Run(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {} FROM (\n{}\n)",
                                kEvents, columns, task.changes));
        Judge();
    }

    const ChangeLayout& layout() const { return layout_; }
    int64_t changes() const { return changes_; }
    bool has_truncates() const { return truncates_ > 0; }

    std::string OrderType() {
        return engine::ColumnsOf(session_, fmt::format("(SELECT __sequence FROM {})", kEvents))
            .at(0)
            .type;
    }

private:
    static std::string Condition(const std::string& condition) {
        return condition.empty() ? "FALSE" : "(" + condition + ") IS TRUE";
    }

    void Judge() {
        const std::string of_rows = rules_.truncate_when.empty() ? "TRUE" : "NOT __is_truncate";
        std::string counts = fmt::format("count(*), count(*) FILTER (WHERE NOT ({}))", of_rows);
        for (const engine::ColumnInfo& key : layout_.keys) {
            counts += fmt::format(", count(*) FILTER (WHERE {} AND {} IS NULL)", of_rows,
                                  sql::QuoteIdentifier(key.name));
        }
        const bool is_struct = layout_.order_parts.size() > 1;
        for (const engine::ColumnInfo& part : layout_.order_parts) {
            counts += fmt::format(", count(*) FILTER (WHERE __sequence{} IS NULL)",
                                  is_struct ? "." + sql::QuoteIdentifier(part.name) : "");
        }
        const auto rows = session_.Query(fmt::format("SELECT {} FROM {}", counts, kEvents));
        changes_ = NumberAt(rows.at(0), 0);
        truncates_ = NumberAt(rows.at(0), 1);
        size_t at = 2;
        for (const engine::ColumnInfo& key : layout_.keys)
            RefuseNulls("a key", key.name, NumberAt(rows[0], at++));
        for (const engine::ColumnInfo& part : layout_.order_parts)
            RefuseNulls("what orders the changes", part.name, NumberAt(rows[0], at++));
    }

    void RefuseNulls(std::string_view role, const std::string& column, int64_t count) const {
        if (count == 0) return;
        throw Error(ErrorKind::kInvalidInput,
                    "`{}`, {}, is NULL in {} of {} changes: nothing is applied", column, role,
                    count, changes_);
    }

    engine::Session& session_;
    const sql::ChangeRules& rules_;
    ChangeLayout layout_;
    int64_t changes_ = 0;
    int64_t truncates_ = 0;
};

// Nothing where there is no memory, null among them, or what has the name is none.
std::optional<int64_t> GenerationOf(const table::SnapshotPtr& memory) {
    if (memory == nullptr) return std::nullopt;
    const auto& properties = memory->Metadata().properties;
    const auto found = properties.find(std::string(kGenerationProperty));
    return found == properties.end() ? std::nullopt : ParseInt(found->second);
}

// `memory`: what stands, where it is gone on with. What was begun in one way is gone on with in it.
std::unique_ptr<ChangeSteps> StepsOf(const ChangeScene& scene, const table::SnapshotPtr& memory) {
    if (scene.rules.keeps_history) return RowVersionSteps(scene);
    if (HasPartialChanges(scene.rules)) return LatestValueSteps(scene);
    const bool tell_order = scene.layout.RowsTellTheirOrder();
    const bool has_order = memory != nullptr && memory->Metadata().schema.Find("__upsert") >= 0;
    const bool needs_order = scene.anew && !(tell_order && scene.layout.KeepsTypes());
    if (has_order || needs_order) return LatestRowSteps(scene);
    if (tell_order) return ShownRowSteps(scene);
    throw Error(ErrorKind::kInvalidInput,
                "the rows of {} no longer tell what orders the changes ({}): make it anew, by a "
                "full refresh or by dropping it",
                scene.target, scene.layout.order);
}

}  // namespace

engine::TableName ChangeApplication::MemoryOf(const engine::TableName& target) {
    return {target.schema, "__" + target.name + "_memory"};
}

bool ChangeApplication::IsInStep(const engine::TableName& target, const sql::ChangeRules& rules) {
    const table::SnapshotPtr memory = writer_.Find(MemoryOf(target));
    const auto generation = GenerationOf(memory);
    if (!generation || writer_.Committed(target, std::string(kGenerationMark)) != generation)
        return false;
    const auto& properties = memory->Metadata().properties;
    const auto remembering = properties.find(std::string(kRulesProperty));
    const bool is_same =
        remembering != properties.end() && remembering->second == Remembering(rules);
    if (is_same) return true;
    throw Error(ErrorKind::kInvalidInput,
                "{} was made by other rules ({}) than these ({}): make it anew, by a full refresh "
                "or by dropping it",
                target.ToString(), remembering == properties.end() ? "" : remembering->second,
                Remembering(rules));
}

void ChangeApplication::WriteMemory(const ChangeTask& task, int64_t generation,
                                    const std::string& select) {
    session_.Run(
        fmt::format("CREATE OR REPLACE TABLE {} COMMENT {} TBLPROPERTIES ('{}' = '{}', '{}' = {}, "
                    "'delta.enableDeletionVectors' = 'true') AS {}",
                    QuotedTable(MemoryOf(task.write.table)),
                    sql::QuoteLiteral("what " + task.write.table.ToString() +
                                      " does not show of the changes applied to it"),
                    kGenerationProperty, generation, kRulesProperty,
                    sql::QuoteLiteral(Remembering(task.rules)), select));
}

ChangeOutcome ChangeApplication::Apply(ChangeTask task) {
    const engine::TableName& target = task.write.table;
    const engine::TableName memory = MemoryOf(target);
    ScratchTables scratch(session_, {std::string(kEvents)});
    const bool stays = !task.anew || task.keeps_table;
    StagedBatch batch(session_, task, stays ? writer_.Find(target) : nullptr);
    const ChangeScene scene{session_,
                            task.rules,
                            batch.layout(),
                            QuotedTable(target),
                            QuotedTable(memory),
                            batch.OrderType(),
                            task.anew,
                            batch.has_truncates(),
                            stays ? engine::ColumnsOf(session_, QuotedTable(target)) : Columns()};
    const table::SnapshotPtr there = task.anew ? nullptr : writer_.Find(memory);
    const std::unique_ptr<ChangeSteps> steps = StepsOf(scene, there);
    scratch.Add(steps->Temporaries());
    steps->Prepare();
    ChangeOutcome outcome;
    outcome.changes = batch.changes();
    if (task.anew) {
        const std::string mark(kGenerationMark);
        const int64_t generation = std::max(writer_.Committed(target, mark).value_or(0),
                                            GenerationOf(writer_.Find(memory)).value_or(0)) +
                                   1;
        writer_.EnsureSchema(target.schema);
        WriteMemory(task, generation, steps->MemorySelect());
        task.write.offsets.push_back({mark, generation});
    } else if (CountRows(session_, "(" + steps->MemorySelect() + ")") > 0) {
        session_.Run(steps->MemoryMerge());
    }
    if (!stays) {
        task.write.replace = true;
        task.write.select = steps->TargetSelect();
        outcome.written = writer_.Write(task.write);
    } else {
        outcome.written = writer_.Run(steps->TargetMerge(), task.write);
    }
    return outcome;
}

}  // namespace tarn::pipeline
