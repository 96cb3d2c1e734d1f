#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/spark_tokens.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// Spark's letters behind a number say its type.
struct Suffix {
    std::string_view letters;
    std::string_view type;  // empty: what the digits say
};
constexpr Suffix kSuffixes[] = {{"BD", ""},       {"L", "BIGINT"}, {"S", "SMALLINT"},
                                {"Y", "TINYINT"}, {"D", "DOUBLE"}, {"F", "FLOAT"}};

// A type of Spark's that the engine calls otherwise, or takes for another.
struct TypeName {
    std::string_view spark;
    std::string_view engine;
    bool in_spark_only;
};
constexpr TypeName kTypeNames[] = {{"BYTE", "TINYINT", false},
                                   {"TIMESTAMP_NTZ", "TIMESTAMP", false},
                                   {"TIMESTAMP_LTZ", "TIMESTAMP WITH TIME ZONE", false},
                                   {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", true},
                                   {"LONG", "BIGINT", true},
                                   {"SHORT", "SMALLINT", true},
                                   {"BINARY", "BLOB", true},
                                   {"VOID", "\"NULL\"", true}};

struct Comparison {
    std::string_view word;
    std::string_view function;
};
constexpr Comparison kComparisons[] = {{"=", "spark_equal"},      {"==", "spark_equal"},
                                       {"<>", "spark_not_equal"}, {"!=", "spark_not_equal"},
                                       {"<", "spark_less"},       {"<=", "spark_less_or_equal"},
                                       {">", "spark_greater"},    {">=", "spark_greater_or_equal"},
                                       {"<=>", "spark_same"}};

// The units of Spark's types of intervals; their order is their size.
constexpr std::string_view kUnits[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
constexpr size_t kFirstOfTimes = 2;

// Nothing for a word that is none, weeks are days and parts of a second are seconds.
std::optional<size_t> UnitOf(std::string_view word) {
    std::string unit = AsciiUpper(word);
    if (unit.ends_with('S')) unit.pop_back();
    if (unit == "WEEK") unit = "DAY";
    if (unit == "MILLISECOND" || unit == "MICROSECOND") unit = "SECOND";
    for (size_t i = 0; i < std::size(kUnits); ++i)
        if (unit == kUnits[i]) return i;
    return std::nullopt;
}

// "day", "day to second": the type of an interval of such units; nothing for the calendar's.
std::optional<std::string> IntervalType(const SyntaxNode& node, const std::vector<Token>& tokens) {
    size_t first = std::size(kUnits);
    size_t last = 0;
    for (const size_t mark : node.marks) {
        const auto unit = UnitOf(tokens[mark].text);
        if (!unit) return std::nullopt;
        first = std::min(first, *unit);
        last = std::max(last, *unit);
    }
    const bool is_mixed = first < kFirstOfTimes && last >= kFirstOfTimes;
    if (node.marks.empty() || is_mixed) return std::nullopt;
    const std::string name(kUnits[first]);
    return AsciiLower(first == last ? name : name + " to " + std::string(kUnits[last]));
}

// "1-2" YEAR TO MONTH, "1 02:03:04" DAY TO SECOND, "02:03" HOUR TO MINUTE: as the engine reads it.
std::optional<std::string> IntervalText(std::string_view text, std::string_view from) {
    const bool is_minus = text.starts_with('-');
    if (is_minus) text.remove_prefix(1);
    const std::string sign = is_minus ? "-" : "";
    if (AsciiUpper(from).starts_with("YEAR")) {
        const size_t dash = text.find('-');
        if (dash == std::string_view::npos) return std::nullopt;
        return fmt::format("{}{} years {}{} months", sign, text.substr(0, dash), sign,
                           text.substr(dash + 1));
    }
    if (!AsciiUpper(from).starts_with("DAY")) return sign + std::string(text);
    const size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const std::string_view time = text.substr(blank + 1);
    const std::string_view hours = time.find(':') == std::string_view::npos ? " hours" : "";
    return fmt::format("{}{} days {}{}{}", sign, text.substr(0, blank), sign, time, hours);
}

// The engine takes an exponent for a sign of a DOUBLE, and no point for one of a whole number.
std::string DecimalOf(std::string_view digits) {
    const auto plain = PlainDecimal(digits);
    if (!plain) return std::string(digits);
    if (plain->find('.') != std::string::npos) return *plain;
    return fmt::format("CAST({} AS DECIMAL({}, 0))", *plain, plain->size());
}

}  // namespace

std::string SyntaxWriter::Meaning(const SyntaxNode& string) const {
    std::string text;
    for (size_t i = string.first; i < string.end; ++i) {
        text += IsSpark() ? UnquoteSparkLiteral(tokens_[i].text) : UnquoteLiteral(tokens_[i].text);
    }
    return text;
}

SqlText SyntaxWriter::WriteString(const SyntaxNode& node) const {
    if (node.end == node.first + 1) return One(node.first);
    return SqlText::Of(QuoteLiteral(Meaning(node)), Place(node));
}

SqlText SyntaxWriter::WriteNumber(const SyntaxNode& node) const {
    const std::string_view text = tokens_[node.first].text;
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    for (const Suffix& suffix : kSuffixes) {
        const size_t size = suffix.letters.size();
        if (is_hex || text.size() <= size ||
            !EqualsIgnoreCase(text.substr(text.size() - size), suffix.letters))
            continue;
        const std::string_view digits = text.substr(0, text.size() - size);
        if (suffix.type.empty()) return SqlText::Of(DecimalOf(digits), Place(node));
        return SqlText::Of(fmt::format("CAST({} AS {})", digits, suffix.type), Place(node));
    }
    if (!IsSpark() || is_hex) return AsWritten(node);
    if (text.starts_with('.')) return SqlText::Of("0" + std::string(text), Place(node));
    // Beyond BIGINT a literal is a decimal.
    constexpr size_t kMostOfBigint = 18;
    const bool is_whole = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!is_whole || text.size() <= kMostOfBigint || ParseInt(text)) return AsWritten(node);
    return SqlText::Of(fmt::format("CAST({} AS DECIMAL({}, 0))", text, text.size()), Place(node));
}

SqlText SyntaxWriter::WriteTyped(const SyntaxNode& node) const {
    // A date in parts, '2026', and an hour without minutes are read as casts read them.
    constexpr size_t kDateSize = 10;
    const std::string text = Meaning(node.parts[0]);
    const bool has_hours = text.size() > kDateSize && text.find(':') == std::string::npos;
    const bool is_short = (node.word == "DATE" && text.size() != kDateSize) ||
                          (node.word == "TIMESTAMP" && (text.size() < kDateSize || has_hours));
    if (IsSpark() && is_short) {
        return Filled(node.word == "DATE"
                          ? "spark_cast($1, CAST(NULL AS DATE))"
                          : "spark_cast($1, CAST(NULL AS TIMESTAMP WITH TIME ZONE))",
                      node);
    }
    if (IsSpark() && node.word == "X") return Filled("unhex($1)", node);
    if (IsSpark() && node.word == "TIMESTAMPTZ") return AsWritten(node);
    for (const TypeName& name : kTypeNames) {
        if (node.word != name.spark || (name.in_spark_only && !IsSpark())) continue;
        return Filled(fmt::format("CAST($1 AS {})", name.engine), node);
    }
    return AsWritten(node);
}

SqlText SyntaxWriter::WriteInterval(const SyntaxNode& node) const {
    const auto type = IsSpark() ? IntervalType(node, tokens_) : std::nullopt;
    if (!type) return WriteBareInterval(node);
    return SqlText::Of("spark_interval(", Place(node))
        .Append(WriteBareInterval(node))
        .Append(", '" + *type + "')");
}

SqlText SyntaxWriter::WriteBareInterval(const SyntaxNode& node) const {
    if (node.is_outer && node.parts[0].kind == Kind::kString) {
        const auto text = IntervalText(Meaning(node.parts[0]), tokens_[node.marks[0]].text);
        if (!text) {
            throw Error(ErrorKind::kInvalidInput, "'{}' is no interval from {} to {}",
                        Meaning(node.parts[0]), tokens_[node.marks[0]].text,
                        tokens_[node.marks[1]].text)
                .At(SpotOf(tokens_[node.parts[0].first].position));
        }
        return SqlText::Of(fmt::format("CAST({} AS INTERVAL)", QuoteLiteral(*text)), Place(node));
    }
    const bool is_fraction = node.parts[0].kind == Kind::kNumber &&
                             Source(node.parts[0]).find('.') != std::string_view::npos;
    if (is_fraction && node.parts.size() == 1 && !node.marks.empty()) {
        return SqlText::Of(
            fmt::format("INTERVAL ({}) {}", Source(node.parts[0]), tokens_[node.marks[0]].text),
            Place(node));
    }
    const bool is_simple = node.parts.size() == 1 && (node.parts[0].kind == Kind::kNumber ||
                                                      node.parts[0].kind == Kind::kString ||
                                                      node.parts[0].kind == Kind::kParens);
    if (is_simple || node.marks.size() != node.parts.size()) return AsWritten(node);
    std::vector<SqlText> summands;
    for (size_t i = 0; i < node.parts.size(); ++i) {
        summands.push_back(SqlText::Of("INTERVAL (", Place(node))
                               .Append(Write(node.parts[i]))
                               .Append(") " + std::string(tokens_[node.marks[i]].text)));
    }
    return SqlText::Of("(", Place(node)).Append(Join(summands, " + ")).Append(")");
}

// How an operator is written where the engine has it not, or means something else by it; empty: as
// it stands.
std::string_view SyntaxWriter::PatternOf(size_t mark, std::string_view word) const {
    if (EqualsIgnoreCase(word, "DIV")) return IsSpark() ? "spark_div($1, $2)" : "($1 // $2)";
    if (!IsSpark()) return "";
    if (word == "/") return "spark_divide($1, $2)";
    if (word == "%") return "spark_remainder($1, $2)";
    if (word == "^") return "xor($1, $2)";
    if (word == "&") return "($1 & $2)";
    if (word == "|") return "($1 | $2)";
    if (word == "<") return "($1 << $2)";
    if (word == ">") {
        const bool fills_zeros = IsSymbol(tokens_[mark + 2], ">");
        return fills_zeros ? "spark_shift_right_unsigned($1, $2)" : "($1 >> $2)";
    }
    if (word == "+") return "spark_add($1, $2)";
    if (word == "-") return "spark_subtract($1, $2)";
    if (word == "*") return "spark_multiply($1, $2)";
    if (word == "||") return "spark_concat($1, $2)";
    return "";
}

SqlText SyntaxWriter::WriteUnary(const SyntaxNode& node) const {
    if (node.word == "!") return Filled("(NOT $1)", node);
    // The least number of a type: its digits alone are too many for it.
    if (IsSpark() && node.word == "-" && node.parts[0].kind == Kind::kNumber) {
        for (const auto& [digits, type] :
             {std::pair{"128Y", "TINYINT"}, std::pair{"32768S", "SMALLINT"},
              std::pair{"2147483648", "INTEGER"}, std::pair{"9223372036854775808", "BIGINT"},
              std::pair{"9223372036854775808L", "BIGINT"}}) {
            if (!EqualsIgnoreCase(Source(node.parts[0]), digits)) continue;
            const std::string_view bare(digits,
                                        std::string_view(digits).find_last_of("0123456789") + 1);
            return SqlText::Of(fmt::format("CAST(-{} AS {})", bare, type), Place(node));
        }
    }
    const bool negates = IsSpark() && node.word == "-" && node.parts[0].kind != Kind::kNumber;
    return negates ? Filled("spark_negate($1)", node) : AsWritten(node);
}

SqlText SyntaxWriter::WriteChain(const SyntaxNode& node) const {
    SqlText text = Write(node.parts[0]);
    for (size_t i = 0; i < node.marks.size(); ++i) {
        const size_t mark = node.marks[i];
        const SyntaxNode& right = node.parts[i + 1];
        const std::string_view pattern = PatternOf(mark, tokens_[mark].text);
        if (pattern.empty()) {
            text.Append(Gap(mark))
                .Append(Words(mark, right.first))
                .Append(Gap(right.first))
                .Append(Write(right));
        } else {
            text = Fill(pattern, {text, Write(right)}, tokens_[mark].begin);
        }
    }
    return text;
}

SqlText SyntaxWriter::WriteCompare(const SyntaxNode& node) const {
    const bool is_text = node.parts[0].kind == Kind::kString || node.parts[1].kind == Kind::kString;
    const std::string& call = node.parts[1].word;
    const bool is_quantified =
        node.parts[1].kind == Kind::kCall && (call == "any" || call == "all" || call == "some");
    // The engine reads a literal as what stands beside it.
    if (IsSpark() && !is_text && !is_quantified) {
        for (const Comparison& comparison : kComparisons) {
            if (node.word == comparison.word)
                return Filled(fmt::format("{}($1, $2)", comparison.function), node);
        }
    }
    if (node.word == "<=>") return Filled("($1 IS NOT DISTINCT FROM $2)", node);
    return AsWritten(node);
}

SqlText SyntaxWriter::WriteLike(const SyntaxNode& node) const {
    if (node.word == "RLIKE") {
        const std::string_view match =
            IsSpark() ? "regexp_matches($s1, $p2)" : "regexp_matches($1, $2)";
        return Filled(WithCasts(node.is_negated ? fmt::format("(NOT {})", match) : match), node);
    }
    if (!IsSpark()) return AsWritten(node);
    const std::string pattern =
        fmt::format("($s1 {}{} $s2 ESCAPE {})", node.is_negated ? "NOT " : "", node.word,
                    node.parts.size() == 2 ? "'\\'" : "$3");
    return Filled(WithCasts(pattern), node);
}

// x LIKE ANY (a, b)
SqlText SyntaxWriter::WriteLikeAny(const SyntaxNode& node) const {
    const bool needs_all = IsWord(tokens_[node.marks[1]], "ALL");
    const std::string word = (node.is_negated ? " NOT " : " ") + node.word + " ";
    std::vector<SqlText> tests;
    for (size_t i = 1; i < node.parts.size(); ++i) {
        tests.push_back(Write(node.parts[0]).Append(word).Append(Write(node.parts[i])));
        if (IsSpark()) tests.back().Append(" ESCAPE '\\'");
    }
    return SqlText::Of("(", Place(node))
        .Append(Join(tests, needs_all ? " AND " : " OR "))
        .Append(")");
}

SqlText SyntaxWriter::WriteCast(const SyntaxNode& node) const {
    if (!IsSpark()) return AsWritten(node);
    const bool tries = node.word == "TRY_CAST";
    return Filled(
        tries ? "spark_try_cast($1, CAST(NULL AS $2))" : "spark_cast($1, CAST(NULL AS $2))", node);
}

SqlText SyntaxWriter::WriteType(const SyntaxNode& node) const {
    if (node.parts.empty()) {
        if (node.word == "NTZ") return AsWritten(node);
        if (IsSpark() && node.word == "INTERVAL") return SqlText::Of("INTERVAL", Place(node));
        if (IsSpark() && !node.is_named &&
            (node.word == "DECIMAL" || node.word == "DEC" || node.word == "NUMERIC"))
            return SqlText::Of("DECIMAL(10, 0)", Place(node));
        for (const TypeName& name : kTypeNames) {
            if (node.word == name.spark && (!name.in_spark_only || IsSpark()))
                return SqlText::Of(name.engine, Place(node));
        }
        return AsWritten(node);
    }
    if (!node.is_plain_call && !IsSpark()) return AsWritten(node);
    if (node.word == "ARRAY") return Filled("$1[]", node);
    if (node.word == "MAP") return Filled("MAP($1, $2)", node);
    std::vector<SqlText> fields;
    for (size_t i = 0; i < node.parts.size(); ++i) {
        fields.push_back(SqlText::Of(Name(node.marks[i]), tokens_[node.marks[i]].begin)
                             .Append(" ")
                             .Append(Write(node.parts[i])));
    }
    return SqlText::Of("STRUCT(", Place(node)).Append(Join(fields, ", ")).Append(")");
}

SqlText SyntaxWriter::WriteLambda(const SyntaxNode& node) const {
    std::vector<SqlText> names;
    for (const size_t mark : node.marks)
        names.push_back(SqlText::Of(Name(mark), tokens_[mark].begin));
    return SqlText::Of("lambda ", Place(node))
        .Append(Join(names, ", "))
        .Append(": ")
        .Append(Write(node.parts[0]));
}

}  // namespace tarn::sql
