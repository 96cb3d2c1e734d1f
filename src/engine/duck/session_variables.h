// The variables of one session: what DECLARE made, what they hold, and what statements become that
// name them. Values lie in the engine's own variables.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "duckdb.hpp"
#include "sql/session_variables.h"

namespace tarn::engine::duck {

class SessionVariables {
public:
    explicit SessionVariables(duckdb::Connection& connection) : connection_(connection) {}

    // AlreadyExists, InvalidInput (a value that is none, a name that is no variable's).
    void Do(const sql::DeclareVariable& declare, sql::Dialect dialect);
    void Do(const sql::SetVariables& set, sql::Dialect dialect);
    void Do(const sql::DropVariable& drop);
    // The statement that EXECUTE IMMEDIATE runs; its answer goes into variables where it says so.
    std::string TextOf(const sql::ExecuteImmediate& execute, sql::Dialect dialect);

    // The statement with the names that IDENTIFIER(...) gives, and with the values of variables: a
    // column of the same name goes before a variable. Nothing where it has neither, as most.
    std::optional<sql::Statement> Resolve(const sql::Statement& statement, sql::Dialect dialect);

private:
    struct Variable {
        std::string type;   // as the user wrote it; empty: any
        std::string value;  // its DEFAULT
    };

    // Runs SET VARIABLE with a value in the user's words.
    void Assign(const std::string& name, const std::string& value, sql::Dialect dialect);
    void CheckIsThere(const std::string& name) const;
    // An expression in the user's words, as the engine's.
    std::string ToEngine(const std::string& expression, sql::Dialect dialect);
    std::string TextValue(const std::string& expression, sql::Dialect dialect);
    bool Binds(const sql::Statement& statement, sql::Dialect dialect);
    std::vector<std::string> Names() const;
    std::string WithFewest(const sql::Statement& statement, const std::vector<std::string>& names,
                           sql::Dialect dialect);

    duckdb::Connection& connection_;
    std::map<std::string, Variable> variables_;  // by their names in lower case
};

}  // namespace tarn::engine::duck
