#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
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

// An interval of whole days, months or years.
bool HoldsDays(const SyntaxNode& node, const std::vector<Token>& tokens) {
    if (node.kind == Kind::kInterval) {
        return !node.marks.empty() &&
               std::all_of(node.marks.begin(), node.marks.end(), [&](size_t mark) {
                   const std::string unit = AsciiUpper(tokens[mark].text);
                   return unit.starts_with("DAY") || unit.starts_with("WEEK") ||
                          unit.starts_with("MONTH") || unit.starts_with("QUARTER") ||
                          unit.starts_with("YEAR");
               });
    }
    if (node.kind == Kind::kUnary || node.kind == Kind::kParens || node.kind == Kind::kChain)
        return std::any_of(node.parts.begin(), node.parts.end(),
                           [&](const SyntaxNode& part) { return HoldsDays(part, tokens); });
    return false;
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
    return fmt::format("{}{} days {}{}", sign, text.substr(0, blank), sign, text.substr(blank + 1));
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
        if (suffix.type.empty()) return SqlText::Of(digits, Place(node));
        return SqlText::Of(fmt::format("CAST({} AS {})", digits, suffix.type), Place(node));
    }
    return AsWritten(node);
}

SqlText SyntaxWriter::WriteTyped(const SyntaxNode& node) const {
    if (IsSpark() && node.word == "X") return Filled("unhex($1)", node);
    if (IsSpark() && node.word == "TIMESTAMPTZ") return AsWritten(node);
    for (const TypeName& name : kTypeNames) {
        if (node.word != name.spark || (name.in_spark_only && !IsSpark())) continue;
        return Filled(fmt::format("CAST($1 AS {})", name.engine), node);
    }
    return AsWritten(node);
}

SqlText SyntaxWriter::WriteInterval(const SyntaxNode& node) const {
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
std::string_view SyntaxWriter::PatternOf(size_t mark, std::string_view word, bool has_days) const {
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
    if (word == "+") return has_days ? "spark_plus($1, $2)" : "spark_add($1, $2)";
    if (word == "-") return has_days ? "spark_minus($1, $2)" : "spark_subtract($1, $2)";
    if (word == "*") return "spark_multiply($1, $2)";
    if (word == "||") return "spark_concat($1, $2)";
    return "";
}

SqlText SyntaxWriter::WriteUnary(const SyntaxNode& node) const {
    if (node.word == "!") return Filled("(NOT $1)", node);
    // The least number of a type: its digits alone are too many for it.
    if (IsSpark() && node.word == "-" && node.parts[0].kind == Kind::kNumber) {
        for (const auto& [digits, type] :
             {std::pair{"2147483648", "INTEGER"}, std::pair{"9223372036854775808", "BIGINT"}}) {
            if (Source(node.parts[0]) == digits)
                return SqlText::Of(fmt::format("CAST(-{} AS {})", digits, type), Place(node));
        }
    }
    return AsWritten(node);
}

SqlText SyntaxWriter::WriteChain(const SyntaxNode& node) const {
    SqlText text = Write(node.parts[0]);
    for (size_t i = 0; i < node.marks.size(); ++i) {
        const size_t mark = node.marks[i];
        const SyntaxNode& right = node.parts[i + 1];
        const bool has_days =
            HoldsDays(right, tokens_) || (i == 0 && HoldsDays(node.parts[0], tokens_));
        const std::string_view pattern = PatternOf(mark, tokens_[mark].text, has_days);
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
    SqlText text = AsWritten(node);
    if (IsSpark() && node.parts.size() == 2) text.Append(" ESCAPE '\\'");
    return text;
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
