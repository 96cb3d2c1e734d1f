#include "engine/duck/operation_parameters.h"

#include <nlohmann/json.hpp>

#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"

namespace tarn::engine::duck {
namespace {

using Json = nlohmann::ordered_json;
using Condition = duckdb::unique_ptr<duckdb::ParsedExpression>;
using When = duckdb::MergeActionCondition;

// Delta's own writers give lists as text within the text.
std::string AsText(const Json& list) { return Json(list.dump()).dump(); }

std::string Predicate(const Condition& condition) {
    Json list = Json::array();
    if (condition) list.push_back(condition->ToString());
    return AsText(list);
}

const char* NameOf(duckdb::MergeActionType type) {
    switch (type) {
        case duckdb::MergeActionType::MERGE_UPDATE:
            return "update";
        case duckdb::MergeActionType::MERGE_DELETE:
            return "delete";
        case duckdb::MergeActionType::MERGE_INSERT:
            return "insert";
        default:
            return nullptr;
    }
}

std::string Clauses(const duckdb::MergeIntoStatement& merge, When when) {
    Json clauses = Json::array();
    if (const auto found = merge.actions.find(when); found != merge.actions.end()) {
        for (const auto& action : found->second) {
            const char* const type = NameOf(action->action_type);
            if (type == nullptr) continue;
            Json clause = Json::object();
            if (action->condition) clause["predicate"] = action->condition->ToString();
            clause["actionType"] = type;
            clauses.push_back(std::move(clause));
        }
    }
    return AsText(clauses);
}

std::map<std::string, std::string> OfMerge(const duckdb::MergeIntoStatement& merge) {
    Json condition = Json::array();
    if (merge.join_condition) condition.push_back(merge.join_condition->ToString());
    for (const std::string& column : merge.using_columns) condition.push_back(column);
    return {{"predicate", AsText(condition)},
            {"matchedPredicates", Clauses(merge, When::WHEN_MATCHED)},
            {"notMatchedPredicates", Clauses(merge, When::WHEN_NOT_MATCHED_BY_TARGET)},
            {"notMatchedBySourcePredicates", Clauses(merge, When::WHEN_NOT_MATCHED_BY_SOURCE)}};
}

std::map<std::string, std::string> OfInsert(const sql::InsertClauses& insert) {
    using Replaces = sql::InsertClauses::Replaces;
    if (insert.replaces == Replaces::kNothing) return {};
    std::map<std::string, std::string> parameters = {{"mode", Json("Overwrite").dump()}};
    if (insert.replaces == Replaces::kWhere)
        parameters.emplace("predicate", Json(insert.condition).dump());
    return parameters;
}

}  // namespace

std::map<std::string, std::string> OperationParameters(
    const duckdb::SQLStatement& statement, const std::optional<sql::InsertClauses>& insert) {
    switch (statement.type) {
        case duckdb::StatementType::INSERT_STATEMENT:
            return insert ? OfInsert(*insert) : std::map<std::string, std::string>();
        case duckdb::StatementType::DELETE_STATEMENT:
            return {{"predicate", Predicate(statement.Cast<duckdb::DeleteStatement>().condition)}};
        case duckdb::StatementType::UPDATE_STATEMENT: {
            const auto& update = statement.Cast<duckdb::UpdateStatement>();
            return {{"predicate", Predicate(update.set_info->condition)}};
        }
        case duckdb::StatementType::MERGE_INTO_STATEMENT:
            return OfMerge(statement.Cast<duckdb::MergeIntoStatement>());
        default:
            return {};
    }
}

}  // namespace tarn::engine::duck
