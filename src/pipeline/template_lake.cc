#include "pipeline/template_lake.h"

#include "base/error.h"
#include "engine/column_lookup.h"
#include "sql/splitter.h"

namespace tarn::pipeline {
namespace {

constexpr size_t kMaxRows = 100'000;

LakeAnswer RunOne(engine::Session& session, const sql::Statement& statement) {
    LakeAnswer answer;
    const auto result = session.Execute(statement, {});
    while (result->NextText(answer.rows)) {
        if (answer.rows.size() > kMaxRows) {
            throw Error(ErrorKind::kLimitExceeded, "a query of a template gives more than {} rows",
                        kMaxRows);
        }
    }
    answer.columns = result->Columns();
    if (result->Stats().rows_returned == 0) answer.rows.clear();  // it only counts
    answer.rows_affected = result->Stats().rows_affected;
    return answer;
}

// `lake.information_schema.tables`, as macros of dbt ask, is `information_schema.tables`: it is one
// for all catalogs, and stands in none.
std::string WithoutCatalog(std::string sql, const std::string& catalog) {
    for (const std::string& name : {catalog, "\"" + catalog + "\""}) {
        const std::string before = name + ".";
        const std::string wanted = before + "information_schema.";
        for (size_t at = sql.find(wanted); at != std::string::npos; at = sql.find(wanted, at))
            sql.erase(at, before.size());
    }
    return sql;
}

}  // namespace

LakeAnswer SessionLake::Run(const std::string& sql) {
    LakeAnswer answer;
    const std::string text = WithoutCatalog(sql, directory_.CatalogName());
    for (const sql::Statement& statement : sql::Split(text, session_.Speaks())) {
        answer = RunOne(session_, statement);
    }
    return answer;
}

std::vector<engine::ColumnInfo> SessionLake::Columns(const std::string& from) {
    return engine::ColumnsOf(session_, from);
}

std::optional<engine::DirectoryEntry> SessionLake::Find(const engine::TableName& name) {
    return directory_.Find(name);
}

std::vector<engine::DirectoryEntry> SessionLake::List(const std::string& schema) {
    if (!directory_.FindSchema(schema)) return {};
    return directory_.List(schema);
}

std::vector<std::string> SessionLake::Schemas() {
    std::vector<std::string> names;
    for (const engine::SchemaEntry& schema : directory_.Schemas()) names.push_back(schema.name);
    return names;
}

}  // namespace tarn::pipeline
