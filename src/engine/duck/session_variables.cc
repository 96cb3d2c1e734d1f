#include "engine/duck/session_variables.h"

#include <bit>

#include "base/error.h"
#include "base/text.h"
#include "engine/duck/errors.h"
#include "sql/parser.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

// IDENTIFIER(...) in a name that another one gave, and so on.
constexpr int kMostClauses = 100;
// Of more variables in one statement none is held for a column.
constexpr size_t kMostTried = 4;

duckdb::unique_ptr<duckdb::MaterializedQueryResult> Ask(duckdb::Connection& connection,
                                                        const std::string& query) {
    auto rows = connection.Query(query);
    if (rows->HasError()) throw FromDuck(rows->GetErrorObject()).error;
    return rows;
}

}  // namespace

std::vector<std::string> SessionVariables::Names() const {
    std::vector<std::string> names;
    for (const auto& [name, variable] : variables_) names.push_back(name);
    return names;
}

void SessionVariables::CheckIsThere(const std::string& name) const {
    if (variables_.contains(AsciiLower(name))) return;
    throw Error(ErrorKind::kInvalidInput, "there is no variable {}: DECLARE VARIABLE makes it",
                name);
}

std::string SessionVariables::ToEngine(const std::string& expression, sql::Dialect dialect) {
    const sql::Statement query{"SELECT " + expression};
    const sql::ParsedStatement parsed =
        sql::Parse(Resolve(query, dialect).value_or(query), dialect);
    const auto* engine = std::get_if<sql::EngineStatement>(&parsed);
    if (engine == nullptr) throw Error(ErrorKind::kInvalidInput, "{} is no expression", expression);
    return engine->text;
}

void SessionVariables::Assign(const std::string& name, const std::string& value,
                              sql::Dialect dialect) {
    const Variable& variable = variables_.at(AsciiLower(name));
    const std::string written = value.empty() ? "NULL" : value;
    const std::string typed =
        variable.type.empty() ? written : "CAST((" + written + ") AS " + variable.type + ")";
    Ask(connection_, "SET VARIABLE " + sql::QuoteIdentifier(AsciiLower(name)) + " = (" +
                         ToEngine(typed, dialect) + ")");
}

void SessionVariables::Do(const sql::DeclareVariable& declare, sql::Dialect dialect) {
    const std::string name = AsciiLower(declare.name);
    const auto known = variables_.find(name);
    if (known != variables_.end() && !declare.or_replace) {
        throw Error(ErrorKind::kAlreadyExists,
                    "the variable {} exists already: use DECLARE OR REPLACE", declare.name);
    }
    const auto before = variables_;
    variables_[name] = {declare.type, declare.value};
    try {
        Assign(name, declare.value, dialect);
    } catch (const std::exception&) {
        variables_ = before;
        throw;
    }
}

void SessionVariables::Do(const sql::SetVariables& set, sql::Dialect dialect) {
    for (const std::string& name : set.names) CheckIsThere(name);
    if (set.query.empty()) {
        for (size_t i = 0; i < set.names.size(); i++) {
            const std::string& value = set.values[i];
            const std::string& usual = variables_.at(AsciiLower(set.names[i])).value;
            Assign(set.names[i], value.empty() ? usual : value, dialect);
        }
        return;
    }
    // One row at most, a column a variable; no row is NULL in each.
    auto rows = Ask(connection_, ToEngine("* FROM " + set.query + " LIMIT 2", dialect));
    if (rows->ColumnCount() != set.names.size() || rows->RowCount() > 1) {
        throw Error(ErrorKind::kInvalidInput,
                    "SET VAR takes one row of {} values, the query gives {} of {}",
                    set.names.size(), rows->RowCount() > 1 ? "several" : "one",
                    rows->ColumnCount());
    }
    for (size_t i = 0; i < set.names.size(); i++) {
        const duckdb::Value value = rows->RowCount() == 0 ? duckdb::Value() : rows->GetValue(i, 0);
        const std::string name = AsciiLower(set.names[i]);
        Ask(connection_,
            "SET VARIABLE " + sql::QuoteIdentifier(name) + " = " + value.ToSQLString());
        if (!variables_.at(name).type.empty())
            Assign(name, "getvariable(" + sql::QuoteLiteral(name) + ")", dialect);
    }
}

void SessionVariables::Do(const sql::DropVariable& drop) {
    if (drop.if_exists && !variables_.contains(AsciiLower(drop.name))) return;
    CheckIsThere(drop.name);
    variables_.erase(AsciiLower(drop.name));
    Ask(connection_, "RESET VARIABLE " + sql::QuoteIdentifier(AsciiLower(drop.name)));
}

std::string SessionVariables::TextValue(const std::string& expression, sql::Dialect dialect) {
    auto rows = Ask(connection_, ToEngine(expression, dialect));
    const duckdb::Value value = rows->RowCount() == 0 ? duckdb::Value() : rows->GetValue(0, 0);
    if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::VARCHAR) {
        throw Error(ErrorKind::kInvalidInput, "{} must be a text, it is {}", expression,
                    value.IsNull() ? "NULL" : value.type().ToString());
    }
    return value.ToString();
}

std::string SessionVariables::TextOf(const sql::ExecuteImmediate& execute, sql::Dialect dialect) {
    const std::string text = sql::WithArguments(TextValue(execute.text, dialect), execute, dialect);
    if (sql::ReadVariableStatement(sql::Statement{text}, dialect)) {
        throw Error(ErrorKind::kInvalidInput,
                    "EXECUTE IMMEDIATE runs no statement about variables, and not itself");
    }
    return text;
}

bool SessionVariables::Binds(const sql::Statement& statement, sql::Dialect dialect) {
    try {
        const sql::ParsedStatement parsed = sql::Parse(statement, dialect);
        const auto* engine = std::get_if<sql::EngineStatement>(&parsed);
        return engine == nullptr || !connection_.Prepare(engine->text)->HasError();
    } catch (const Error&) {
        return false;
    }
}

std::optional<sql::Statement> SessionVariables::Resolve(const sql::Statement& statement,
                                                        sql::Dialect dialect) {
    // Statements may be long: none is copied for nothing.
    if (variables_.empty() && !sql::FindIdentifierClause(statement, dialect)) return std::nullopt;
    sql::Statement resolved = statement;
    for (int i = 0; i < kMostClauses; i++) {
        const auto clause = sql::FindIdentifierClause(resolved, dialect);
        if (!clause) break;
        const std::string name = TextValue(clause->expression, dialect);
        resolved.text.replace(clause->begin, clause->end - clause->begin, name);
    }
    if (variables_.empty()) return resolved;
    const std::vector<std::string> names = Names();
    resolved.text = sql::WithVariables(resolved, names, dialect, false);
    std::vector<std::string> bare;
    for (const std::string& name : names) {
        if (sql::WithVariables(resolved, {name}, dialect, true) != resolved.text)
            bare.push_back(name);
    }
    if (!bare.empty() && !Binds(resolved, dialect))
        resolved.text = WithFewest(resolved, bare, dialect);
    return resolved;
}

// Which of the names are columns only the engine can tell: as few as possible are variables.
std::string SessionVariables::WithFewest(const sql::Statement& statement,
                                         const std::vector<std::string>& names,
                                         sql::Dialect dialect) {
    const size_t subsets = names.size() <= kMostTried ? size_t{1} << names.size() : 0;
    for (size_t wanted = 1; wanted < names.size(); wanted++) {
        for (size_t subset = 1; subset < subsets; subset++) {
            if (static_cast<size_t>(std::popcount(subset)) != wanted) continue;
            std::vector<std::string> chosen;
            for (size_t i = 0; i < names.size(); i++) {
                if ((subset >> i) % 2 == 1) chosen.push_back(names[i]);
            }
            sql::Statement tried = statement;
            tried.text = sql::WithVariables(statement, chosen, dialect, true);
            if (Binds(tried, dialect)) return tried.text;
        }
    }
    return sql::WithVariables(statement, names, dialect, true);
}

}  // namespace tarn::engine::duck
