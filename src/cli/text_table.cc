#include "cli/text_table.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tarn::cli {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Unicode's East Asian Width W and F, roughly, with the pictographs.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
    Range{0x20000, 0x3FFFD}};
// Marks that stand over the letter before them, and characters without a shape.
constexpr std::array kNoWidth{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                              Range{0x064B, 0x065F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                              Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}};

template <size_t N>
bool IsIn(const std::array<Range, N>& ranges, char32_t point) {
    return std::any_of(ranges.begin(), ranges.end(), [point](const Range& range) {
        return point >= range.first && point <= range.last;
    });
}

char32_t CodePoint(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return lead;
    char32_t point = lead & (0xFFU >> (character.size() + 1));
    for (const char c : character.substr(1))
        point = (point << 6) | (static_cast<unsigned char>(c) & 0x3FU);
    return point;
}

// One line of a table is one line of the terminal, and no value moves its cursor.
std::string Printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out;
}

bool IsNumber(std::string_view type) {
    static constexpr std::array<std::string_view, 12> names{
        "TINYINT",   "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT",
        "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT",  "DOUBLE",  "UHUGEINT"};
    return type.starts_with("DECIMAL") ||
           std::find(names.begin(), names.end(), type) != names.end();
}

std::string Padded(const std::string& text, size_t width, bool to_right) {
    const std::string space(width - std::min(width, DisplayWidth(text)), ' ');
    return to_right ? space + text : text + space;
}

void AppendLine(std::string& out, const std::vector<std::string>& cells,
                const std::vector<size_t>& widths, const std::vector<bool>& to_right) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line += " | ";
        line += Padded(cells[i], widths[i], to_right[i]);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n";
}

}  // namespace

size_t CharacterBytes(std::string_view text, size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return std::min(size, text.size() - at);
}

size_t DisplayWidth(std::string_view text) {
    size_t width = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t size = CharacterBytes(text, at);
        const char32_t point = CodePoint(text.substr(at, size));
        if (!IsIn(kNoWidth, point)) width += IsIn(kWide, point) ? 2 : 1;
        at += size;
    }
    return width;
}

std::string TextTable(const std::vector<engine::ColumnInfo>& columns,
                      const std::vector<engine::TextRow>& rows) {
    std::vector<std::vector<std::string>> lines(rows.size() + 1);
    std::vector<size_t> widths;
    std::vector<bool> to_right;
    for (size_t i = 0; i < columns.size(); ++i) {
        to_right.push_back(IsNumber(columns[i].type));
        lines[0].push_back(Printable(columns[i].name));
        widths.push_back(DisplayWidth(lines[0].back()));
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto& cell = rows[row].at(i);
            lines[row + 1].push_back(cell ? Printable(*cell) : "NULL");
            widths.back() = std::max(widths.back(), DisplayWidth(lines[row + 1].back()));
        }
    }
    std::string out;
    AppendLine(out, lines[0], widths, to_right);
    for (size_t i = 0; i < widths.size(); ++i) {
        out += (i > 0 ? "-+-" : "") + std::string(widths[i], '-');
    }
    out += "\n";
    for (size_t row = 1; row < lines.size(); ++row) AppendLine(out, lines[row], widths, to_right);
    return out;
}

}  // namespace tarn::cli
