#include "sql/column_names.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/java_number.h"
#include "sql/quote.h"
#include "sql/spark_tokens.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// Longer ones name nothing that anyone reads.
constexpr size_t kLongestName = 4096;

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {"INT", "INT"},         {"INTEGER", "INT"},
    {"LONG", "BIGINT"},     {"BIGINT", "BIGINT"},
    {"SHORT", "SMALLINT"},  {"SMALLINT", "SMALLINT"},
    {"BYTE", "TINYINT"},    {"TINYINT", "TINYINT"},
    {"REAL", "FLOAT"},      {"FLOAT", "FLOAT"},
    {"DOUBLE", "DOUBLE"},   {"STRING", "STRING"},
    {"BOOLEAN", "BOOLEAN"}, {"BINARY", "BINARY"},
    {"DATE", "DATE"},       {"TIMESTAMP", "TIMESTAMP"},
    {"VARIANT", "VARIANT"}, {"TIMESTAMP_LTZ", "TIMESTAMP"},
    {"DEC", "DECIMAL"},     {"DECIMAL", "DECIMAL"},
    {"NUMERIC", "DECIMAL"}, {"TIMESTAMP_NTZ", "TIMESTAMP_NTZ"},
};

constexpr std::string_view kValues[] = {"null", "true", "false", "default"};
constexpr std::string_view kWithoutParentheses[] = {
    "current_date",     "current_timestamp", "current_user",   "current_catalog",
    "current_database", "current_schema",    "localtimestamp", "session_user"};

template <class List>
bool Has(const List& list, std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool IsDigits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "2026-1-2" as "2026-01-02"; nothing for what is no plain date.
std::optional<std::string> DateText(std::string_view text) {
    const std::vector<std::string> parts = tarn::Split(text, '-');
    constexpr size_t kYearDigits = 4;
    if (parts.size() != 3 || parts[0].size() != kYearDigits) return std::nullopt;
    for (const std::string& part : parts)
        if (!IsDigits(part) || part.size() > kYearDigits) return std::nullopt;
    return fmt::format("{}-{:0>2}-{:0>2}", parts[0], parts[1], parts[2]);
}

// With a time of day, of whose fraction the last zeros go; nothing where a zone is told.
std::optional<std::string> TimestampText(std::string_view text) {
    const size_t blank = text.find_first_of(" T");
    const auto date = DateText(text.substr(0, blank));
    if (!date) return std::nullopt;
    if (blank == std::string_view::npos) return *date + " 00:00:00";
    std::string time(text.substr(blank + 1));
    constexpr size_t kTimeSize = 8;
    if (time.size() < kTimeSize || time.find_first_not_of("0123456789:.") != std::string::npos)
        return std::nullopt;
    if (time.find('.') != std::string::npos) {
        while (time.back() == '0') time.pop_back();
        if (time.back() == '.') time.pop_back();
    }
    return *date + " " + time;
}

}  // namespace

std::optional<std::string> ColumnNames::NameOf(const SyntaxNode& value) {
    is_known_ = true;
    // A cast of a column has its name.
    const bool casts = value.kind == Kind::kCast && IsColumn(value.parts[0]);
    std::string words = Words(casts ? value.parts[0] : value);
    const bool is_usable = is_known_ && !words.empty() && words.size() <= kLongestName;
    return is_usable ? std::optional(std::move(words)) : std::nullopt;
}

bool ColumnNames::IsColumn(const SyntaxNode& value) const {
    if (value.kind != Kind::kName || !value.marks.empty()) return false;
    const bool is_word =
        value.end == value.first + 1 && tokens_[value.first].kind == TokenKind::kIdentifier;
    const std::string word = AsciiLower(TextAt(value.first));
    return !is_word || (!Has(kValues, word) && !Has(kWithoutParentheses, word));
}

std::string ColumnNames::Unknown() {
    is_known_ = false;
    return {};
}

std::string ColumnNames::Meaning(const SyntaxNode& text) const {
    std::string meaning;
    for (size_t i = text.first; i < text.end; ++i) meaning += UnquoteSparkLiteral(TextAt(i));
    return meaning;
}

std::vector<std::string> ColumnNames::WordsOf(const std::vector<SyntaxNode>& nodes) {
    std::vector<std::string> words;
    for (const SyntaxNode& node : nodes) words.push_back(Words(node));
    return words;
}

std::string ColumnNames::Words(const SyntaxNode& node) {
    switch (node.kind) {
        case Kind::kName:
            return NameWords(node);
        case Kind::kString:
            return Meaning(node);
        case Kind::kNumber:
            return NumberWords(node);
        case Kind::kTyped:
            return TypedWords(node);
        case Kind::kInterval:
            return IntervalWords(node);
        case Kind::kUnary:
            return UnaryWords(node);
        case Kind::kChain:
            return ChainWords(node);
        case Kind::kLogic: {
            std::string words = Words(node.parts[0]);
            for (size_t i = 1; i < node.parts.size(); ++i)
                words = fmt::format("({} {} {})", words, node.word, Words(node.parts[i]));
            return words;
        }
        case Kind::kCompare:
            return CompareWords(node);
        case Kind::kBetween: {
            const std::string words = "between(" + tarn::Join(WordsOf(node.parts), ", ") + ")";
            return node.is_negated ? "(NOT " + words + ")" : words;
        }
        case Kind::kIn:
            return InWords(node);
        case Kind::kIs:
            return IsWords(node);
        case Kind::kLike:
            return LikeWords(node);
        case Kind::kLikeAny:
            return LikeAnyWords(node);
        case Kind::kCase:
            return CaseWords(node);
        case Kind::kCast:
            return CastWords(node);
        case Kind::kBracket:
            return fmt::format("{}[{}]", Words(node.parts[0]), Words(node.parts[1]));
        case Kind::kField:
            return Words(node.parts[0]) + "." + UnquoteIdentifier(TextAt(node.marks[0]));
        case Kind::kParens:
            return Words(node.parts[0]);
        case Kind::kLambda:
            return LambdaWords(node);
        case Kind::kCall:
            return CallWords(node);
        case Kind::kCallTail:
            return CallTailWords(node);
        default:
            return Unknown();
    }
}

std::string ColumnNames::NameWords(const SyntaxNode& node) {
    if (node.is_outer) return Unknown();
    const std::string head = AsciiLower(UnquoteIdentifier(TextAt(node.first)));
    if (!IsColumn(node) && node.marks.empty()) {
        if (Has(kWithoutParentheses, head)) return head + "()";
        if (head == "default") return Unknown();
        return head == "null" ? "NULL" : head;
    }
    const bool is_lambda = std::find(lambdas_.begin(), lambdas_.end(), head) != lambdas_.end();
    const size_t column = node.marks.empty() ? node.end - 1 : node.marks.front() - 2;
    std::string words = is_lambda ? "namedlambdavariable()" : UnquoteIdentifier(TextAt(column));
    for (const size_t mark : node.marks) words += "." + UnquoteIdentifier(TextAt(mark));
    return words;
}

std::string ColumnNames::NumberWords(const SyntaxNode& node) {
    std::string text = AsciiLower(TextAt(node.first));
    const bool is_decimal = text.ends_with("bd");
    if (is_decimal) text.resize(text.size() - 2);
    const char last = text.back();
    if (!is_decimal && (last == 'l' || last == 's' || last == 'y')) {
        text.pop_back();
        return text;
    }
    const bool has_exponent = text.find('e') != std::string::npos;
    if (!is_decimal && last == 'f') return JavaText(std::strtof(text.c_str(), nullptr));
    if (!is_decimal && (last == 'd' || has_exponent))
        return JavaText(std::strtod(text.c_str(), nullptr));
    if (has_exponent) return PlainDecimal(text).value_or(Unknown());
    if (text.starts_with('.')) text = "0" + text;
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string ColumnNames::TypedWords(const SyntaxNode& node) {
    const std::string text = Meaning(node.parts[0]);
    if (node.word == "X") return "X'" + AsciiUpper(text) + "'";
    const bool is_time = node.word == "TIMESTAMP" || node.word == "TIMESTAMP_NTZ";
    if (!is_time && node.word != "DATE") return Unknown();
    const auto shown = is_time ? TimestampText(text) : DateText(text);
    return shown ? node.word + " '" + *shown + "'" : Unknown();
}

// One amount of one unit, or a text from one unit to another.
std::string ColumnNames::IntervalWords(const SyntaxNode& node) {
    const SyntaxNode& amount = node.parts[0];
    const bool is_text = amount.kind == Kind::kString;
    if (node.parts.size() != 1 || node.marks.empty() || (!is_text && amount.kind != Kind::kNumber))
        return Unknown();
    const std::string text = is_text ? Meaning(amount) : std::string(TextAt(amount.first));
    std::vector<std::string> units;
    for (const size_t mark : node.marks) {
        units.push_back(AsciiUpper(TextAt(mark)));
        if (units.back().ends_with('S')) units.back().pop_back();
    }
    if (units.size() == 2) return fmt::format("INTERVAL '{}' {} TO {}", text, units[0], units[1]);
    const auto number = ParseInt(text);
    if (!number || *number < 0) return Unknown();
    if (units[0] == "WEEK") return fmt::format("INTERVAL '{}' DAY", *number * 7);
    if (units[0] == "YEAR" || units[0] == "MONTH" || units[0] == "DAY")
        return fmt::format("INTERVAL '{}' {}", *number, units[0]);
    if (units[0] == "HOUR" || units[0] == "MINUTE" || units[0] == "SECOND")
        return fmt::format("INTERVAL '{:02}' {}", *number, units[0]);
    return Unknown();
}

std::string ColumnNames::UnaryWords(const SyntaxNode& node) {
    const std::string words = Words(node.parts[0]);
    if (node.word == "NOT" || node.word == "!") return "(NOT " + words + ")";
    if (node.word == "~") return "~" + words;
    const bool is_number = node.word == "-" && node.parts[0].kind == Kind::kNumber;
    return is_number ? "-" + words : "(" + node.word + " " + words + ")";
}

std::string ColumnNames::ChainWords(const SyntaxNode& node) {
    std::string words = Words(node.parts[0]);
    const auto is_interval = [&](size_t i) { return node.parts[i].kind == Kind::kInterval; };
    for (size_t i = 0; i < node.marks.size(); ++i) {
        const SyntaxNode& right = node.parts[i + 1];
        const std::string other = Words(right);
        std::string sign(TextAt(node.marks[i]));
        if (sign == "<") sign = "<<";
        if (sign == ">") sign = IsSymbol(tokens_[node.marks[i] + 2], ">") ? ">>>" : ">>";
        const bool sums = sign == "+" || sign == "-";
        const bool moves_time = sums && i == 0 && is_interval(0) != is_interval(1);
        const bool moves_date = sums && i == 0 && node.parts[0].kind == Kind::kTyped &&
                                node.parts[0].word == "DATE" && right.kind == Kind::kNumber;
        if (sign == "||") {
            words = "concat(" + words + ", " + other + ")";
        } else if (moves_time) {
            words = words + " " + sign + " " + other;
        } else if (moves_date) {
            words = (sign == "+" ? "date_add(" : "date_sub(") + words + ", " + other + ")";
        } else {
            words = fmt::format("({} {} {})", words, AsciiLower(sign), other);
        }
    }
    return words;
}

std::string ColumnNames::CompareWords(const SyntaxNode& node) {
    const std::string left = Words(node.parts[0]);
    const std::string right = Words(node.parts[1]);
    if (node.word == "<>" || node.word == "!=") return fmt::format("(NOT ({} = {}))", left, right);
    return fmt::format("({} {} {})", left, node.word == "==" ? "=" : node.word, right);
}

std::string ColumnNames::InWords(const SyntaxNode& node) {
    if (node.is_outer) return Unknown();
    std::vector<std::string> list = WordsOf(node.parts);
    const std::string value = list.front();
    list.erase(list.begin());
    const std::string words = fmt::format("({} IN ({}))", value, tarn::Join(list, ", "));
    return node.is_negated ? "(NOT " + words + ")" : words;
}

std::string ColumnNames::IsWords(const SyntaxNode& node) {
    const std::string value = Words(node.parts[0]);
    if (node.word == "NULL" || node.word == "UNKNOWN")
        return fmt::format("({} IS {}NULL)", value, node.is_negated ? "NOT " : "");
    const std::string other =
        node.word == "DISTINCT" ? Words(node.parts[1]) : AsciiLower(node.word);
    const bool is_same = node.word == "DISTINCT" ? node.is_negated : !node.is_negated;
    const std::string words = fmt::format("({} <=> {})", value, other);
    return is_same ? words : "(NOT " + words + ")";
}

std::string ColumnNames::LikeWords(const SyntaxNode& node) {
    if (node.parts.size() > 2) return Unknown();
    const std::string value = Words(node.parts[0]);
    const std::string pattern = Words(node.parts[1]);
    const std::string words = node.word == "LIKE"    ? value + " LIKE " + pattern
                              : node.word == "ILIKE" ? fmt::format("ilike({}, {})", value, pattern)
                                                     : fmt::format("RLIKE({}, {})", value, pattern);
    return node.is_negated ? "(NOT " + words + ")" : words;
}

std::string ColumnNames::LikeAnyWords(const SyntaxNode& node) {
    const bool are_texts =
        std::all_of(node.parts.begin() + 1, node.parts.end(),
                    [](const SyntaxNode& part) { return part.kind == Kind::kString; });
    if (node.word != "LIKE" || !are_texts) return Unknown();
    const bool needs_all = IsWord(tokens_[node.marks[1]], "ALL");
    return fmt::format("{}like{}({})", node.is_negated ? "not" : "", needs_all ? "all" : "any",
                       Words(node.parts[0]));
}

std::string ColumnNames::CaseWords(const SyntaxNode& node) {
    std::vector<std::string> parts = WordsOf(node.parts);
    std::string compared;
    if (node.is_named) {
        compared = parts.front();
        parts.erase(parts.begin());
    }
    std::string words = "CASE";
    size_t i = 0;
    for (; i + 1 < parts.size(); i += 2) {
        const std::string when =
            node.is_named ? fmt::format("({} = {})", compared, parts[i]) : parts[i];
        words += " WHEN " + when + " THEN " + parts[i + 1];
    }
    if (i < parts.size()) words += " ELSE " + parts[i];
    return words + " END";
}

// Of a cast to what holds other types Spark shows the value alone.
std::string ColumnNames::CastWords(const SyntaxNode& node) {
    const std::string value = Words(node.parts[0]);
    if (!node.parts[1].parts.empty()) return value;
    return fmt::format("{}({} AS {})", node.word == "TRY_CAST" ? "TRY_CAST" : "CAST", value,
                       TypeWords(node.parts[1]));
}

std::string ColumnNames::TypeWords(const SyntaxNode& node) {
    for (const auto& [written, shown] : kTypes) {
        if (node.word != written) continue;
        if (shown != "DECIMAL") return std::string(shown);
        std::vector<std::string> digits;
        for (size_t i = node.first; i < node.end; ++i)
            if (tokens_[i].kind == TokenKind::kNumber) digits.emplace_back(TextAt(i));
        if (digits.empty()) digits.emplace_back("10");
        if (digits.size() == 1) digits.emplace_back("0");
        return "DECIMAL(" + tarn::Join(digits, ",") + ")";
    }
    return Unknown();
}

std::string ColumnNames::LambdaWords(const SyntaxNode& node) {
    for (const size_t mark : node.marks)
        lambdas_.push_back(AsciiLower(UnquoteIdentifier(TextAt(mark))));
    std::string words = "lambdafunction(" + Words(node.parts[0]);
    for (size_t i = 0; i < node.marks.size(); ++i) words += ", namedlambdavariable()";
    lambdas_.resize(lambdas_.size() - node.marks.size());
    return words + ")";
}

}  // namespace tarn::sql
