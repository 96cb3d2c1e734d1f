// SQL text of any bytes: splitting does not depend on how the text arrives, tokens lie in order
// inside the text, and only refusals of the user's text leave the parser.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/splitter.h"

namespace {

using tarn::sql::Statement;

void Require(bool holds) {
    if (!holds) std::abort();
}

// Fed in pieces of `piece` bytes. An opened quote that never closes ends the text.
std::vector<Statement> SplitInPieces(std::string_view text, size_t piece) {
    std::vector<Statement> statements;
    tarn::sql::StatementSplitter splitter;
    try {
        for (size_t at = 0; at < text.size(); at += piece) {
            splitter.Feed(text.substr(at, piece));
            while (auto statement = splitter.Next()) statements.push_back(*statement);
        }
        while (auto statement = splitter.Finish()) statements.push_back(*statement);
    } catch (const tarn::Error& error) {
        Require(error.kind() == tarn::ErrorKind::kInvalidInput);
    }
    return statements;
}

void CheckTokens(const Statement& statement) {
    size_t end = 0;
    for (const tarn::sql::Token& token : tarn::sql::Lex(statement)) {
        Require(token.begin >= end && token.end() <= statement.text.size());
        end = token.end();
    }
}

void CheckParse(const Statement& statement) {
    const auto parsed = tarn::sql::Parse(statement);
    const auto* engine = std::get_if<tarn::sql::EngineStatement>(&parsed);
    if (engine == nullptr) return;
    // Every byte leads back into the user's statement.
    for (size_t at = 0; at <= engine->text.size(); ++at) {
        const size_t place = engine->source_map.Locate(at).offset;
        Require(place >= statement.offset && place <= statement.offset + statement.text.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = SplitInPieces(text, size);
    const auto pieces = SplitInPieces(text, size_t{1} + data[0] % 7);
    Require(whole.size() == pieces.size());
    for (size_t i = 0; i < whole.size(); ++i) {
        Require(whole[i].text == pieces[i].text && whole[i].offset == pieces[i].offset);
        Require(whole[i].line == pieces[i].line && whole[i].column == pieces[i].column);
    }
    for (const Statement& statement : whole) {
        try {
            CheckTokens(statement);
            CheckParse(statement);
        } catch (const tarn::Error& error) {
            Require(error.kind() == tarn::ErrorKind::kInvalidInput ||
                    error.kind() == tarn::ErrorKind::kUnsupported ||
                    error.kind() == tarn::ErrorKind::kLimitExceeded);
        }
    }
    return 0;
}
