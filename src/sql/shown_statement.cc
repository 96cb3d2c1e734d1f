#include "sql/shown_statement.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/statement_class.h"

namespace tarn::sql {

namespace {

// What a statement is stands within so much of it, but where it begins with WITH.
constexpr size_t kFirstBytes = 1024;
constexpr std::string_view kMasked = "***";

constexpr std::array<std::string_view, 11> kSecretNames{
    "password",   "passwd",      "pwd",     "secret",           "token", "credential", "apikey",
    "access_key", "account_key", "api_key", "connection_string"};
// Within a text also the signature of a signed URL.
constexpr std::array<std::string_view, 3> kSecretParameters{"sig", "signature", "key"};

bool IsSecretName(std::string_view name) {
    const std::string folded = AsciiLower(name);
    return std::any_of(kSecretNames.begin(), kSecretNames.end(), [&](std::string_view secret) {
        return folded.find(secret) != std::string::npos;
    });
}

bool IsSecretParameter(std::string_view name) {
    const std::string folded = AsciiLower(name);
    return IsSecretName(folded) || std::find(kSecretParameters.begin(), kSecretParameters.end(),
                                             folded) != kSecretParameters.end();
}

bool IsNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The secret parts of a text: scheme://user:password@host, and name=value.
std::string MaskedWithin(std::string_view text) {
    std::string masked;
    size_t copied = 0;
    const auto mask = [&](size_t begin, size_t end) {
        if (begin >= end || begin < copied) return;
        masked.append(text.substr(copied, begin - copied)).append(kMasked);
        copied = end;
    };
    for (size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 3) == "://") {
            const size_t end = std::min(text.find_first_of("/?# '\"", i + 3), text.size());
            const size_t at = text.substr(0, end).rfind('@');
            const size_t colon = text.find(':', i + 3);
            if (at != std::string_view::npos && at > i && colon < at) mask(colon + 1, at);
        } else if (text[i] == '=') {
            size_t begin = i;
            while (begin > 0 && IsNamePart(text[begin - 1])) --begin;
            if (!IsSecretParameter(text.substr(begin, i - begin))) continue;
            mask(i + 1, std::min(text.find_first_of(" &;'\"", i + 1), text.size()));
        }
    }
    return masked.append(text.substr(copied));
}

// Their literals may be keys, and what a key hides.
constexpr std::array<std::string_view, 3> kSecretCalls{"AES_ENCRYPT", "AES_DECRYPT",
                                                       "TRY_AES_DECRYPT"};

bool IsSecretCall(const Token& name, const Token& behind) {
    return IsSymbol(behind, "(") &&
           std::any_of(kSecretCalls.begin(), kSecretCalls.end(),
                       [&](std::string_view call) { return IsWord(name, call); });
}

bool IsCreateSecret(const std::vector<Token>& tokens) {
    if (!IsWord(tokens.front(), "CREATE")) return false;
    const size_t first = std::min<size_t>(tokens.size(), 6);
    return std::any_of(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(first),
                       [](const Token& token) { return IsWord(token, "SECRET"); });
}

bool IsName(const Token& token) {
    return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
}

// Stands between a name and its value.
bool IsBetween(const Token& token) {
    return IsSymbol(token, "=") || IsSymbol(token, ":=") || IsSymbol(token, "=>") ||
           IsSymbol(token, ":") || IsSymbol(token, ",") || IsSymbol(token, "(") ||
           IsWord(token, "TO");
}

// Nothing where the text is beyond all bounds.
std::optional<std::vector<Token>> TokensOf(std::string_view text, Dialect dialect) {
    try {
        return Lex(text, {}, dialect);
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool OnlyReads(StatementClass statement_class) {
    return statement_class == StatementClass::kQuery || statement_class == StatementClass::kSet ||
           statement_class == StatementClass::kShow || statement_class == StatementClass::kUse ||
           statement_class == StatementClass::kDescribe ||
           statement_class == StatementClass::kBegin ||
           statement_class == StatementClass::kRollback;
}

}  // namespace

StatementKind KindOf(std::string_view text, Dialect dialect) {
    auto tokens = TokensOf(text.substr(0, kFirstBytes), dialect);
    if (tokens && IsWord(tokens->front(), "WITH")) tokens = TokensOf(text, dialect);
    if (!tokens) return {"OTHER", false};
    const StatementClass statement_class = Classify(TokenCursor(*tokens));
    if (statement_class == StatementClass::kQuery) return {"SELECT", true};
    if (statement_class != StatementClass::kOther)
        return {AsciiUpper(NameOf(statement_class)), OnlyReads(statement_class)};
    const std::string word = AsciiUpper(tokens->front().text);
    const auto known = StatementWords();
    const bool is_known = std::find(known.begin(), known.end(), word) != known.end();
    return {is_known ? word : "OTHER", false};
}

std::string WithoutSecrets(std::string_view text, size_t most_bytes, Dialect dialect) {
    text = CutText(text, most_bytes);
    const auto tokens = TokensOf(text, dialect);
    if (!tokens) return std::string(kMasked);
    const bool is_secret = IsCreateSecret(*tokens);
    std::string shown;
    size_t copied = 0;
    bool is_value_secret = false;
    bool is_in_path = false;
    int depth = 0;          // of parentheses
    int secret_depth = -1;  // those around the arguments of a secret call
    for (size_t i = 0; i < tokens->size(); ++i) {
        const Token& token = (*tokens)[i];
        if (secret_depth < 0 && i > 0 && IsSecretCall((*tokens)[i - 1], token))
            secret_depth = depth;
        if (IsSymbol(token, "(")) ++depth;
        if (IsSymbol(token, ")") && --depth <= secret_depth) secret_depth = -1;
        // A quote that the cut left open is a text, too.
        const bool is_text = token.kind == TokenKind::kString || token.kind == TokenKind::kUnknown;
        if (is_text || token.kind == TokenKind::kNumber) {
            const bool masks = is_value_secret || is_secret || secret_depth >= 0;
            shown.append(text.substr(copied, token.begin - copied));
            shown.append(masks ? "'***'" : is_text ? MaskedWithin(token.text) : token.text);
            copied = token.end();
            // In a map the name may itself be a text: 'fs.secret': 'value'.
            is_value_secret = is_text && IsSecretName(token.text);
        } else if (IsName(token) && !IsWord(token, "TO")) {
            is_value_secret = IsSecretName(token.text) || (is_in_path && is_value_secret);
        } else if (!IsBetween(token) && !IsSymbol(token, ".")) {
            is_value_secret = false;
        }
        is_in_path = IsSymbol(token, ".");
    }
    return shown.append(text.substr(copied));
}

}  // namespace tarn::sql
