// Tokens of an expression in Spark's quoting: '..' and ".." are texts with backslash escapes, `..`
// is a name, numbers may end in a letter that says their type. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::sql {

enum class SparkTokenKind { kName, kQuotedName, kString, kNumber, kSymbol, kEnd };

struct SparkToken {
    SparkTokenKind kind;
    std::string text;  // of names and strings what they mean, quotes and escapes off
};

// The tokens, the last one kEnd. InvalidInput for a quote that never closes or a foreign byte.
std::vector<SparkToken> LexSpark(std::string_view text);
// The same of an expression in Tarn's own quoting: ".." is a name, '..' a text with doubled quotes.
std::vector<SparkToken> LexOurs(std::string_view text);

// A text and a name as Spark writes them; a plain name that is no reserved word stays bare.
std::string QuoteSparkLiteral(std::string_view text);
std::string QuoteSparkName(std::string_view name);

// The digits of a number without an exponent: 150 for 1.5e2. Nothing beyond what a decimal holds.
std::optional<std::string> PlainDecimal(std::string_view number);

bool IsWord(const SparkToken& token, std::string_view word);

}  // namespace tarn::sql
