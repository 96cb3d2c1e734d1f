#include "base/json_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tarn {

namespace {

// What stands for a character after a backslash, or 0.
char ShortEscape(char c) {
    switch (c) {
        case '"':
        case '\\':
            return c;
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

void AppendEscaped(std::string& out, std::string_view text) {
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char escape = ShortEscape(c);
        if (escape == 0 && static_cast<unsigned char>(c) >= 0x20) continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        if (escape != 0) {
            out += '\\';
            out += escape;
        } else {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        }
    }
    out.append(text, plain, text.size() - plain);
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
    out += '"';
    while (const auto bad = FirstInvalidUtf8(text)) {
        AppendEscaped(out, text.substr(0, *bad));
        out += "\xEF\xBF\xBD";
        text.remove_prefix(*bad + 1);
    }
    AppendEscaped(out, text);
    out += '"';
}

}  // namespace tarn
