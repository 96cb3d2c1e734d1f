#include "cli/error_text.h"

#include "cli/text_table.h"

namespace tarn::cli {

namespace {

constexpr const char* kRed = "\033[1;31m";
constexpr const char* kPlain = "\033[0m";

std::string_view LineOf(std::string_view text, int line) {
    for (int at = 1; at < line; ++at) {
        const size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

// White space as wide as the characters before the column; a tab stays a tab.
std::string Indent(std::string_view line, int column) {
    std::string indent;
    int at = 1;
    for (size_t i = 0; i < line.size() && at < column; ++at) {
        const size_t size = CharacterBytes(line, i);
        indent += line[i] == '\t' ? "\t" : std::string(DisplayWidth(line.substr(i, size)), ' ');
        i += size;
    }
    return indent;
}

std::string Place(const Error& error, const TextSpot& spot) {
    std::string place;
    if (spot.line > 0) {
        const std::string lead = spot.file.empty() ? "line " : spot.file + ":";
        place = fmt::format("{}{}:{}", lead, spot.line, spot.column);
    } else {
        place = spot.file;
    }
    for (const auto& [key, value] : error.context()) {
        place += fmt::format("{}{}={}", place.empty() ? "" : "; ", key, value);
    }
    return place.empty() ? "" : " (" + place + ")";
}

// The engine's messages may have several lines; an error has one.
std::string OneLine(std::string_view message) {
    std::string line;
    for (const char c : message) line += c == '\n' ? ' ' : c;
    return line;
}

}  // namespace

std::string ErrorText(const Error& error, const ErrorTextOptions& options) {
    std::string text = options.colour ? std::string(kRed) + "error" + kPlain : "error";
    text += fmt::format(": {}: {}{}\n", TraitsOf(error.kind()).name, OneLine(error.message()),
                        Place(error, options.shown_place.value_or(error.spot())));
    if (options.source.empty() || error.spot().line <= 0) return text;
    const std::string_view line = LineOf(options.source, error.spot().line);
    if (line.empty()) return text;
    text += fmt::format("  | {}\n  | {}^\n", line, Indent(line, error.spot().column));
    return text;
}

TextSpot SpotInInput(const TextSpot& spot, const sql::Statement& statement,
                     const std::string& file) {
    if (spot.line <= 0) return {file, 0, 0};
    const int column = spot.line == 1 ? statement.column + spot.column - 1 : spot.column;
    return {file, statement.line + spot.line - 1, column};
}

}  // namespace tarn::cli
