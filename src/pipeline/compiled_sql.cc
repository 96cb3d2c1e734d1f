#include "pipeline/compiled_sql.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sql/splitter.h"

namespace tarn::pipeline {
namespace {

// The template's line that a rendered line comes from, both from 0. Jinja that spans or makes lines
// moves those behind it: then the nearest line above that stands in the template once tells.
size_t SourceLine(const std::vector<std::string>& source, const std::vector<std::string>& rendered,
                  size_t line) {
    if (source.size() == rendered.size()) return line;
    for (size_t back = 0; back <= line; ++back) {
        const std::string& text = rendered[line - back];
        if (Trim(text).empty() || std::count(source.begin(), source.end(), text) != 1) continue;
        const auto found = std::find(source.begin(), source.end(), text);
        return std::min(static_cast<size_t>(found - source.begin()) + back, source.size() - 1);
    }
    return std::min(line, source.size() - 1);
}

// Columns from 0. What stands before the first and behind the last difference was copied.
size_t SourceColumn(const std::string& source, const std::string& rendered, size_t column) {
    const auto [differs, ignored] =
        std::mismatch(source.begin(), source.end(), rendered.begin(), rendered.end());
    const auto copied_before = static_cast<size_t>(differs - source.begin());
    if (column <= copied_before) return column;
    const auto [end_differs, also_ignored] =
        std::mismatch(source.rbegin(), source.rend(), rendered.rbegin(), rendered.rend());
    const auto copied_behind = static_cast<size_t>(end_differs - source.rbegin());
    const size_t from_end = rendered.size() - std::min(column, rendered.size());
    return from_end <= copied_behind ? source.size() - from_end : copied_before;
}

}  // namespace

TextSpot CompiledSql::SpotOf(int line, int column) const {
    if (line < 1) return {file, 0, 0};
    const int rendered_line = start.line + line - 1;
    const int rendered_column = line == 1 ? start.column + column - 1 : column;
    const std::vector<std::string> from = Split(source, '\n');
    const std::vector<std::string> to = Split(rendered, '\n');
    const auto at = std::min(static_cast<size_t>(rendered_line - 1), to.size() - 1);
    const size_t source_line = SourceLine(from, to, at);
    const auto wanted = static_cast<size_t>(std::max(rendered_column - 1, 0));
    const size_t source_column = SourceColumn(from[source_line], to[at], wanted);
    return {file, static_cast<int>(source_line) + 1, static_cast<int>(source_column) + 1};
}

CompiledSql OneStatement(std::string file, std::string source, std::string rendered) {
    CompiledSql compiled;
    compiled.file = std::move(file);
    compiled.source = std::move(source);
    compiled.rendered = std::move(rendered);
    std::vector<sql::Statement> statements;
    try {
        statements = sql::Split(compiled.rendered);
    } catch (const Error& error) {
        throw Error(error).At(compiled.SpotOf(error.spot().line, error.spot().column));
    }
    if (statements.size() != 1) {
        throw Error(ErrorKind::kInvalidInput, "a model is one SELECT; this gives {} statements",
                    statements.size())
            .At({compiled.file, 1, 1});
    }
    compiled.text = std::move(statements[0].text);
    compiled.start = statements[0].position();
    return compiled;
}

}  // namespace tarn::pipeline
