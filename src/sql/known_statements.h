// The lakehouse's statements that Tarn will have and has not yet: recognized by their heads, so
// that they are refused by name and not as a syntax error. A later issue turns a row here into a
// parser.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sql/lexer.h"
#include "sql/statement.h"

namespace tarn::sql {

struct KnownHead {
    // Words in capitals; [..] may be missing; <name> is a dotted name, <group> one in parentheses,
    // <any> any one token.
    std::string_view pattern;
    std::string_view statement;
    std::string_view remedy;
};

// All rows, for matching and for the reference page.
std::span<const KnownHead> KnownHeads();

// The statement whose head begins at token `first`, if it is one of them.
std::optional<KnownButUnsupported> FindKnownButUnsupported(const std::vector<Token>& tokens,
                                                           size_t first);

}  // namespace tarn::sql
