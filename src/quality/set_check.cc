#include "quality/set_check.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRowCondition = "row_condition";

std::string PlainText(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// "2024-01-31", also with a time behind it: as SQL it would be a subtraction.
bool IsDate(const std::string& text) {
    constexpr std::string_view kDigits = "0000-00-00";
    if (text.size() < kDigits.size()) return false;
    for (size_t i = 0; i < kDigits.size(); ++i) {
        const bool is_digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
        if (kDigits[i] == '0' ? !is_digit : text[i] != '-') return false;
    }
    return text.find_first_not_of("0123456789:.+-TZ ", kDigits.size()) == std::string::npos;
}

bool IsPlainName(const std::string& text) {
    const auto is_of_name = [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter >= 0x80;
    };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
           std::all_of(text.begin(), text.end(), is_of_name);
}

bool IsListOf(const Json& value, bool (*is_item)(const Json&)) {
    if (!value.is_array()) return is_item(value);
    return std::all_of(value.begin(), value.end(), is_item);
}

bool IsScalar(const Json& value) { return !value.is_structured() && !value.is_null(); }

bool IsPair(const Json& value) {
    return value.is_array() && value.size() == 2 && IsScalar(value[0]) && IsScalar(value[1]);
}

bool IsTemplate(const Json& value) {
    return value.is_string() && value.get_ref<const std::string&>().find("{{") != std::string::npos;
}

bool IsNumber(const Json& value) {
    if (value.is_number()) return true;
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return !text.empty() && text.find_first_not_of("0123456789.+-eE") == std::string::npos;
}

}  // namespace

std::string_view NameOf(ArgumentKind kind) {
    switch (kind) {
        case ArgumentKind::kSql:
            return "SQL";
        case ArgumentKind::kText:
            return "text";
        case ArgumentKind::kTexts:
            return "list of texts";
        case ArgumentKind::kValues:
            return "list of values";
        case ArgumentKind::kColumns:
            return "list of columns";
        case ArgumentKind::kPairs:
            return "list of pairs";
        case ArgumentKind::kTable:
            return "ref() or source()";
        case ArgumentKind::kNumber:
            return "number";
        case ArgumentKind::kFlag:
            return "true or false";
        case ArgumentKind::kWord:
            return "word";
    }
    return "";
}

std::vector<std::string> WordsIn(std::string_view text) {
    std::vector<std::string> words;
    for (std::string& word : Split(text, ' ')) {
        if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
}

std::string Where(const std::string& rows, const std::string& condition) {
    if (condition.empty()) return rows;
    return fmt::format("(SELECT * FROM {} WHERE {}\n)", rows, condition);
}

const CheckArgument* FindArgument(const SetCheck& check, std::string_view word) {
    for (const CheckArgument& argument : check.arguments) {
        if (argument.name == word) return &argument;
        for (const std::string& also : WordsIn(argument.also)) {
            if (also == word) return &argument;
        }
    }
    return nullptr;
}

std::string ArgumentMistake(const CheckArgument& argument, const Json& value) {
    if (value.is_null()) return "";
    bool is_well = true;
    switch (argument.kind) {
        case ArgumentKind::kSql:
        case ArgumentKind::kText:
        case ArgumentKind::kTable:
            is_well = IsScalar(value);
            break;
        case ArgumentKind::kTexts:
        case ArgumentKind::kColumns:
        case ArgumentKind::kValues:
            is_well = IsListOf(value, IsScalar) && (!value.is_array() || !value.empty());
            break;
        case ArgumentKind::kPairs:
            is_well = value.is_array() && !value.empty() && IsListOf(value, IsPair);
            break;
        case ArgumentKind::kNumber:
            is_well = IsNumber(value) || IsTemplate(value);
            break;
        case ArgumentKind::kFlag:
            is_well = value.is_boolean();
            break;
        case ArgumentKind::kWord: {
            const std::vector<std::string> words = WordsIn(argument.words);
            const std::string word = AsciiLower(PlainText(value));
            if (std::find(words.begin(), words.end(), word) != words.end()) return "";
            const auto nearest = NearestWord(word, words);
            return fmt::format("`{}: {}`: expected one of {}{}", argument.name, word,
                               Join(words, ", "),
                               nearest ? fmt::format("; did you mean `{}`?", *nearest) : "");
        }
    }
    if (is_well) return "";
    return fmt::format("`{}` is no {}{}", argument.name, NameOf(argument.kind),
                       argument.kind == ArgumentKind::kValues
                           ? ": NULL is equal to nothing, and an empty list accepts nothing"
                           : "");
}

CheckCall::CheckCall(const SetCheck& check, CheckInput input)
    : check_(check), input_(std::move(input)) {
    if (!input_.literal) {
        input_.literal = [](const std::string& text) { return sql::QuoteLiteral(text); };
    }
    if (!input_.table) input_.table = [](const std::string& text) { return text; };
    const bool is_filtered = FindArgument(check_, kRowCondition) != nullptr;
    rows_ = is_filtered ? Where(input_.rows, Sql(kRowCondition)) : input_.rows;
}

const CheckArgument& CheckCall::Argument(std::string_view name) const {
    const CheckArgument* argument = FindArgument(check_, name);
    Check(argument != nullptr, "a check asks for arguments that it has");
    return *argument;
}

const Json* CheckCall::Given(std::string_view name) const {
    const CheckArgument& argument = Argument(name);
    std::vector<std::string> words = WordsIn(argument.also);
    words.emplace_back(argument.name);
    for (const std::string& word : words) {
        const auto found = input_.arguments.find(word);
        if (found != input_.arguments.end() && !found->is_null()) return &*found;
    }
    return nullptr;
}

std::string CheckCall::Text(std::string_view argument) const {
    const Json* given = Given(argument);
    return given == nullptr ? std::string(Argument(argument).fallback) : PlainText(*given);
}

std::string CheckCall::Sql(std::string_view argument) const {
    const std::string text = Text(argument);
    return IsDate(text) ? sql::QuoteLiteral(text) : text;
}

std::string CheckCall::Literal(std::string_view argument) const {
    return input_.literal(Text(argument));
}

std::vector<Json> CheckCall::Items(std::string_view name) const {
    const Json* given = Given(name);
    if (given == nullptr) return {};
    if (!given->is_array()) return std::vector<Json>(1, *given);
    return std::vector<Json>(given->begin(), given->end());
}

std::vector<std::string> CheckCall::Literals(std::string_view argument) const {
    std::vector<std::string> literals;
    for (const Json& item : Items(argument)) literals.push_back(input_.literal(PlainText(item)));
    return literals;
}

std::vector<std::string> CheckCall::Values(std::string_view argument) const {
    if (Flag("quote_values")) return Literals(argument);
    std::vector<std::string> values;
    for (const Json& item : Items(argument)) values.push_back(PlainText(item));
    return values;
}

std::vector<std::string> CheckCall::Columns(std::string_view argument) const {
    const bool is_quoted =
        FindArgument(check_, "quote_columns") != nullptr && Flag("quote_columns");
    std::vector<std::string> columns;
    for (const Json& item : Items(argument)) {
        const std::string text = PlainText(item);
        columns.push_back(is_quoted || IsPlainName(text) ? sql::QuoteIdentifier(text) : text);
    }
    return columns;
}

std::vector<std::pair<std::string, std::string>> CheckCall::Pairs(std::string_view argument) const {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const Json& item : Items(argument))
        pairs.emplace_back(PlainText(item.at(0)), PlainText(item.at(1)));
    return pairs;
}

std::string CheckCall::Table(std::string_view argument) const {
    return input_.table(Text(argument));
}

bool CheckCall::Flag(std::string_view argument) const {
    const Json* given = Given(argument);
    return given == nullptr ? Argument(argument).fallback == "true" : given->get<bool>();
}

double CheckCall::Number(std::string_view argument) const {
    const std::string text = Text(argument);
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0')
        throw Error(ErrorKind::kInvalidInput, "`{}: {}` is no number", argument, text);
    return number;
}

}  // namespace tarn::quality
