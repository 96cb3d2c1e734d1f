// Writes a syntax tree as SQL of the engine: what is spelled or meant otherwise in the user's
// dialect in other words, all else as it stands. In Spark's dialect operators and casts follow
// Spark (its errors and types) by functions of the engine's own that begin with spark_. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/lexer.h"
#include "sql/spark_functions.h"
#include "sql/sql_text.h"
#include "sql/syntax_tree.h"

namespace tarn::sql {

class PipedQuery;

class SyntaxWriter {
public:
    // `source` is the text of the tokens; both must outlive this. With `numbers_parameters` each
    // `?` is written with its number, so that moving it changes nothing.
    SyntaxWriter(std::string_view source, const std::vector<Token>& tokens, Dialect dialect,
                 bool numbers_parameters);

    SqlText Write(const SyntaxNode& node) const;
    // Tokens [first, end) and what stands between them.
    SqlText Words(size_t first, size_t end) const;
    // The white space and comments before a token.
    SqlText Gap(size_t token) const;

private:
    bool IsSpark() const { return dialect_ == Dialect::kSpark; }
    size_t Place(const SyntaxNode& node) const { return tokens_[node.first].begin; }
    std::string_view Source(const SyntaxNode& node) const;
    SqlText One(size_t token) const;
    std::string Name(size_t token) const;  // quoted for the engine
    std::vector<SqlText> Parts(const SyntaxNode& node) const;
    SqlText AsWritten(const SyntaxNode& node) const;
    SqlText WriteValue(const SyntaxNode& node) const;
    SqlText WriteName(const SyntaxNode& node) const;
    // Of a struct, of each in an array of them, or under that key of a map; `name` is a token.
    SqlText FieldOf(const SqlText& value, size_t name) const;
    SqlText Filled(std::string_view pattern, const SyntaxNode& node) const;

    // write_expressions.cc
    SqlText WriteString(const SyntaxNode& node) const;
    SqlText WriteNumber(const SyntaxNode& node) const;
    SqlText WriteTyped(const SyntaxNode& node) const;
    SqlText WriteInterval(const SyntaxNode& node) const;
    SqlText WriteBareInterval(const SyntaxNode& node) const;
    SqlText WriteUnary(const SyntaxNode& node) const;
    SqlText WriteChain(const SyntaxNode& node) const;
    std::string_view PatternOf(size_t mark, std::string_view word) const;
    SqlText WriteCompare(const SyntaxNode& node) const;
    SqlText WriteLike(const SyntaxNode& node) const;
    SqlText WriteLikeAny(const SyntaxNode& node) const;
    SqlText WriteCast(const SyntaxNode& node) const;
    SqlText WriteType(const SyntaxNode& node) const;
    SqlText WriteLambda(const SyntaxNode& node) const;
    std::string Meaning(const SyntaxNode& string) const;

    // write_calls.cc
    SqlText WriteCall(const SyntaxNode& node) const;
    SqlText WriteCallTail(const SyntaxNode& node) const;
    bool IsLastKnown(const SyntaxNode& call) const;
    // A call, or what stands behind one, without what an aggregate's result is made of.
    SqlText WriteBareCall(const SyntaxNode& node) const;
    SqlText WithResult(const SyntaxNode& node, SqlText bare) const;
    std::optional<SqlText> WriteKnownValue(const SyntaxNode& node) const;
    SqlText WriteKnown(const SyntaxNode& node, const SparkFunction& function) const;
    SqlText WriteOtherName(const SyntaxNode& node, const SparkFunction& function) const;
    const SparkFunction* FunctionOf(const SyntaxNode& call) const;
    SqlText WriteMap(const SyntaxNode& node) const;
    SqlText WriteStruct(const SyntaxNode& node) const;
    SqlText WriteNamedStruct(const SyntaxNode& node) const;
    SqlText WriteCountOfSeveral(const SyntaxNode& node) const;

    // write_functions.cc: the functions that the table leaves to code; nothing for all others.
    std::optional<SqlText> WriteByCode(const SyntaxNode& node) const;
    std::optional<SqlText> WriteTimeArithmetic(const SyntaxNode& node) const;
    SqlText WriteDecode(const SyntaxNode& node) const;
    SqlText WriteMakeInterval(const SyntaxNode& node) const;
    SqlText WriteTypeText(const SyntaxNode& text, std::string_view what) const;
    SqlText WriteFromText(const SyntaxNode& node) const;
    SqlText WriteVariantGet(const SyntaxNode& node) const;
    // The value, where the collation that the token names is the one of bytes; Unsupported.
    SqlText WriteCollated(const SyntaxNode& value, size_t name) const;
    SqlText WriteArraysZip(const SyntaxNode& node) const;
    SqlText WriteArraySort(const SyntaxNode& node) const;
    SqlText WriteAggregate(const SyntaxNode& node) const;
    std::optional<SqlText> WriteHigherOrder(const SyntaxNode& node) const;
    // The lambda's body, with its names standing for the values.
    SqlText BodyWith(const SyntaxNode& lambda, const std::vector<std::string>& values) const;
    SqlText WriteItemLambda(const SyntaxNode& lambda) const;

    // write_queries.cc
    SqlText WriteOrderItem(const SyntaxNode& node) const;
    SqlText WriteSelectItem(const SyntaxNode& node) const;
    // The name of a column without an alias; nothing: what the engine calls it.
    std::optional<std::string> ColumnName(const SyntaxNode& item, const SqlText& written) const;
    SqlText WriteRows(const SyntaxNode& node) const;
    SqlText WritePathTable(const SyntaxNode& node) const;
    SqlText WriteStatement(const SyntaxNode& node) const;
    SqlText WritePivot(const SyntaxNode& node) const;
    SqlText PivotValue(const SyntaxNode& value) const;

    // write_pipes.cc
    SqlText WritePipes(const SyntaxNode& node) const;
    void WritePipeStep(const SyntaxNode& step, PipedQuery& query) const;
    PipedQuery SourceOfPipes(const SyntaxNode& source) const;
    std::vector<SqlText> GroupsOf(const SyntaxNode& groups) const;
    std::string NameOfTable(const SyntaxNode& table) const;

    // time_windows.cc
    SqlText WriteTimeWindows(const SyntaxNode& node) const;
    SqlText WriteSessionWindows(const SyntaxNode& node) const;
    int64_t MicrosOf(const SyntaxNode& duration) const;

    // write_generators.cc
    SqlText WriteLateralView(const SyntaxNode& node) const;
    SqlText WriteTableCall(const SyntaxNode& node) const;
    // The columns that explode and its like give, as items of a SELECT; empty for other functions.
    std::vector<SqlText> GeneratedBy(const SyntaxNode& call, bool is_outer,
                                     const std::vector<std::string>& names) const;

    std::vector<SqlText> InlinedAs(const SyntaxNode& call,
                                   const std::vector<std::string>& names) const;
    std::vector<SqlText> TupleColumns(const SyntaxNode& call,
                                      const std::vector<std::string>& names) const;
    std::vector<SqlText> StackedColumns(const SyntaxNode& call,
                                        const std::vector<std::string>& names) const;

    std::string_view source_;
    const std::vector<sql::Token>& tokens_;
    Dialect dialect_;
    bool numbers_parameters_;
};

}  // namespace tarn::sql
