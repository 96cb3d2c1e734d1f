// Edits of one statement in units of tokens. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/lexer.h"
#include "sql/source_map.h"
#include "sql/splitter.h"

namespace tarn::sql {

class StatementRewriter {
public:
    // Both must outlive this; `tokens` are those of `statement`.
    StatementRewriter(const Statement& statement, const std::vector<Token>& tokens)
        : tokens_(tokens),
          rewriter_(statement.text, statement.position()),
          is_edited_(tokens.size(), false) {}

    const std::vector<Token>& tokens() const { return tokens_; }
    // Tokens [first, end) go, with what stands between them and token `end`.
    void Cut(size_t first, size_t end) {
        rewriter_.Remove(tokens_[first].begin, tokens_[end].begin);
        for (size_t i = first; i < end; ++i) is_edited_[i] = true;
    }
    void Replace(size_t token, std::string replacement) {
        rewriter_.Replace(tokens_[token].begin, tokens_[token].end(), std::move(replacement));
        is_edited_[token] = true;
    }
    // Directly behind `token`; errors in it point to the token `blamed`.
    void InsertBehind(size_t token, std::string inserted, size_t blamed) {
        rewriter_.Insert(tokens_[token].end(), std::move(inserted), tokens_[blamed].begin);
    }
    // Directly before `token`, which errors in it point to.
    void InsertBefore(size_t token, std::string inserted) {
        rewriter_.Insert(tokens_[token].begin, std::move(inserted), tokens_[token].begin);
    }
    bool IsEdited(size_t token) const { return is_edited_[token]; }

    Rewritten Build() const { return rewriter_.Build(); }

private:
    const std::vector<Token>& tokens_;
    Rewriter rewriter_;
    std::vector<bool> is_edited_;
};

}  // namespace tarn::sql
