// Variables of a session, and statements and names that are only known when they run: DECLARE, SET
// VAR, DROP VARIABLE, EXECUTE IMMEDIATE and IDENTIFIER(...). They are read here and written as
// statements that know nothing of them; who runs these evaluates what stands within. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sql/dialect.h"
#include "sql/splitter.h"

namespace tarn::sql {

// DECLARE [OR REPLACE] [VARIABLE] name [type] [DEFAULT | = expression]; texts are as the user wrote
// them.
struct DeclareVariable {
    std::string name;
    std::string type;   // empty: that of the value
    std::string value;  // empty: NULL
    bool or_replace = false;
};
// SET VAR name = expression | DEFAULT, ... or SET VAR (a, b) = (query)
struct SetVariables {
    std::vector<std::string> names;
    std::vector<std::string>
        values;  // one a name, empty for DEFAULT; none where `query` gives them
    std::string query;
};
// DROP TEMPORARY VARIABLE [IF EXISTS] name
struct DropVariable {
    std::string name;
    bool if_exists = false;
};
// EXECUTE IMMEDIATE text [INTO variables] [USING arguments]
struct ExecuteImmediate {
    std::string text;  // an expression
    std::vector<std::string> into;
    std::vector<std::pair<std::string, std::string>> arguments;  // name (or empty), expression
};
using VariableStatement =
    std::variant<DeclareVariable, SetVariables, DropVariable, ExecuteImmediate>;

// Nothing for any other statement. InvalidInput with its place.
std::optional<VariableStatement> ReadVariableStatement(const Statement& statement, Dialect dialect);

// The statement with every ? and :name of an EXECUTE IMMEDIATE put in. InvalidInput for one too
// few.
std::string WithArguments(const std::string& text, const ExecuteImmediate& execute,
                          Dialect dialect);

// IDENTIFIER(expression) where a name stands: bytes [begin, end) of the statement.
struct IdentifierClause {
    size_t begin = 0;
    size_t end = 0;
    std::string expression;
};
std::optional<IdentifierClause> FindIdentifierClause(const Statement& statement, Dialect dialect);

// The statement with its variables read by getvariable(...): those that it names as session.v or
// system.session.v, and with `bare` also those that it names as v alone.
std::string WithVariables(const Statement& statement, const std::vector<std::string>& names,
                          Dialect dialect, bool bare);

}  // namespace tarn::sql
