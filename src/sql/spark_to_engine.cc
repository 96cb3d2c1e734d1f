#include "sql/spark_to_engine.h"

#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/spark_functions.h"
#include "sql/spark_types.h"
#include "sql/sql_text.h"

namespace tarn::sql {
namespace {

using Kind = SparkNodeKind;

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
            case Kind::kTryCast:
                return fmt::format("spark_try_cast({}, CAST(NULL AS {}))", Part(node, 0),
                                   EngineTypeOf(node.text));
            case Kind::kElement:
                return fmt::format("spark_element({}, {})", Part(node, 0), Part(node, 1));
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
            return fmt::format("({} {}IN ({}))", Part(node, 0), negation, tarn::Join(list, ", "));
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
        if (SparkFunctionsNamed(node.text).empty()) Refuse("the function " + node.text);
        const SparkFunction* found = FindSparkFunction(node.text, node.parts.size());
        if (found == nullptr)
            Refuse(fmt::format("{} with {} arguments", node.text, node.parts.size()));
        if (!found->IsStorable()) Refuse("the function " + node.text);
        std::vector<SqlText> arguments;
        for (const SparkNode& part : node.parts) arguments.push_back(SqlText::Of(Write(part), 0));
        return sql::Fill(WithCasts(found->engine), arguments, 0).text();
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
        case Kind::kTryCast:
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

std::string ToEngine(const SparkExpression& expression) {
    return Translator(expression).Write(expression.root());
}

}  // namespace tarn::sql
