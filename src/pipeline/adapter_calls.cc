#include "pipeline/adapter_calls.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/jinja_environment.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::string Field(const Json& relation, const char* name) {
    return relation.is_object() && relation.contains(name) && relation[name].is_string()
               ? relation[name].get<std::string>()
               : "";
}

engine::TableName NameOf(const Json& relation) {
    engine::TableName name{Field(relation, "schema"), Field(relation, "identifier")};
    if (!name.schema.empty() && !name.name.empty()) return name;
    throw Error(ErrorKind::kInvalidInput, "a relation is expected here, with a schema and a name");
}

std::string Quoted(const engine::TableName& name) {
    return sql::QuoteIdentifier(name.schema) + "." + sql::QuoteIdentifier(name.name);
}

std::string TypeOf(const engine::DirectoryEntry& entry) {
    return entry.kind == engine::EntryKind::kView ? "view" : "table";
}

Json Response(const LakeAnswer& answer) {
    const auto rows = answer.rows.empty() ? answer.rows_affected : answer.rows.size();
    return {{"_message", "OK"}, {"code", "OK"}, {"rows_affected", rows}};
}

Json ColumnOf(const engine::ColumnInfo& column) {
    return {{"__column__", {{"name", column.name}, {"dtype", column.type}}}};
}

class Adapter {
public:
    Adapter(const AdapterTask& task, const CallArguments& arguments)
        : task_(task), arguments_(arguments) {}

    Json Type() { return task_.target.type; }
    Json Quote() { return sql::QuoteIdentifier(arguments_.TextAt(0, "identifier")); }
    Json QuoteColumn() { return Quote(); }
    Json Nothing() { return ""; }
    Json None() { return nullptr; }
    Json No() { return false; }
    Json ExternalRoot() {
        const Json said = task_.target.fields.value("external_root", Json());
        return said.is_string() ? said : Json(".");
    }
    Json BindingChar() { return "?"; }
    Json Itself() { return arguments_.At(0, "table"); }
    // What else dbt's adapter for DuckDB has: is anything there to be read.
    Json HasLocation() {
        try {
            Lake().Columns(sql::QuoteLiteral(arguments_.TextAt(0, "location")));
            return true;
        } catch (const Error&) {
            return false;
        }
    }
    Json GetQueryColumns() {
        Json all = Json::array();
        for (const engine::ColumnInfo& column :
             Lake().Columns("(" + arguments_.TextAt(0, "sql") + "\n)"))
            all.push_back(ColumnOf(column));
        return all;
    }
    Json GetTableColumns() {
        return ColumnValues({{"schema", arguments_.TextAt(0, "schema")},
                             {"identifier", arguments_.TextAt(1, "identifier")}});
    }
    Json IsThere() {
        return Lake()
            .Find({arguments_.TextAt(0, "schema"), arguments_.TextAt(1, "name")})
            .has_value();
    }
    Json HardDeletes() {
        const Json config = arguments_.At(0, "config");
        const bool ends =
            config.is_object() && config.value("invalidate_hard_deletes", Json()) == true;
        const Json said = config.is_object() ? config.value("hard_deletes", Json()) : Json();
        return said.is_string() ? said : Json(ends ? "invalidate" : "ignore");
    }
    Json Strategies() {
        return {"append", "delete+insert", "merge", "insert_overwrite", "microbatch"};
    }

    Json Execute() {
        const LakeAnswer answer = Lake().Run(arguments_.TextAt(0, "sql"));
        const bool fetch = arguments_.TruthAt(2, "fetch", false);
        return {Response(answer), TableValue(fetch ? answer : LakeAnswer{})};
    }
    Json GetRelation() {
        return Found({arguments_.TextAt(1, "schema"), arguments_.TextAt(2, "identifier")});
    }
    Json LoadRelation() { return Found(NameOf(arguments_.At(0, "relation"))); }
    Json GetColumns() { return ColumnValues(arguments_.At(0, "relation")); }
    Json GetMissingColumns() {
        const Json to = ColumnValues(arguments_.At(1, "to_relation"));
        Json missing = Json::array();
        for (const Json& column : ColumnValues(arguments_.At(0, "from_relation"))) {
            const auto same = [&](const Json& other) {
                return EqualsIgnoreCase(other["__column__"]["name"].get<std::string>(),
                                        column["__column__"]["name"].get<std::string>());
            };
            if (std::none_of(to.begin(), to.end(), same)) missing.push_back(column);
        }
        return missing;
    }
    Json HasSchema() {
        const std::string wanted = arguments_.TextAt(1, "schema");
        const std::vector<std::string> schemas = Lake().Schemas();
        return std::any_of(schemas.begin(), schemas.end(), [&](const std::string& schema) {
            return EqualsIgnoreCase(schema, wanted);
        });
    }
    Json ListSchemas() { return Lake().Schemas(); }
    Json ListRelations() {
        const Json first = arguments_.At(0, "schema_relation");
        const std::string schema =
            first.is_object() ? Field(first, "schema") : arguments_.TextAt(1, "schema");
        Json all = Json::array();
        for (const engine::DirectoryEntry& entry : Lake().List(schema))
            all.push_back(RelationOf(task_.target.database, entry.name, TypeOf(entry)));
        return all;
    }
    Json CreateSchema() { return Run("CREATE SCHEMA IF NOT EXISTS " + Schema()); }
    Json DropSchema() { return Run("DROP SCHEMA IF EXISTS " + Schema() + " CASCADE"); }
    Json DropRelation() {
        const engine::TableName name = NameOf(arguments_.At(0, "relation"));
        const auto entry = Lake().Find(name);
        if (!entry) return "";
        return Run((TypeOf(*entry) == "view" ? "DROP VIEW " : "DROP TABLE ") + Quoted(name));
    }
    Json RenameRelation() {
        const engine::TableName from = NameOf(arguments_.At(0, "from_relation"));
        const engine::TableName to = NameOf(arguments_.At(1, "to_relation"));
        const auto entry = Lake().Find(from);
        const bool is_view = entry && TypeOf(*entry) == "view";
        return Run(fmt::format("ALTER {} {} RENAME TO {}", is_view ? "VIEW" : "TABLE", Quoted(from),
                               Quoted(to)));
    }
    Json TruncateRelation() {
        return Run("DELETE FROM " + Quoted(NameOf(arguments_.At(0, "relation"))));
    }

private:
    TemplateLake& Lake() {
        if (task_.lake != nullptr) return *task_.lake;
        throw Error(ErrorKind::kInvalidInput, "the lake cannot be asked here");
    }
    std::string Schema() {
        const std::string schema = Field(arguments_.At(0, "relation"), "schema");
        if (schema.empty()) throw Error(ErrorKind::kInvalidInput, "a relation is expected here");
        return sql::QuoteIdentifier(schema);
    }
    Json Run(const std::string& sql) {
        Lake().Run(sql);
        return "";
    }
    Json Found(const engine::TableName& name) {
        const auto entry = Lake().Find(name);
        if (!entry) return nullptr;
        return RelationOf(task_.target.database, entry->name, TypeOf(*entry));
    }
    Json ColumnValues(const Json& relation) {
        const engine::TableName name = NameOf(relation);
        const std::string shown = Field(relation, "rendered");
        // A subquery, or a function over files.
        const bool is_subquery = shown.find('(') != std::string::npos || shown.starts_with('\'');
        Json all = Json::array();
        if (!is_subquery && !Lake().Find(name)) return all;
        for (const engine::ColumnInfo& column : Lake().Columns(is_subquery ? shown : Quoted(name)))
            all.push_back(ColumnOf(column));
        return all;
    }

    const AdapterTask& task_;
    const CallArguments& arguments_;
};

struct Member {
    Json (Adapter::*call)();
    Json unasked = "";  // the answer while the graph is made
    bool asks = true;
};

const std::map<std::string, Member>& Members() {
    static const Json none;
    static const Json nothing = {Json::object(), TableValue({})};
    static const std::map<std::string, Member> members = {
        {"type", {&Adapter::Type, "", false}},
        {"quote", {&Adapter::Quote, "", false}},
        {"quote_as_configured", {&Adapter::Quote, "", false}},
        {"quote_seed_column", {&Adapter::QuoteColumn, "", false}},
        {"valid_incremental_strategies", {&Adapter::Strategies, "", false}},
        {"commit", {&Adapter::Nothing, "", false}},
        {"commit_if_has_connection", {&Adapter::Nothing, "", false}},
        {"cache_added", {&Adapter::Nothing, "", false}},
        {"cache_dropped", {&Adapter::Nothing, "", false}},
        {"cache_renamed", {&Adapter::Nothing, "", false}},
        {"expand_target_column_types", {&Adapter::Nothing, "", false}},
        {"is_motherduck", {&Adapter::No, "", false}},
        {"is_ducklake", {&Adapter::No, "", false}},
        {"disable_transactions", {&Adapter::No, "", false}},
        {"external_root", {&Adapter::ExternalRoot, "", false}},
        {"get_binding_char", {&Adapter::BindingChar, "", false}},
        {"convert_datetimes_to_strs", {&Adapter::Itself, "", false}},
        {"get_hard_deletes_behavior", {&Adapter::HardDeletes, "", false}},
        {"valid_snapshot_target", {&Adapter::Nothing, "", false}},
        {"standardize_grants_dict", {&Adapter::None, "", false}},
        {"location_exists", {&Adapter::HasLocation, false}},
        {"already_exists", {&Adapter::IsThere, false}},
        {"add_query", {&Adapter::Execute, nothing}},
        {"get_column_schema_from_query", {&Adapter::GetQueryColumns, Json::array()}},
        {"get_columns_in_table", {&Adapter::GetTableColumns, Json::array()}},
        {"execute", {&Adapter::Execute, nothing}},
        {"get_relation", {&Adapter::GetRelation, none}},
        {"load_relation", {&Adapter::LoadRelation, none}},
        {"get_columns_in_relation", {&Adapter::GetColumns, Json::array()}},
        {"get_missing_columns", {&Adapter::GetMissingColumns, Json::array()}},
        {"check_schema_exists", {&Adapter::HasSchema, false}},
        {"list_schemas", {&Adapter::ListSchemas, Json::array()}},
        {"list_relations", {&Adapter::ListRelations, Json::array()}},
        {"list_relations_without_caching", {&Adapter::ListRelations, Json::array()}},
        {"create_schema", {&Adapter::CreateSchema}},
        {"drop_schema", {&Adapter::DropSchema}},
        {"drop_relation", {&Adapter::DropRelation}},
        {"rename_relation", {&Adapter::RenameRelation}},
        {"truncate_relation", {&Adapter::TruncateRelation}},
    };
    return members;
}

}  // namespace

Json CallArguments::At(size_t place, const char* name) const {
    if (place < positional.size()) return positional[place];
    return named.contains(name) ? named[name] : Json();
}

std::string CallArguments::TextAt(size_t place, const char* name) const {
    const Json value = At(place, name);
    if (value.is_string()) return value.get<std::string>();
    throw Error(ErrorKind::kInvalidInput, "a text is expected as `{}`", name);
}

bool CallArguments::TruthAt(size_t place, const char* name, bool otherwise) const {
    const Json value = At(place, name);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

Json RelationOf(const std::string& database, const engine::TableName& name,
                const std::string& type) {
    Json relation = {{"database", database}, {"schema", name.schema}, {"identifier", name.name}};
    if (!type.empty()) relation["type"] = type;
    return {{"__relation__", std::move(relation)}};
}

bool AsksTheLake(const std::string& member) {
    const auto found = Members().find(member);
    return found != Members().end() && found->second.asks;
}

Json CallAdapter(const AdapterTask& task, const std::string& member,
                 const CallArguments& arguments) {
    const auto found = Members().find(member);
    if (found == Members().end()) {
        std::vector<std::string> known = {"dispatch"};
        for (const auto& [name, call] : Members()) known.push_back(name);
        const auto nearest = NearestWord(member, known);
        throw Error(ErrorKind::kInvalidInput, "adapter has no `{}`{}", member,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
    }
    if (found->second.asks && !task.executing) return found->second.unasked;
    Adapter adapter(task, arguments);
    return (adapter.*found->second.call)();
}

}  // namespace tarn::pipeline
