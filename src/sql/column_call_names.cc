#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/column_names.h"
#include "sql/quote.h"
#include "sql/spark_functions.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// A function that Spark shows in other words than name(arguments); $1, $2 and $* for these.
struct CallName {
    std::string_view function;
    size_t arguments;  // how many it has; kAny: any number
    std::string_view words;
};
constexpr size_t kAny = 99;

constexpr CallName kCallNames[] = {
    {"acos", 1, "ACOS($1)"},
    {"acosh", 1, "ACOSH($1)"},
    {"aggregate", 3, "aggregate($*, lambdafunction(namedlambdavariable(), namedlambdavariable()))"},
    {"any_value", 2, "any_value($1)"},
    {"approx_count_distinct", 2, "approx_count_distinct($1)"},
    {"approx_percentile", 2, "approx_percentile($*, 10000)"},
    {"array_agg", 1, "collect_list($1)"},
    {"asin", 1, "ASIN($1)"},
    {"asinh", 1, "ASINH($1)"},
    {"atan", 1, "ATAN($1)"},
    {"atan2", 2, "ATAN2($*)"},
    {"atanh", 1, "ATANH($1)"},
    {"bigint", 1, "$1"},
    {"binary", 1, "$1"},
    {"boolean", 1, "$1"},
    {"bround", 1, "bround($1, 0)"},
    {"cbrt", 1, "CBRT($1)"},
    {"ceil", 1, "CEIL($1)"},
    {"cos", 1, "COS($1)"},
    {"cosh", 1, "COSH($1)"},
    {"cot", 1, "COT($1)"},
    {"csc", 1, "CSC($1)"},
    {"current_database", 0, "current_schema()"},
    {"date", 1, "$1"},
    {"date_add", 3, "timestampadd($*)"},
    {"date_diff", 3, "timestampdiff($*)"},
    {"dateadd", 3, "timestampadd($*)"},
    {"datediff", 3, "timestampdiff($*)"},
    {"decimal", 1, "$1"},
    {"degrees", 1, "DEGREES($1)"},
    {"double", 1, "$1"},
    {"e", 0, "E()"},
    {"exp", 1, "EXP($1)"},
    {"expm1", 1, "EXPM1($1)"},
    {"first", 2, "first($1)"},
    {"first_value", 2, "first_value($1)"},
    {"float", 1, "$1"},
    {"floor", 1, "FLOOR($1)"},
    {"from_csv", kAny, "from_csv($1)"},
    {"from_json", kAny, "from_json($1)"},
    {"from_unixtime", 1, "from_unixtime($1, yyyy-MM-dd HH:mm:ss)"},
    {"hypot", 2, "HYPOT($*)"},
    {"if", 3, "(IF($*))"},
    {"int", 1, "$1"},
    {"isnotnull", 1, "($1 IS NOT NULL)"},
    {"isnull", 1, "($1 IS NULL)"},
    {"last", 2, "last($1)"},
    {"last_value", 2, "last_value($1)"},
    {"locate", 2, "locate($*, 1)"},
    {"log", 1, "LOG(E(), $1)"},
    {"log", 2, "LOG($*)"},
    {"log10", 1, "LOG10($1)"},
    {"log1p", 1, "LOG1P($1)"},
    {"log2", 1, "LOG2($1)"},
    {"lpad", 2, "lpad($*,  )"},
    {"ltrim", 2, "TRIM(LEADING $1 FROM $2)"},
    {"mask", 1, "mask($1, X, x, n, NULL)"},
    {"months_between", 2, "months_between($*, true)"},
    {"not", 1, "(NOT $1)"},
    {"percentile", 2, "percentile($*, 1)"},
    {"percentile_approx", 2, "percentile_approx($*, 10000)"},
    {"pi", 0, "PI()"},
    {"position", 2, "locate($*, 1)"},
    {"positive", 1, "(+ $1)"},
    {"power", 2, "POWER($*)"},
    {"radians", 1, "RADIANS($1)"},
    {"reduce", 3, "reduce($*, lambdafunction(namedlambdavariable(), namedlambdavariable()))"},
    {"regexp_extract", 2, "regexp_extract($*, 1)"},
    {"regexp_extract_all", 2, "regexp_extract_all($*, 1)"},
    {"regexp_instr", 2, "regexp_instr($*, 0)"},
    {"regexp_like", 2, "REGEXP_LIKE($*)"},
    {"regexp_replace", 3, "regexp_replace($*, 1)"},
    {"replace", 2, "replace($*, )"},
    {"round", 1, "round($1, 0)"},
    {"rpad", 2, "rpad($*,  )"},
    {"rtrim", 2, "TRIM(TRAILING $1 FROM $2)"},
    {"sec", 1, "SEC($1)"},
    {"sentences", 1, "sentences($1, , )"},
    {"signum", 1, "SIGNUM($1)"},
    {"sin", 1, "SIN($1)"},
    {"sinh", 1, "SINH($1)"},
    {"smallint", 1, "$1"},
    {"sort_array", 1, "sort_array($1, true)"},
    {"split", 2, "split($*, -1)"},
    {"sqrt", 1, "SQRT($1)"},
    {"str_to_map", 1, "str_to_map($1, ,, :)"},
    {"str_to_map", 2, "str_to_map($*, :)"},
    {"string", 1, "$1"},
    {"substr", 2, "substr($*, 2147483647)"},
    {"substring", 2, "substring($*, 2147483647)"},
    {"tan", 1, "TAN($1)"},
    {"tanh", 1, "TANH($1)"},
    {"timestamp", 1, "$1"},
    {"timestampadd", 3, "timestampadd($*)"},
    {"timestampdiff", 3, "timestampdiff($*)"},
    {"tinyint", 1, "$1"},
    {"to_unix_timestamp", 1, "to_unix_timestamp($1, yyyy-MM-dd HH:mm:ss)"},
    {"to_varchar", 2, "to_char($*)"},
    {"try_variant_get", 3, "try_variant_get($1, $2)"},
    {"unix_timestamp", 1, "unix_timestamp($1, yyyy-MM-dd HH:mm:ss)"},
    {"variant_get", 3, "variant_get($1, $2)"},
};

// Whose words depend on more than is written.
constexpr std::string_view kOthers[] = {
    "aes_decrypt",    "aes_encrypt",        "array_sort",      "assert_true", "collate", "curdate",
    "like",           "make_interval",      "overlay",         "random",      "regexp",  "rlike",
    "session_window", "spark_partition_id", "try_aes_decrypt", "window"};

// Functions of windows alone, as Spark writes them, and the frame that each has.
struct WindowName {
    std::string_view function;
    std::string_view words;
    std::string_view frame;
};
constexpr std::string_view kRowsSoFar = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
constexpr std::string_view kRangeSoFar = "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
constexpr std::string_view kAllRows = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
constexpr WindowName kWindowNames[] = {{"row_number", "row_number()", kRowsSoFar},
                                       {"rank", "RANK()", kRowsSoFar},
                                       {"dense_rank", "DENSE_RANK()", kRowsSoFar},
                                       {"percent_rank", "PERCENT_RANK()", kRowsSoFar},
                                       {"cume_dist", "cume_dist()", kRangeSoFar}};
constexpr std::string_view kNeedFrames[] = {"lag", "lead", "nth_value", "ntile"};

template <class List>
bool Has(const List& list, std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string Filled(std::string_view pattern, const std::vector<std::string>& arguments) {
    std::string words;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '$') {
            words += pattern[i];
        } else if (pattern[++i] == '*') {
            words += tarn::Join(arguments, ", ");
        } else {
            words += arguments[static_cast<size_t>(pattern[i] - '1')];
        }
    }
    return words;
}

}  // namespace

std::string ColumnNames::CallWords(const SyntaxNode& node) {
    const std::string& word = node.word;
    const bool is_distinct = !node.is_plain_call && IsWord(tokens_[node.first + 2], "DISTINCT");
    if (word == "trim" && !node.is_plain_call) return TrimWords(node);
    if (SparkFunctionsNamed(word).empty() || Has(kOthers, word)) return Unknown();
    if (word == "extract" && node.parts.size() == 2) {
        return fmt::format("extract({} FROM {})", AsciiUpper(TextAt(node.parts[0].first)),
                           Words(node.parts[1]));
    }
    if (word == "grouping_id" && IsSymbol(tokens_[node.first + 2], ")")) return "grouping_id()";
    const bool counts_rows = word == "count" && node.parts.size() == 1 && node.parts[0].is_star &&
                             node.parts[0].end == node.parts[0].first + 1;
    if (counts_rows) return is_distinct ? Unknown() : "count(1)";
    const std::vector<std::string> arguments = WordsOf(node.parts);
    if (is_distinct) {
        return fmt::format("{}(DISTINCT {})", word == "array_agg" ? "collect_list" : word,
                           tarn::Join(arguments, ", "));
    }
    if (!node.is_plain_call) return Unknown();
    for (const CallName& name : kCallNames) {
        const bool fits = name.arguments == node.parts.size() || name.arguments == kAny;
        if (name.function == word && fits && is_known_) return Filled(name.words, arguments);
    }
    return fmt::format("{}({})", word, tarn::Join(arguments, ", "));
}

// trim(BOTH | LEADING | TRAILING x FROM y)
std::string ColumnNames::TrimWords(const SyntaxNode& node) {
    const std::string side = AsciiUpper(TextAt(node.first + 2));
    const bool has_side = side == "BOTH" || side == "LEADING" || side == "TRAILING";
    if (!has_side || node.parts.empty()) return Unknown();
    const std::vector<std::string> parts = WordsOf(node.parts);
    if (parts.size() == 2) return fmt::format("TRIM({} {} FROM {})", side, parts[0], parts[1]);
    const char* function = side == "LEADING" ? "ltrim" : side == "TRAILING" ? "rtrim" : "trim";
    return fmt::format("{}({})", function, parts[0]);
}

std::string ColumnNames::OrderWords(const SyntaxNode& item) {
    std::string nulls = item.is_down ? "LAST" : "FIRST";
    if (!item.marks.empty()) nulls = AsciiUpper(TextAt(item.marks[0] + 1));
    return fmt::format("{} {} NULLS {}", Words(item.parts[0]), item.is_down ? "DESC" : "ASC",
                       nulls);
}

std::string ColumnNames::CallTailWords(const SyntaxNode& node) {
    const SyntaxNode& call = node.parts[0];
    if (node.word == "FILTER")
        return fmt::format("{} FILTER (WHERE {})", Words(call), Words(node.parts[1]));
    if (node.word == "OVER" && node.parts.size() == 2) return WindowWords(call, node.parts[1]);
    if (node.word != "WITHIN" || call.kind != Kind::kCall) return Unknown();
    const bool is_percentile = call.word.starts_with("percentile_");
    if (!is_percentile && call.word != "listagg") return Unknown();
    std::vector<std::string> order;
    for (size_t i = 1; i < node.parts.size(); ++i) {
        const SyntaxNode& item = node.parts[i];
        order.push_back(is_percentile ? Words(item.parts[0]) + (item.is_down ? " DESC" : "")
                                      : OrderWords(item));
    }
    return fmt::format("{} WITHIN GROUP (ORDER BY {})", Words(call), tarn::Join(order, ", "));
}

// Of a window that says its frame, or stands on a named one, not all words are in the tree.
std::string ColumnNames::WindowWords(const SyntaxNode& call, const SyntaxNode& window) {
    std::vector<std::string> groups;
    std::vector<std::string> order;
    for (const SyntaxNode& part : window.parts) {
        if (part.kind == Kind::kReplaced) return Unknown();
        if (part.kind == Kind::kOrderItem) {
            order.push_back(OrderWords(part));
        } else {
            groups.push_back(Words(part));
        }
    }
    const size_t last = window.parts.empty() ? window.first + 1 : window.parts.back().end;
    const bool is_whole = IsSymbol(tokens_[last], ")") && last + 1 == window.end &&
                          (IsWord(tokens_[window.first + 1], "PARTITION") ||
                           IsWord(tokens_[window.first + 1], "ORDER") || last == window.first + 1);
    for (size_t i = window.first; i < window.end; ++i) {
        if (IsWord(tokens_[i], "ROWS") || IsWord(tokens_[i], "RANGE")) return Unknown();
    }
    if (!is_whole || Has(kNeedFrames, call.word)) return Unknown();
    std::string words;
    std::string_view frame = order.empty() ? kAllRows : kRangeSoFar;
    for (const WindowName& name : kWindowNames) {
        if (call.kind != Kind::kCall || call.word != name.function) continue;
        words = name.words;
        frame = name.frame;
    }
    if (words.empty()) words = Words(call);
    std::string over;
    if (!groups.empty()) over += "PARTITION BY " + tarn::Join(groups, ", ") + " ";
    if (!order.empty()) over += "ORDER BY " + tarn::Join(order, ", ") + " ";
    return fmt::format("{} OVER ({}{})", words, over, frame);
}

}  // namespace tarn::sql
