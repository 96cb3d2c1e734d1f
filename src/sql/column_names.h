// What Spark calls a column of a SELECT that has no alias: the words of its expression as Spark
// writes them (toPrettySQL). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/lexer.h"
#include "sql/syntax_tree.h"

namespace tarn::sql {

class ColumnNames {
public:
    // The tokens are of Spark's dialect and must outlive this.
    explicit ColumnNames(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // A column by its name, no field of one and no word that is a value.
    bool IsColumn(const SyntaxNode& value) const;

    // Nothing for a shape whose name follows from more than the tree: types, or the catalog.
    std::optional<std::string> NameOf(const SyntaxNode& value);

private:
    // The words of a value. Where they cannot be told is_known_ becomes false and they mean
    // nothing.
    std::string Words(const SyntaxNode& node);
    std::string Unknown();
    std::vector<std::string> WordsOf(const std::vector<SyntaxNode>& nodes);
    std::string NameWords(const SyntaxNode& node);
    std::string NumberWords(const SyntaxNode& node);
    std::string TypedWords(const SyntaxNode& node);
    std::string IntervalWords(const SyntaxNode& node);
    std::string UnaryWords(const SyntaxNode& node);
    std::string ChainWords(const SyntaxNode& node);
    std::string CompareWords(const SyntaxNode& node);
    std::string InWords(const SyntaxNode& node);
    std::string IsWords(const SyntaxNode& node);
    std::string LikeWords(const SyntaxNode& node);
    std::string LikeAnyWords(const SyntaxNode& node);
    std::string CaseWords(const SyntaxNode& node);
    std::string CastWords(const SyntaxNode& node);
    std::string TypeWords(const SyntaxNode& node);
    std::string LambdaWords(const SyntaxNode& node);

    // column_call_names.cc
    std::string CallWords(const SyntaxNode& node);
    std::string TrimWords(const SyntaxNode& node);
    std::string CallTailWords(const SyntaxNode& node);
    std::string WindowWords(const SyntaxNode& call, const SyntaxNode& window);
    std::string OrderWords(const SyntaxNode& item);

    std::string_view TextAt(size_t at) const { return tokens_[at].text; }
    std::string Meaning(const SyntaxNode& text) const;

    const std::vector<Token>& tokens_;
    std::vector<std::string> lambdas_;  // names of the lambdas around, in small letters
    bool is_known_ = true;
};

}  // namespace tarn::sql
