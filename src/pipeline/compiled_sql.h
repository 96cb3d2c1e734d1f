// A model's SQL after rendering: one statement, with the way from its places back to the template
// that the user wrote.
#pragma once

#include <string>

#include "base/error.h"
#include "sql/text_position.h"

namespace tarn::pipeline {

struct CompiledSql {
    std::string text;         // one statement, without its `;`
    std::string file;         // the template's name
    std::string source;       // the template
    std::string rendered;     // all that came of it
    sql::TextPosition start;  // of `text` in `rendered`
    bool asked = false;       // the lake was asked while it was rendered: what it says may change
    std::string header = {};  // SQL that runs before it, as the setting `sql_header` says

    // The template's place for a line and column of `text`: exact where the template's line was
    // copied, the begin of the Jinja expression where it was not.
    TextSpot SpotOf(int line, int column) const;
};

// InvalidInput: nothing, or more than one statement, was rendered.
CompiledSql OneStatement(std::string file, std::string source, std::string rendered);

}  // namespace tarn::pipeline
