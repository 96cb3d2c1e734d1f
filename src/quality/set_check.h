// A check: a promise about the rows of a table, one by one or as a whole, by the name that people
// know it by. It comes to a SELECT of what breaks it; no row means that it holds. A check is a row
// of one table (SetChecks), which the tests of a project, and the reference page, are read from.
// Text only.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tarn::quality {

enum class ArgumentKind {
    kSql,      // as it stands: a number, an expression; a date alone is quoted
    kText,     // one text
    kTexts,    // a list of texts
    kValues,   // a list of values, which are texts unless `quote_values` says otherwise
    kColumns,  // a list of columns or expressions
    kPairs,    // a list of pairs, as SQL
    kTable,    // ref('x') or source('a', 'b')
    kNumber,
    kFlag,
    kWord,  // one of its words
};
std::string_view NameOf(ArgumentKind kind);  // "list of columns"

struct CheckArgument {
    std::string_view name;
    ArgumentKind kind = ArgumentKind::kSql;
    std::string_view fallback = {};  // what holds where it is not said
    bool is_required = false;
    std::string_view also = {};   // further names of it, by a blank between them
    std::string_view words = {};  // of kWord, by a blank between them
};

class CheckCall;

// What a check may stand below: a column, a table as a whole, or both.
enum class CheckSubject { kColumn, kTable, kEither };

struct SetCheck {
    std::string_view name;
    std::string_view packages = {};   // words that may stand before it: `dbt_utils.recency`
    std::string_view spellings = {};  // further names, by a blank between them
    CheckSubject subject = CheckSubject::kColumn;
    std::span<const CheckArgument> arguments = {};
    std::string_view meaning = {};  // one line, for the reference page
    std::string (*sql)(const CheckCall& call) = nullptr;
    std::string_view example = {};    // its arguments, as YAML; of the column `v`
    std::string_view needs = {};      // one of these arguments at least
    std::string_view fail_calc = {};  // where it is not the number of rows
    // Its SELECT gives one number, which is judged against those of earlier runs (anomaly.h).
    bool by_history = false;
};

// All of them, those of one package together. The first that has a name has it where no package is
// said.
const std::vector<SetCheck>& SetChecks();
// By "recency", "dbt_utils.recency" or a further spelling; null: there is none.
const SetCheck* FindSetCheck(std::string_view word);
// All words that FindSetCheck knows without a package, for the nearest one.
std::vector<std::string> SetCheckWords();

// A check asked of one table.
struct CheckInput {
    std::string rows;    // the tested rows as SQL, what a FROM may name
    std::string column;  // as SQL; empty: of the table as a whole
    nlohmann::ordered_json arguments = nlohmann::ordered_json::object();
    // A text as a literal of SQL, and what names a table as SQL.
    std::function<std::string(const std::string&)> literal = {};
    std::function<std::string(const std::string&)> table = {};
};

// What a check's SQL is made from. Arguments were checked (ArgumentMistake).
class CheckCall {
public:
    // `check` outlives the call.
    CheckCall(const SetCheck& check, CheckInput input);

    // The tested rows, of which `row_condition` holds where the check has that.
    const std::string& Rows() const { return rows_; }
    const std::string& Column() const { return input_.column; }
    const SetCheck& Of() const { return check_; }
    bool Has(std::string_view argument) const { return Given(argument) != nullptr; }
    std::string Sql(std::string_view argument) const;
    std::string Text(std::string_view argument) const;  // no literal: as it stands
    std::string Literal(std::string_view argument) const;
    std::vector<std::string> Literals(std::string_view argument) const;
    std::vector<std::string> Values(std::string_view argument) const;
    std::vector<std::string> Columns(std::string_view argument) const;
    std::vector<std::pair<std::string, std::string>> Pairs(std::string_view argument) const;
    std::string Table(std::string_view argument) const;
    bool Flag(std::string_view argument) const;
    // As a number, where it must be known before the SQL is made.
    double Number(std::string_view argument) const;

private:
    using Json = nlohmann::ordered_json;
    const CheckArgument& Argument(std::string_view name) const;
    const Json* Given(std::string_view name) const;
    std::vector<Json> Items(std::string_view name) const;

    const SetCheck& check_;
    CheckInput input_;
    std::string rows_;
};

// The argument of the check that this word names; null: it has none.
const CheckArgument* FindArgument(const SetCheck& check, std::string_view word);
// What is wrong with the value of an argument; empty: nothing.
std::string ArgumentMistake(const CheckArgument& argument, const nlohmann::ordered_json& value);

// Parts of a text that stand by a blank between them.
std::vector<std::string> WordsIn(std::string_view text);
// "(SELECT * FROM rows WHERE condition)"; no condition: the rows.
std::string Where(const std::string& rows, const std::string& condition);

}  // namespace tarn::quality
