#include "quality/data_tests.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

DataTestKind ParseKind(const std::string& word, const YamlNode& place) {
    std::vector<std::string> known;
    for (const DataTestWord& test : DataTestWords()) {
        if (test.name == word) return static_cast<DataTestKind>(known.size());
        known.emplace_back(test.name);
    }
    const auto nearest = NearestWord(word, known);
    throw place.Mistake(fmt::format("there is no test `{}`{}", word,
                                    nearest ? fmt::format(": did you mean `{}`?", *nearest)
                                            : fmt::format(": known are {}", Join(known, ", "))));
}

void ReadGeneral(const YamlNode& node, DataTest& test) {
    if (const auto severity = node.Find("severity")) {
        test.severity =
            severity->AsOneOf({"warn", "error"}) == "warn" ? Severity::kWarn : Severity::kError;
    }
    test.where = node.StringOr("where", test.where);
}

void ReadArguments(const YamlNode& node, DataTest& test) {
    if (const auto values = node.Find("values")) test.values = values->AsStrings();
    test.quote_values = node.BoolOr("quote", test.quote_values);
    test.to = node.StringOr("to", test.to);
    test.field = node.StringOr("field", test.field);
}

void CheckArguments(const YamlNode& node, const DataTest& test) {
    if (test.kind == DataTestKind::kAcceptedValues && test.values.empty()) {
        throw node.Mistake("accepted_values needs `values`");
    }
    if (test.kind == DataTestKind::kRelationships && (test.to.empty() || test.field.empty())) {
        throw node.Mistake("relationships needs `to` and `field`");
    }
}

std::vector<std::string> KnownKeys(DataTestKind kind) {
    std::vector<std::string> known = {"name",   "severity",    "where",
                                      "config", "description", "arguments"};
    if (kind == DataTestKind::kAcceptedValues) known.insert(known.end(), {"values", "quote"});
    if (kind == DataTestKind::kRelationships) known.insert(known.end(), {"to", "field"});
    return known;
}

}  // namespace

const std::vector<DataTestWord>& DataTestWords() {
    static const std::vector<DataTestWord> words = {
        {"not_null", "no value of the column is NULL"},
        {"unique", "no value of the column stands twice; NULL does not count"},
        {"accepted_values", "every value is one of `values` (`quote: false` for numbers)"},
        {"relationships", "every value stands in the column `field` of `to`, such as ref('x')"},
    };
    return words;
}

std::string_view NameOf(Severity severity) {
    return severity == Severity::kWarn ? "warn" : "error";
}

DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column) {
    DataTest test;
    test.column = column;
    test.spot = node.Spot();
    if (node.IsScalar()) {
        const std::string word = node.AsString();
        test.kind = ParseKind(word, node);
        test.name = fmt::format("{}_{}_{}", word, model, column);
        CheckArguments(node, test);
        return test;
    }
    const auto entries = node.Entries();
    if (entries.size() != 1)
        throw node.Mistake("expected one test here: a word, or `word:` with its arguments");
    const auto& [word, body] = entries.front();
    test.kind = ParseKind(word, node);
    body.OnlyKeys(KnownKeys(test.kind));
    test.name = body.StringOr("name", fmt::format("{}_{}_{}", word, model, column));
    ReadGeneral(body, test);
    ReadArguments(body, test);
    if (const auto config = body.Find("config")) {
        config->OnlyKeys({"severity", "where"});
        ReadGeneral(*config, test);
    }
    if (const auto arguments = body.Find("arguments")) {
        arguments->OnlyKeys({"values", "quote", "to", "field"});
        ReadArguments(*arguments, test);
    }
    CheckArguments(node, test);
    return test;
}

std::string FailingRows(const DataTest& test, std::string_view table, std::string_view other) {
    const std::string column = sql::QuoteIdentifier(test.column);
    const std::string rows = test.where.empty()
                                 ? fmt::format("(SELECT * FROM {})", table)
                                 : fmt::format("(SELECT * FROM {} WHERE {}\n)", table, test.where);
    switch (test.kind) {
        case DataTestKind::kNotNull:
            return fmt::format("SELECT * FROM {} WHERE {} IS NULL", rows, column);
        case DataTestKind::kUnique:
            return fmt::format(
                "SELECT {0}, count(*) AS n FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} HAVING "
                "count(*) > 1",
                column, rows);
        case DataTestKind::kAcceptedValues: {
            std::vector<std::string> values;
            for (const std::string& value : test.values) {
                values.push_back(test.quote_values ? sql::QuoteLiteral(value) : value);
            }
            return fmt::format(
                "SELECT {0}, count(*) AS n FROM {1} WHERE {0} NOT IN ({2}) GROUP BY {0}", column,
                rows, Join(values, ", "));
        }
        case DataTestKind::kRelationships:
            return fmt::format(
                "SELECT child.{0} FROM {1} AS child WHERE child.{0} IS NOT NULL AND NOT EXISTS "
                "(SELECT 1 FROM {2} AS parent WHERE parent.{3} = child.{0})",
                column, rows, other, sql::QuoteIdentifier(test.field));
    }
    throw Error(ErrorKind::kInternal, "a data test of no kind");
}

}  // namespace tarn::quality
