#include "sql/spark_to_engine.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/spark_types.h"

namespace tarn::sql {
namespace {

using Kind = SparkNodeKind;

constexpr SparkFunction kFunctions[] = {
    {"abs", 1, 1, "abs($1)"},
    {"add_months", 2, 2, "CAST(CAST($1 AS DATE) + to_months($2) AS DATE)"},
    {"array_contains", 2, 2, "list_contains($1, $2)"},
    {"ascii", 1, 1, "ascii($1)"},
    {"ceil", 1, 1, "ceil($1)"},
    {"ceiling", 1, 1, "ceil($1)"},
    {"char_length", 1, 1, "length($1)"},
    {"character_length", 1, 1, "length($1)"},
    {"coalesce", 1, -1, "coalesce($*)"},
    {"concat", 1, -1, "($|)"},
    {"contains", 2, 2, "contains($1, $2)"},
    {"current_date", 0, 0, "CAST(now() AS DATE)"},
    {"current_timestamp", 0, 0, "now()"},
    {"date", 1, 1, "CAST($1 AS DATE)"},
    {"date_add", 2, 2, "CAST(CAST($1 AS DATE) + to_days($2) AS DATE)"},
    {"date_format", 2, 2, ""},
    {"date_sub", 2, 2, "CAST(CAST($1 AS DATE) - to_days($2) AS DATE)"},
    {"date_trunc", 2, 2, ""},
    {"datediff", 2, 2, "date_diff('day', CAST($2 AS DATE), CAST($1 AS DATE))"},
    {"day", 1, 1, "day($1)"},
    {"dayofmonth", 1, 1, "day($1)"},
    {"dayofweek", 1, 1, "(dayofweek($1) + 1)"},
    {"dayofyear", 1, 1, "dayofyear($1)"},
    {"endswith", 2, 2, "suffix($1, $2)"},
    {"exp", 1, 1, "exp($1)"},
    {"floor", 1, 1, "floor($1)"},
    {"greatest", 2, -1, "greatest($*)"},
    {"hour", 1, 1, "hour($1)"},
    {"if", 3, 3, "CASE WHEN $1 THEN $2 ELSE $3 END"},
    {"ifnull", 2, 2, "coalesce($1, $2)"},
    {"instr", 2, 2, "instr($1, $2)"},
    {"isnan", 1, 1, "coalesce(isnan($1), FALSE)"},
    {"isnotnull", 1, 1, "($1 IS NOT NULL)"},
    {"isnull", 1, 1, "($1 IS NULL)"},
    {"last_day", 1, 1, "last_day(CAST($1 AS DATE))"},
    {"lcase", 1, 1, "lower($1)"},
    {"least", 2, -1, "least($*)"},
    {"left", 2, 2, "left($1, greatest($2, 0))"},
    {"len", 1, 1, "length($1)"},
    {"length", 1, 1, "length($1)"},
    {"lower", 1, 1, "lower($1)"},
    {"ltrim", 1, 1, "ltrim($1)"},
    {"md5", 1, 1, "md5($1)"},
    {"minute", 1, 1, "minute($1)"},
    {"mod", 2, 2, "($1 % $2)"},
    {"month", 1, 1, "month($1)"},
    {"now", 0, 0, "now()"},
    {"nullif", 2, 2, "nullif($1, $2)"},
    {"nvl", 2, 2, "coalesce($1, $2)"},
    {"pow", 2, 2, "power($1, $2)"},
    {"power", 2, 2, "power($1, $2)"},
    {"quarter", 1, 1, "quarter($1)"},
    {"repeat", 2, 2, "repeat($1, $2)"},
    {"replace", 3, 3, "replace($1, $2, $3)"},
    {"reverse", 1, 1, "reverse($1)"},
    {"right", 2, 2, "right($1, greatest($2, 0))"},
    {"round", 1, 2, "round($*)"},
    {"rtrim", 1, 1, "rtrim($1)"},
    {"second", 1, 1, "second($1)"},
    {"sign", 1, 1, "sign($1)"},
    {"signum", 1, 1, "sign($1)"},
    {"size", 1, 1, "len($1)"},
    {"sqrt", 1, 1, "sqrt($1)"},
    {"startswith", 2, 2, "prefix($1, $2)"},
    {"substr", 2, 3, ""},
    {"substring", 2, 3, ""},
    {"to_date", 1, 1, "CAST($1 AS DATE)"},
    {"to_timestamp", 1, 1, "CAST($1 AS TIMESTAMP WITH TIME ZONE)"},
    {"trim", 1, 1, "trim($1)"},
    {"trunc", 2, 2, ""},
    {"ucase", 1, 1, "upper($1)"},
    {"upper", 1, 1, "upper($1)"},
    {"uuid", 0, 0, "CAST(uuid() AS VARCHAR)"},
    {"weekday", 1, 1, "(isodow($1) - 1)"},
    {"weekofyear", 1, 1, "weekofyear($1)"},
    {"year", 1, 1, "year($1)"},
};

constexpr std::string_view kSparksAlone[] = {"add_months", "date",       "date_format", "endswith",
                                             "isnotnull",  "isnull",     "nvl",         "signum",
                                             "size",       "startswith", "to_date"};

// Letters of Java's patterns of times that the engine has the like of.
struct PatternPart {
    std::string_view java;
    std::string_view engine;
};
constexpr PatternPart kPatternParts[] = {{"yyyy", "%Y"}, {"MM", "%m"},  {"dd", "%d"},
                                         {"HH", "%H"},   {"mm", "%M"},  {"ss", "%S"},
                                         {"SSS", "%g"},  {"DDD", "%j"}, {"yy", "%y"}};

// Units of date_trunc and trunc, Spark's word and the engine's.
constexpr PatternPart kUnits[] = {{"YEAR", "year"},
                                  {"YYYY", "year"},
                                  {"YY", "year"},
                                  {"QUARTER", "quarter"},
                                  {"MONTH", "month"},
                                  {"MM", "month"},
                                  {"MON", "month"},
                                  {"WEEK", "week"},
                                  {"DAY", "day"},
                                  {"DD", "day"},
                                  {"HOUR", "hour"},
                                  {"MINUTE", "minute"},
                                  {"SECOND", "second"},
                                  {"MILLISECOND", "millisecond"},
                                  {"MICROSECOND", "microsecond"}};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<std::string> EnginePattern(std::string_view java) {
    std::string engine;
    for (size_t i = 0; i < java.size();) {
        size_t end = i;
        while (end < java.size() && java[end] == java[i]) ++end;
        if (!IsLetter(java[i])) {
            if (java[i] == '\'' || java[i] == '[' || java[i] == '#' || java[i] == '{') return {};
            for (; i < end; ++i) engine += java[i] == '%' ? "%%" : std::string(1, java[i]);
            continue;
        }
        const std::string_view run = java.substr(i, end - i);
        const auto part = std::find_if(std::begin(kPatternParts), std::end(kPatternParts),
                                       [&](const PatternPart& known) { return known.java == run; });
        if (part == std::end(kPatternParts)) return {};
        engine += part->engine;
        i = end;
    }
    return engine;
}

class Translator {
public:
    explicit Translator(const SparkExpression& expression) : expression_(expression) {}

    std::string Write(const SparkNode& node) const {
        switch (node.kind) {
            case Kind::kColumn:
                return WriteColumn(node);
            case Kind::kNull:
                return "NULL";
            case Kind::kBoolean:
                return node.text;
            case Kind::kNumber:
                return WriteNumber(node.text);
            case Kind::kString:
                return QuoteLiteral(node.text);
            case Kind::kTyped:
                return "CAST(" + Part(node, 0) + " AS " + EngineTypeOf(node.text) + ")";
            case Kind::kInterval:
                return fmt::format("INTERVAL ({}) {}", Part(node, 0), node.text);
            case Kind::kUnary:
                return fmt::format("({} {})", node.text, Part(node, 0));
            case Kind::kBinary:
                return WriteBinary(node);
            case Kind::kIs:
            case Kind::kBetween:
            case Kind::kIn:
            case Kind::kLike:
                return WritePredicate(node);
            case Kind::kCase:
                return WriteCase(node);
            case Kind::kCast:
                return "CAST(" + Part(node, 0) + " AS " + EngineTypeOf(node.text) + ")";
            case Kind::kCall:
                return WriteCall(node);
            case Kind::kParens:
                return "(" + Part(node, 0) + ")";
        }
        return {};
    }

private:
    std::string Part(const SparkNode& node, size_t i) const { return Write(node.parts[i]); }

    [[noreturn]] void Refuse(std::string_view what) const {
        throw Error(ErrorKind::kUnsupported,
                    "the expression {} uses {}, which Tarn does not evaluate",
                    expression_.ToSpark(), what);
    }

    static std::string WriteColumn(const SparkNode& node) {
        std::string text = QuoteIdentifier(node.path[0]);
        for (size_t i = 1; i < node.path.size(); ++i)
            text = "struct_extract(" + text + ", " + QuoteLiteral(node.path[i]) + ")";
        return text;
    }

    static std::string WriteNumber(const std::string& text) {
        struct Suffix {
            std::string_view letters;
            std::string_view type;
        };
        constexpr Suffix kSuffixes[] = {{"BD", ""},       {"L", "BIGINT"}, {"S", "SMALLINT"},
                                        {"Y", "TINYINT"}, {"D", "DOUBLE"}, {"F", "FLOAT"}};
        for (const Suffix& suffix : kSuffixes) {
            const size_t size = suffix.letters.size();
            if (text.size() <= size ||
                !EqualsIgnoreCase(text.substr(text.size() - size), suffix.letters))
                continue;
            const std::string digits = text.substr(0, text.size() - size);
            if (suffix.type.empty()) return digits;
            return fmt::format("CAST({} AS {})", digits, suffix.type);
        }
        return text;
    }

    std::string WriteBinary(const SparkNode& node) const {
        const std::string left = Part(node, 0);
        const std::string right = Part(node, 1);
        if (node.text == "<=>") return fmt::format("({} IS NOT DISTINCT FROM {})", left, right);
        if (node.text == "==") return fmt::format("({} = {})", left, right);
        // Spark's division by zero is NULL, or an error that a check takes for a violation.
        if (node.text == "/") return fmt::format("({} / nullif({}, 0))", left, right);
        if (node.text == "DIV") return fmt::format("({} // nullif({}, 0))", left, right);
        if (node.text == "%") return fmt::format("({} % nullif({}, 0))", left, right);
        if (node.text == "^") return fmt::format("xor({}, {})", left, right);
        return fmt::format("({} {} {})", left, node.text, right);
    }

    std::string WritePredicate(const SparkNode& node) const {
        const std::string_view negation = node.negated ? "NOT " : "";
        if (node.kind == Kind::kIs)
            return fmt::format("({} IS {}{})", Part(node, 0), negation, node.text);
        if (node.kind == Kind::kBetween) {
            return fmt::format("({} {}BETWEEN {} AND {})", Part(node, 0), negation, Part(node, 1),
                               Part(node, 2));
        }
        if (node.kind == Kind::kIn) {
            std::vector<std::string> list;
            for (size_t i = 1; i < node.parts.size(); ++i) list.push_back(Part(node, i));
            return fmt::format("({} {}IN ({}))", Part(node, 0), negation, Join(list, ", "));
        }
        if (node.text == "RLIKE") {
            return fmt::format("({}regexp_matches({}, {}))", negation, Part(node, 0),
                               Part(node, 1));
        }
        return fmt::format("({} {}{} {} ESCAPE '\\')", Part(node, 0), negation, node.text,
                           Part(node, 1));
    }

    std::string WriteCase(const SparkNode& node) const {
        std::string text = "CASE";
        size_t i = 0;
        if (node.has_operand) text += " " + Part(node, i++);
        for (; i + 1 < node.parts.size(); i += 2)
            text += " WHEN " + Part(node, i) + " THEN " + Part(node, i + 1);
        if (node.has_else) text += " ELSE " + Write(node.parts.back());
        return text + " END";
    }

    std::string WriteCall(const SparkNode& node) const {
        const SparkFunction* found = FindSparkFunction(node.text);
        if (found == nullptr) Refuse("the function " + node.text);
        const int count = static_cast<int>(node.parts.size());
        if (count < found->least || (found->most >= 0 && count > found->most))
            Refuse(fmt::format("{} with {} arguments", node.text, count));
        if (found->engine.empty()) return WriteByCode(node);
        return Fill(node, found->engine);
    }

    std::string Fill(const SparkNode& node, std::string_view pattern) const {
        std::vector<std::string> arguments;
        for (const SparkNode& part : node.parts) arguments.push_back(Write(part));
        std::string text;
        for (size_t i = 0; i < pattern.size(); ++i) {
            if (pattern[i] != '$') {
                text += pattern[i];
                continue;
            }
            const char which = pattern[++i];
            if (which == '*') {
                text += Join(arguments, ", ");
            } else if (which == '|') {
                text += Join(arguments, " || ");
            } else {
                text += arguments[static_cast<size_t>(which - '1')];
            }
        }
        return text;
    }

    std::string WriteByCode(const SparkNode& node) const {
        if (node.text == "substr" || node.text == "substring") return WriteSubstring(node);
        if (node.text == "date_format") {
            return fmt::format("strftime({}, {})", Part(node, 0), PatternOf(node, 1));
        }
        if (node.text == "date_trunc")
            return fmt::format("date_trunc('{}', {})", UnitOf(node, 0), Part(node, 1));
        if (node.text == "trunc") {
            return fmt::format("CAST(date_trunc('{}', CAST({} AS DATE)) AS DATE)", UnitOf(node, 1),
                               Part(node, 0));
        }
        Refuse("the function " + node.text);
    }

    // Spark counts from 1 and takes 0 for 1.
    std::string WriteSubstring(const SparkNode& node) const {
        const std::string from = Part(node, 1);
        std::string text = fmt::format("substring({}, CASE WHEN {} = 0 THEN 1 ELSE {} END",
                                       Part(node, 0), from, from);
        if (node.parts.size() == 3) text += fmt::format(", greatest({}, 0)", Part(node, 2));
        return text + ")";
    }

    std::string PatternOf(const SparkNode& node, size_t i) const {
        const SparkNode& pattern = node.parts[i];
        const auto engine = pattern.kind == Kind::kString ? EnginePattern(pattern.text)
                                                          : std::optional<std::string>();
        if (!engine)
            Refuse(
                fmt::format("a pattern of {} that is not made of yyyy, MM, dd, HH, mm, "
                            "ss, SSS and signs",
                            node.text));
        return QuoteLiteral(*engine);
    }

    std::string_view UnitOf(const SparkNode& node, size_t i) const {
        const SparkNode& unit = node.parts[i];
        for (const PatternPart& known : kUnits) {
            if (unit.kind == Kind::kString && EqualsIgnoreCase(known.java, unit.text))
                return known.engine;
        }
        Refuse(fmt::format("a unit of {} that is none of Spark's", node.text));
    }

    const SparkExpression& expression_;
};

// Spark's type of the node where it is plain to see, else empty.
std::string PlainTypeOf(const SparkNode& node) {
    struct Result {
        std::string_view type;
        std::string_view functions;  // each between blanks
    };
    constexpr Result kResults[] = {
        {"INT",
         " ascii char_length character_length datediff day dayofmonth dayofweek dayofyear hour "
         "instr len length minute month quarter second weekday weekofyear year "},
        {"STRING",
         " concat date_format lcase left lower ltrim md5 repeat replace right rtrim substr "
         "substring trim ucase upper "},
        {"DATE", " add_months current_date date date_add date_sub last_day to_date trunc "},
        {"BOOLEAN", " contains endswith isnan isnotnull isnull startswith "}};
    switch (node.kind) {
        case Kind::kCast:
        case Kind::kTyped:
            return node.text;
        case Kind::kParens:
            return PlainTypeOf(node.parts[0]);
        case Kind::kIs:
        case Kind::kBetween:
        case Kind::kIn:
        case Kind::kLike:
        case Kind::kBoolean:
            return "BOOLEAN";
        case Kind::kString:
            return "STRING";
        case Kind::kCall:
            for (const Result& result : kResults) {
                if (result.functions.find(" " + node.text + " ") != std::string_view::npos)
                    return std::string(result.type);
            }
            return {};
        default:
            return {};
    }
}

}  // namespace

std::string ToSparkOfType(const SparkExpression& expression, std::string_view spark_type) {
    const std::string text = expression.ToSpark();
    if (spark_type.empty() || PlainTypeOf(expression.root()) == spark_type) return text;
    return fmt::format("CAST({} AS {})", text, spark_type);
}

std::span<const SparkFunction> SparkFunctions() { return kFunctions; }

const SparkFunction* FindSparkFunction(std::string_view name) {
    const auto found = std::lower_bound(
        std::begin(kFunctions), std::end(kFunctions), name,
        [](const SparkFunction& function, std::string_view word) { return function.name < word; });
    return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

bool IsSparksAlone(std::string_view name) {
    return std::find(std::begin(kSparksAlone), std::end(kSparksAlone), name) !=
           std::end(kSparksAlone);
}

std::string ToEngine(const SparkExpression& expression) {
    return Translator(expression).Write(expression.root());
}

}  // namespace tarn::sql
