// The part of Spark's SQL expressions that tables keep in their metadata (constraints, generated
// columns, defaults): read in Spark's spelling or in Tarn's own, written in Spark's. What it does
// not know is refused by name, never guessed. Pure; immutable values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::sql {

enum class SparkNodeKind {
    kColumn,    // path
    kNull,      //
    kBoolean,   // text: TRUE, FALSE
    kNumber,    // text as written, with Spark's letter for its type
    kString,    // text: what it means
    kTyped,     // text: DATE, TIMESTAMP or TIMESTAMP_NTZ; parts: the string
    kInterval,  // text: the unit; parts: the amount
    kUnary,     // text: NOT, -, +, ~
    kBinary,    // text: the operator in capitals; two parts
    kIs,        // text: NULL, TRUE, FALSE; one part; may be negated
    kBetween,   // three parts; may be negated
    kIn,        // the value, then the list; may be negated
    kLike,      // text: LIKE, ILIKE, RLIKE; value, pattern; may be negated
    kCase,      // [operand], then pairs of WHEN and THEN, then [ELSE]
    kCast,      // text: Spark's type; one part
    kTryCast,   // the same; NULL for what does not fit
    kElement,   // of an array by its place from 0, of a map by its key, of a struct by its name
    kCall,      // text: the function in small letters; its arguments
    kParens,    // one part
};

struct SparkNode {
    SparkNodeKind kind = SparkNodeKind::kNull;
    std::string text;
    std::vector<SparkNode> parts;
    std::vector<std::string> path;  // column, fields within it
    bool negated = false;
    bool has_operand = false;  // kCase
    bool has_else = false;     // kCase
};

class SparkExpression {
public:
    // As it stands in a table's metadata. InvalidInput (no expression), Unsupported (what is known
    // to Spark and not here).
    static SparkExpression ParseStored(std::string_view text);
    // As users of Tarn type it: ".." are names, TIMESTAMP is the wall clock, x::T is a cast.
    static SparkExpression ParseTyped(std::string_view text);

    const SparkNode& root() const { return root_; }
    std::string ToSpark() const;
    // Columns that it reads, each as its path; one may come several times.
    std::vector<std::vector<std::string>> Columns() const;

private:
    explicit SparkExpression(SparkNode root) : root_(std::move(root)) {}

    SparkNode root_;
};

}  // namespace tarn::sql
