#include "pipeline/node_compiler.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
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

// What its template says wins over what its YAML and folders say.
std::string HeaderOf(const Model* model, const nlohmann::ordered_json& in_sql) {
    constexpr const char* kHeader = "sql_header";
    nlohmann::ordered_json header;
    if (model != nullptr) header = model->Setting(kHeader);
    if (in_sql.contains(kHeader)) header = in_sql[kHeader];
    return header.is_string() ? header.get<std::string>() : "";
}

}  // namespace

std::string NodeCompiler::RelationSql(const Relation& relation, bool streamed, bool incremental,
                                      const ReadVersions& versions) {
    const std::string all = WholeSql(relation, streamed, incremental, versions);
    if (!versions.batch || relation.event_time.empty()) return all;
    return fmt::format("(SELECT * FROM {} WHERE {})", all,
                       InBatch(relation.event_time, *versions.batch));
}

std::string NodeCompiler::WholeSql(const Relation& relation, bool streamed, bool incremental,
                                   const ReadVersions& versions) {
    if (!relation.external.empty()) return relation.external;
    const std::string id = relation.Id();
    if (const auto found = inlined_.find(id); found != inlined_.end())
        return "(\n" + found->second + "\n)";
    if (const auto found = versions.instead.find(id); found != versions.instead.end())
        return "(" + found->second + ")";
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
        task.relation_sql = [&](const Relation& relation, bool streamed) {
            return RelationSql(relation, streamed, incremental, versions);
        };
        inlined_[parent.id] = OneStatement(task.file, task.source, Render(task)).text;
    }
}

std::string NodeCompiler::Render(RenderTask task) {
    task.executing = true;
    task.lake = lake_;
    RenderUse use;
    struct Noting {
        const RenderUse& use;
        bool& asked;
        ~Noting() { asked = asked || use.asked; }
    } noting{use, asked_};
    std::string text = context_.Render(task, use);
    header_ = HeaderOf(task.model, use.config);
    return text;
}

std::optional<CompiledSql> NodeCompiler::CompileUnasked(const Node& node, bool incremental) {
    TemplateLake* const lake = std::exchange(lake_, nullptr);
    std::optional<CompiledSql> compiled;
    try {
        compiled = Compile(node, incremental, {});
    } catch (const Error&) {
        if (!asked_) throw;
    }
    lake_ = lake;
    return asked_ ? std::nullopt : std::move(compiled);
}

std::string NodeCompiler::RenderNode(const Node& node, const std::string& source, bool incremental,
                                     const ReadVersions& versions) {
    inlined_.clear();
    asked_ = false;
    PrepareInlined(node, incremental, versions);
    RenderTask task;
    task.file = node.File();
    task.source = source;
    task.model = node.model;
    task.test = node.test;
    task.incremental = incremental;
    if (versions.batch && node.config.microbatch)
        task.batch = BatchJson(*node.config.microbatch, *versions.batch);
    task.relation_sql = [&](const Relation& relation, bool streamed) {
        const bool flows = node.streams_its_input && relation.Id() == node.streams.front();
        return RelationSql(relation, streamed || flows, incremental, versions);
    };
    return Render(task);
}

CompiledSql NodeCompiler::Compile(const Node& node, bool incremental,
                                  const ReadVersions& versions) {
    try {
        const std::string& source = node.model != nullptr ? node.model->sql : node.test->sql;
        const std::string rendered = RenderNode(node, source, incremental, versions);
        CompiledSql compiled = OneStatement(node.File(), source, rendered);
        compiled.asked = asked_;
        compiled.header = header_;
        return compiled;
    } catch (const Error& error) {
        if (node.test == nullptr || !node.test->declared) throw;
        throw Error(error).At(node.test->declared->spot);
    }
}

std::string NodeCompiler::CompileBody(const Node& node, bool incremental) {
    return std::string(Trim(RenderNode(node, node.model->sql, incremental, {})));
}

std::string NodeCompiler::CompileBeside(const Node& node, const std::string& source) {
    return RenderNode(node, source, false, {});
}

void NodeCompiler::Materialize(const Node& node, const std::string& body) {
    const auto macro = context_.FindMaterialization(node.config.custom);
    Check(macro.has_value(), "a graph has only materializations that are there");
    RenderTask task;
    task.file = node.File();
    task.source = "{{ " + *macro + "() }}";
    task.model = node.model;
    task.compiled = body;
    task.relation_sql = [](const Relation& relation, bool) {
        return Quoted(relation.schema, relation.name);
    };
    Render(task);
}

std::string NodeCompiler::CompileHook(const std::string& text, const Model* model,
                                      const nlohmann::ordered_json& globals) {
    RenderTask task;
    task.file = model != nullptr ? model->file : "hook";
    task.source = text;
    task.model = model;
    task.globals = globals;
    task.relation_sql = [](const Relation& relation, bool) {
        return Quoted(relation.schema, relation.name);
    };
    return Render(task);
}

CompiledSql NodeCompiler::CompileUnit(const UnitRender& render) {
    const Model& model = render.model;
    RenderTask task;
    task.file = model.file;
    task.source = model.sql;
    task.model = &model;
    task.incremental = render.incremental;
    task.vars = &render.vars;
    task.env_vars = &render.env_vars;
    for (const auto& [macro, value] : render.macros.items())
        task.globals["tarn_override:" + macro] = value;
    task.relation_sql = [&](const Relation& relation, bool) -> std::string {
        const auto input = render.inputs.find(relation.Id());
        if (input != render.inputs.end()) return "(\n" + input->second + "\n)";
        if (relation.model == &model) return Quoted(relation.schema, relation.name);
        throw Error(ErrorKind::kInvalidInput, "the unit test gives no rows of {}", relation.Id());
    };
    return OneStatement(task.file, task.source, Render(task));
}

Relation NodeCompiler::RelationNamed(const std::string& input, const Model& model,
                                     const TextSpot& spot) {
    if (Trim(input) == "this") return {model.schema, model.name, &model};
    const RenderUse use = context_.Discover(spot.file, "{{ " + input + " }}", &model, false);
    if (use.relations.size() == 1) return use.relations.front();
    throw Error(ErrorKind::kInvalidInput, "`input: {}` is no ref, source or this", input);
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
