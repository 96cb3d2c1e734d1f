#include "engine/duck/json_tree.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/duck/spark_text.h"

namespace tarn::engine::duck {
namespace {

void AppendUtf8(std::string& out, uint32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool Read(JsonTree& tree, int depth = 0) {
        if (depth > kMaxJsonDepth) return false;
        SkipBlanks();
        if (at_ >= text_.size()) return false;
        const char c = text_[at_];
        if (c == '{') return ReadObject(tree, depth);
        if (c == '[') return ReadArray(tree, depth);
        if (c == '"' || c == '\'') {
            tree.kind = JsonKind::kText;
            return ReadText(tree.text);
        }
        if (c == '-' || IsDigit(c)) return ReadNumber(tree);
        if (Accept("null")) return true;
        for (const std::string_view word : {"true", "false"}) {
            if (!Accept(word)) continue;
            tree.kind = JsonKind::kBoolean;
            tree.text = word;
            return true;
        }
        return false;
    }

private:
    static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
    void SkipBlanks() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r')))
            ++at_;
    }
    bool Accept(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    bool AcceptSign(char sign) {
        SkipBlanks();
        if (at_ >= text_.size() || text_[at_] != sign) return false;
        ++at_;
        return true;
    }

    bool ReadObject(JsonTree& tree, int depth) {
        tree.kind = JsonKind::kObject;
        ++at_;
        if (AcceptSign('}')) return true;
        do {
            SkipBlanks();
            if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
            tree.names.emplace_back();
            tree.items.emplace_back();
            if (!ReadText(tree.names.back()) || !AcceptSign(':')) return false;
            if (!Read(tree.items.back(), depth + 1)) return false;
        } while (AcceptSign(','));
        return AcceptSign('}');
    }

    bool ReadArray(JsonTree& tree, int depth) {
        tree.kind = JsonKind::kArray;
        ++at_;
        if (AcceptSign(']')) return true;
        do {
            tree.items.emplace_back();
            if (!Read(tree.items.back(), depth + 1)) return false;
        } while (AcceptSign(','));
        return AcceptSign(']');
    }

    bool ReadNumber(JsonTree& tree) {
        const size_t begin = at_;
        tree.kind = JsonKind::kWhole;
        if (text_[at_] == '-') ++at_;
        const size_t digits = at_;
        SkipDigits();
        if (at_ == digits || (text_[digits] == '0' && at_ > digits + 1)) return false;
        if (at_ < text_.size() && text_[at_] == '.') {
            tree.kind = JsonKind::kFraction;
            const size_t fraction = ++at_;
            SkipDigits();
            if (at_ == fraction) return false;
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            tree.kind = JsonKind::kFraction;
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            const size_t exponent = at_;
            SkipDigits();
            if (at_ == exponent) return false;
        }
        tree.text = text_.substr(begin, at_ - begin);
        return true;
    }
    void SkipDigits() {
        while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    }

    std::optional<uint32_t> ReadHex() {
        if (at_ + 4 > text_.size()) return std::nullopt;
        uint32_t point = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = text_[at_++];
            const int digit = IsDigit(c)             ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return std::nullopt;
            point = point * 16 + static_cast<uint32_t>(digit);
        }
        return point;
    }

    bool ReadEscape(std::string& out) {
        if (at_ >= text_.size()) return false;
        const char c = text_[at_++];
        constexpr std::string_view kLetters = "bfnrt";
        constexpr std::string_view kMeanings = "\b\f\n\r\t";
        if (const size_t letter = kLetters.find(c); letter != std::string_view::npos) {
            out += kMeanings[letter];
        } else if (c == 'u') {
            auto point = ReadHex();
            if (!point) return false;
            if (*point >= 0xD800 && *point < 0xDC00 && Accept("\\u")) {
                const auto low = ReadHex();
                if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
                point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
            }
            AppendUtf8(out, *point >= 0xD800 && *point < 0xE000 ? 0xFFFD : *point);
        } else if (c == '"' || c == '\\' || c == '/' || c == '\'') {
            out += c;
        } else {
            return false;
        }
        return true;
    }

    bool ReadText(std::string& out) {
        const char quote = text_[at_++];
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == quote) return true;
            if (c != '\\') {
                if (static_cast<unsigned char>(c) < 0x20) return false;
                out += c;
            } else if (!ReadEscape(out)) {
                return false;
            }
        }
        return false;
    }

    std::string_view text_;
    size_t at_ = 0;
};

// The type of values seen so far.
struct Shape {
    JsonKind kind = JsonKind::kNull;
    std::map<std::string, Shape> members;
    std::vector<Shape> element;  // one, of an array

    void Merge(const Shape& other) {
        if (other.kind == JsonKind::kNull) return;
        if (kind == JsonKind::kNull) {
            *this = other;
            return;
        }
        const auto is_number = [](JsonKind one) {
            return one == JsonKind::kWhole || one == JsonKind::kFraction;
        };
        if (kind != other.kind) {
            kind = is_number(kind) && is_number(other.kind) ? JsonKind::kFraction : JsonKind::kText;
            return;
        }
        for (const auto& [name, shape] : other.members) members[name].Merge(shape);
        if (kind == JsonKind::kArray) element[0].Merge(other.element[0]);
    }

    std::string Type() const {
        switch (kind) {
            case JsonKind::kBoolean:
                return "BOOLEAN";
            case JsonKind::kWhole:
                return "BIGINT";
            case JsonKind::kFraction:
                return "DOUBLE";
            case JsonKind::kArray:
                return "ARRAY<" + element[0].Type() + ">";
            case JsonKind::kObject: {
                std::vector<std::string> fields;
                for (const auto& [name, shape] : members)
                    fields.push_back(name + ": " + shape.Type());
                return "STRUCT<" + Join(fields, ", ") + ">";
            }
            default:
                return "STRING";
        }
    }
};

Shape ShapeOf(const JsonTree& tree) {
    Shape shape{tree.kind, {}, {}};
    if (tree.kind == JsonKind::kArray) {
        shape.element.emplace_back();
        for (const JsonTree& item : tree.items) shape.element[0].Merge(ShapeOf(item));
    }
    for (size_t i = 0; i < tree.names.size(); ++i)
        shape.members[tree.names[i]] = ShapeOf(tree.items[i]);
    return shape;
}

}  // namespace

const JsonTree* JsonTree::Member(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? nullptr : &items[static_cast<size_t>(found - names.begin())];
}

std::optional<JsonTree> ReadJson(std::string_view text) {
    JsonTree tree;
    if (!Reader(text).Read(tree)) return std::nullopt;
    return tree;
}

void AppendJson(std::string& out, const JsonTree& tree) {
    switch (tree.kind) {
        case JsonKind::kNull:
            out += "null";
            return;
        case JsonKind::kText:
            AppendJsonString(out, tree.text);
            return;
        case JsonKind::kFraction:
            out += SparkTextOf(std::strtod(tree.text.c_str(), nullptr));
            return;
        case JsonKind::kArray:
        case JsonKind::kObject: {
            const bool is_array = tree.kind == JsonKind::kArray;
            out += is_array ? '[' : '{';
            for (size_t i = 0; i < tree.items.size(); ++i) {
                if (i > 0) out += ',';
                if (!is_array) {
                    AppendJsonString(out, tree.names[i]);
                    out += ':';
                }
                AppendJson(out, tree.items[i]);
            }
            out += is_array ? ']' : '}';
            return;
        }
        default:
            out += tree.text;
    }
}

std::optional<std::string> JsonAsText(const JsonTree& tree) {
    if (tree.kind == JsonKind::kNull) return std::nullopt;
    if (tree.kind == JsonKind::kText) return tree.text;
    std::string text;
    AppendJson(text, tree);
    return text;
}

std::optional<JsonPath> JsonPath::Parse(std::string_view path) {
    if (!path.starts_with('$')) return std::nullopt;
    JsonPath parsed;
    for (size_t at = 1; at < path.size();) {
        if (path[at] == '.') {
            const size_t end = std::min(path.find_first_of(".[", at + 1), path.size());
            const std::string_view name = path.substr(at + 1, end - at - 1);
            if (name.empty()) return std::nullopt;
            parsed.steps_.push_back(
                {name == "*" ? std::optional<std::string>() : std::string(name), {}});
            parsed.has_wildcard_ |= name == "*";
            at = end;
        } else if (path[at] == '[') {
            const size_t end = path.find(']', at);
            if (end == std::string_view::npos) return std::nullopt;
            std::string_view inside = path.substr(at + 1, end - at - 1);
            if (inside == "*") {
                parsed.steps_.push_back({});
                parsed.has_wildcard_ = true;
            } else if (inside.size() > 2 && inside.front() == '\'' && inside.back() == '\'') {
                parsed.steps_.push_back({std::string(inside.substr(1, inside.size() - 2)), {}});
            } else {
                const auto index = ParseInt(inside);
                if (!index || *index < 0) return std::nullopt;
                parsed.steps_.push_back({{}, static_cast<size_t>(*index)});
            }
            at = end + 1;
        } else {
            return std::nullopt;
        }
    }
    return parsed;
}

void JsonPath::Collect(const JsonTree& tree, size_t step,
                       std::vector<const JsonTree*>& found) const {
    if (step == steps_.size()) {
        found.push_back(&tree);
        return;
    }
    const Step& wanted = steps_[step];
    if (wanted.name) {
        if (const JsonTree* member = tree.Member(*wanted.name)) Collect(*member, step + 1, found);
    } else if (wanted.index) {
        if (tree.kind == JsonKind::kArray && *wanted.index < tree.items.size())
            Collect(tree.items[*wanted.index], step + 1, found);
    } else {
        for (const JsonTree& item : tree.items) Collect(item, step + 1, found);
    }
}

std::optional<std::string> JsonPath::Find(const JsonTree& tree) const {
    std::vector<const JsonTree*> found;
    Collect(tree, 0, found);
    if (found.empty()) return std::nullopt;
    if (!has_wildcard_) return JsonAsText(*found[0]);
    std::string text;
    for (const JsonTree* one : found) {
        if (!text.empty()) text += ',';
        AppendJson(text, *one);
    }
    return found.size() == 1 ? text : "[" + text + "]";
}

std::string JsonSchema(const JsonTree& tree) { return ShapeOf(tree).Type(); }

}  // namespace tarn::engine::duck
