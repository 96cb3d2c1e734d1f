#include "pipeline/model_rules.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/change_config.h"
#include "pipeline/model_contract.h"
#include "quality/quarantine_sql.h"

namespace tarn::pipeline {
namespace {

// What the node's own SQL names: sources, models, streams among them.
std::vector<std::string> InputsOf(const Graph& graph, const Node& node) {
    std::vector<std::string> inputs;
    for (const SourceTable& source : node.sources) inputs.push_back(source.Id());
    for (const size_t parent : node.parents) inputs.push_back(graph.Nodes()[parent].id);
    return inputs;
}

}  // namespace

bool HasContract(const Node& node) {
    return node.config.contract && node.model->resource == Resource::kModel &&
           node.config.materialized != Materialized::kEphemeral;
}

std::string RowsFrom(const Graph& graph, const Node& node) {
    const ModelConfig& config = node.config;
    if (!config.row_preserving.value_or(node.model->IsSplit())) return "";
    const std::vector<std::string> inputs = InputsOf(graph, node);
    if (!config.rows_from.empty()) {
        for (const std::string& input : inputs) {
            if (EqualsIgnoreCase(input, config.rows_from)) return input;
        }
        const auto nearest = NearestWord(config.rows_from, inputs);
        throw Error(ErrorKind::kInvalidInput, "{}: `rows_from: {}` is none of its inputs{}",
                    node.id, config.rows_from,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : "")
            .At(node.model->Spot());
    }
    if (node.streams.size() == 1) return node.streams[0];
    if (inputs.size() == 1) return inputs[0];
    if (inputs.empty()) return "";
    throw Error(
        ErrorKind::kInvalidInput,
        "{} reads {} inputs: `rows_from` says whose rows it keeps (or `row_preserving: false`)",
        node.id, inputs.size())
        .At(node.model->Spot());
}

void CheckModel(const Graph& graph, const Node& node) {
    const Model& model = *node.model;
    const Materialized how = node.config.materialized;
    RowsFrom(graph, node);
    if (HasContract(node)) CheckContract(model);
    if (how == Materialized::kAutoCdc) {
        try {
            CheckChangeConfig(node.config.changes);
        } catch (const Error& error) {
            throw Error(error).At(model.Spot());
        }
        if (node.config.on_schema_change == SchemaChange::kAppendNew) {
            throw Error(ErrorKind::kUnsupported,
                        "{}: `on_schema_change: append_new_columns` is not built for auto_cdc",
                        model.Id())
                .At(model.Spot());
        }
    } else if (how == Materialized::kHistory && node.config.unique_key.empty()) {
        throw Error(ErrorKind::kInvalidInput, "{}: `materialized: history` needs `unique_key`",
                    model.Id())
            .At(model.Spot());
    }
    if (how != Materialized::kAutoCdc && node.config.changes.is_said) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: what it says of changes goes with `materialized: auto_cdc`", model.Id())
            .At(model.Spot());
    }
    if (how != Materialized::kMaterializedView && node.config.refresh != RefreshWish::kAuto) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: `refresh` goes with `materialized: materialized_view`", model.Id())
            .At(model.Spot());
    }
    const bool has_table =
        how == Materialized::kTable || how == Materialized::kMaterializedView || IsIncremental(how);
    if (!has_table && model.IsSplit()) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: expectations and deduplicate need a table to write to", model.Id())
            .At(model.Spot());
    }
    if (!model.deduplicate.keys.empty() &&
        node.config.strategy == IncrementalStrategy::kInsertOverwrite) {
        throw Error(ErrorKind::kUnsupported,
                    "{}: `deduplicate` with insert_overwrite is not built by this version",
                    model.Id())
            .At(model.Spot());
    }
}

IncrementalStrategy StrategyOf(const Node& node) {
    if (node.config.strategy) return *node.config.strategy;
    if (node.config.materialized == Materialized::kStreaming) return IncrementalStrategy::kAppend;
    // `deduplicate` keeps the first row of a key, the key alone the last.
    const bool has_key = !node.config.unique_key.empty() && node.model->deduplicate.keys.empty();
    return has_key ? IncrementalStrategy::kDeleteInsert : IncrementalStrategy::kAppend;
}

bool HasQuarantine(const Model& model) {
    const auto& rules = model.expectations;
    return std::any_of(rules.begin(), rules.end(), [](const auto& rule) {
        return rule.action == quality::Action::kQuarantine;
    });
}

engine::TableName QuarantineOf(const Model& model) {
    return {std::string(quality::kQuarantineSchema), model.name};
}

SchemaChange SchemaChangeOf(const Node& node, const Project& project) {
    return node.config.on_schema_change.value_or(project.is_dbt ? SchemaChange::kIgnore
                                                                : SchemaChange::kFail);
}

void FillSettings(const Node& node, const Project& project, TableWrite& write) {
    write.partition_by = node.config.partition_by;
    write.comment = node.model->description;
    write.strategy = StrategyOf(node);
    write.unique_key = node.config.unique_key;
    write.merge_update_columns = node.config.merge_update_columns;
    write.merge_exclude_columns = node.config.merge_exclude_columns;
    write.predicates = node.config.predicates;
    write.replace_where = node.config.replace_where;
    write.on_schema_change = SchemaChangeOf(node, project);
    if (node.config.snapshot) write.snapshot = &*node.config.snapshot;
}

}  // namespace tarn::pipeline
