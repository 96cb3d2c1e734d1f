#include "pipeline/node_compiler.h"

#include <algorithm>

#include "base/check.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

std::string Quoted(const std::string& schema, const std::string& name) {
    return sql::QuoteIdentifier(schema) + "." + sql::QuoteIdentifier(name);
}

bool IsInlined(const Node& node, const ReadVersions& versions) {
    if (node.config.materialized == Materialized::kEphemeral) return true;
    return node.config.materialized == Materialized::kView && !versions.up_to.empty();
}

}  // namespace

std::string NodeCompiler::RelationSql(const Relation& relation, bool streamed, bool incremental,
                                      const ReadVersions& versions) {
    const std::string id = relation.Id();
    if (const auto found = inlined_.find(id); found != inlined_.end())
        return "(\n" + found->second + "\n)";
    const std::string table = Quoted(relation.schema, relation.name);
    const auto up_to = versions.up_to.find(id);
    if (up_to == versions.up_to.end()) return table;
    const std::string pinned = fmt::format("{} VERSION AS OF {}", table, up_to->second);
    const auto after = versions.after.find(id);
    if (!streamed || !incremental || after == versions.after.end()) return pinned;
    if (after->second >= up_to->second)
        return fmt::format("(SELECT * FROM {} WHERE false)", pinned);
    return fmt::format(
        "(SELECT * EXCLUDE (_change_type, _commit_version, _commit_timestamp) FROM "
        "table_appends({}, {}, {}))",
        sql::QuoteLiteral(id), after->second + 1, up_to->second);
}

void NodeCompiler::PrepareInlined(const Node& node, bool incremental,
                                  const ReadVersions& versions) {
    for (const size_t index : node.parents) {
        const Node& parent = graph_.Nodes()[index];
        if (!IsInlined(parent, versions) || inlined_.count(parent.id) > 0) continue;
        PrepareInlined(parent, incremental, versions);
        RenderTask task;
        task.file = parent.model->file;
        task.source = parent.model->sql;
        task.model = parent.model;
        task.executing = true;
        task.relation_sql = [&](const Relation& relation, bool streamed) {
            return RelationSql(relation, streamed, incremental, versions);
        };
        RenderUse use;
        inlined_[parent.id] = OneStatement(task.file, task.source, context_.Render(task, use)).text;
    }
}

CompiledSql NodeCompiler::Compile(const Node& node, bool incremental,
                                  const ReadVersions& versions) {
    inlined_.clear();
    PrepareInlined(node, incremental, versions);
    RenderTask task;
    task.file = node.File();
    task.source = node.model != nullptr ? node.model->sql : node.test->sql;
    task.model = node.model;
    task.incremental = incremental;
    task.executing = true;
    task.relation_sql = [&](const Relation& relation, bool streamed) {
        return RelationSql(relation, streamed, incremental, versions);
    };
    RenderUse use;
    try {
        return OneStatement(task.file, task.source, context_.Render(task, use));
    } catch (const Error& error) {
        if (node.test == nullptr || !node.test->declared) throw;
        throw Error(error).At(node.test->declared->spot);
    }
}

std::vector<SourceTable> NodeCompiler::TablesRead(const Node& node) const {
    std::vector<SourceTable> tables = node.sources;
    const auto add = [&](const SourceTable& table) {
        const bool there = std::any_of(tables.begin(), tables.end(), [&](const SourceTable& other) {
            return other.Id() == table.Id();
        });
        if (!there) tables.push_back(table);
    };
    for (const size_t index : node.parents) {
        const Node& parent = graph_.Nodes()[index];
        const Materialized how = parent.config.materialized;
        if (how == Materialized::kEphemeral || how == Materialized::kView) {
            for (const SourceTable& table : TablesRead(parent)) add(table);
        } else {
            add({parent.model->schema, parent.model->name});
        }
    }
    return tables;
}

std::string NodeCompiler::InputSql(const std::string& id, bool incremental,
                                   const ReadVersions& versions) {
    const int index = graph_.Find(id);
    const Node* node = index < 0 ? nullptr : &graph_.Nodes()[static_cast<size_t>(index)];
    if (node != nullptr && IsInlined(*node, versions)) {
        return "(\n" + Compile(*node, false, versions).text + "\n)";
    }
    const size_t dot = id.find('.');
    Check(dot != std::string::npos, "an input's id has a schema");
    const Relation relation{id.substr(0, dot), id.substr(dot + 1), nullptr};
    return RelationSql(relation, true, incremental, versions);
}

}  // namespace tarn::pipeline
