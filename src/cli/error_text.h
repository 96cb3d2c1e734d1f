// Failures as a person reads them: one line `error: Kind: message (place)`, then the line of the
// user's own text with a caret under the place. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/splitter.h"

namespace tarn::cli {

struct ErrorTextOptions {
    std::string_view
        source{};  // the text that the error's line and column count in; empty: no line is shown
    std::optional<TextSpot> shown_place{};  // instead of the error's own, which counts in `source`
    bool colour = false;
};

// Ends with a line break.
std::string ErrorText(const Error& error, const ErrorTextOptions& options = {});

// A place in a statement's own text as a place in the whole input, which `file` names (may be
// empty).
TextSpot SpotInInput(const TextSpot& spot, const sql::Statement& statement,
                     const std::string& file);

}  // namespace tarn::cli
