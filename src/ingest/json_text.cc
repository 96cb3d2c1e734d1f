#include "ingest/json_text.h"

#include <vector>

#include <fmt/core.h>

namespace tarn::ingest {

namespace {

// A scanner with its own stack of open brackets, so that depth costs no call stack.
class FaultFinder {
public:
    explicit FaultFinder(std::string_view text) : text_(text) {}

    std::optional<JsonFault> Run() {
        SkipSpace();
        if (!Value()) return fault_;
        while (!open_.empty()) {
            if (!AfterValue()) return fault_;
        }
        SkipSpace();
        if (at_ < text_.size()) return JsonFault{at_, "nothing more"};
        return std::nullopt;
    }

private:
    bool Fail(std::string_view expected) {
        fault_ = {at_, expected};
        return false;
    }

    char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void SkipSpace() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
    }

    // One value, or the first value inside of each container that it opens.
    bool Value() {
        while (true) {
            if (Peek() == '{') {
                if (!Open('}')) return false;
                if (Peek() == '}') return Close();
                if (!Key()) return false;
            } else if (Peek() == '[') {
                if (!Open(']')) return false;
                if (Peek() == ']') return Close();
            } else {
                return Scalar();
            }
        }
    }

    bool Open(char closing) {
        if (open_.size() >= kMaxJsonDepth) return Fail("less nesting");
        open_.push_back(closing);
        ++at_;
        SkipSpace();
        return true;
    }

    bool Close() {
        open_.pop_back();
        ++at_;
        return true;
    }

    bool AfterValue() {
        SkipSpace();
        if (at_ < text_.size() && Peek() == open_.back()) return Close();
        if (Peek() != ',') return Fail(open_.back() == '}' ? "`,` or `}`" : "`,` or `]`");
        ++at_;
        SkipSpace();
        if (open_.back() == '}' && !Key()) return false;
        return Value();
    }

    bool Key() {
        if (Peek() != '"') return Fail("a key in double quotes");
        if (!String()) return false;
        SkipSpace();
        if (Peek() != ':') return Fail("`:`");
        ++at_;
        SkipSpace();
        return true;
    }

    bool Scalar() {
        if (Peek() == '"') return String();
        for (const std::string_view word : {"true", "false", "null"}) {
            if (text_.substr(at_, word.size()) != word) continue;
            at_ += word.size();
            return true;
        }
        const size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
        if (!IsJsonNumber(text_.substr(at_, end - at_))) return Fail("a value");
        at_ = end;
        return true;
    }

    bool String() {
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return Fail("no control character in a string");
            if (c != '\\') {
                ++at_;
            } else if (!Escape()) {
                return false;
            }
        }
        return Fail("the closing quote of a string");
    }

    bool Escape() {
        ++at_;
        if (Peek() == 'u') {
            for (int i = 0; i < 4; ++i) {
                ++at_;
                if (std::string_view("0123456789abcdefABCDEF").find(Peek()) ==
                    std::string_view::npos) {
                    return Fail("four hexadecimal digits");
                }
            }
        } else if (at_ >= text_.size() ||
                   std::string_view("\"\\/bfnrt").find(Peek()) == std::string_view::npos) {
            return Fail("a known escape");
        }
        ++at_;
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
    std::vector<char> open_;
    JsonFault fault_;
};

size_t SkipDigits(std::string_view text, size_t at) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at;
}

}  // namespace

std::optional<JsonFault> FindJsonFault(std::string_view text) { return FaultFinder(text).Run(); }

bool IsJsonNumber(std::string_view text) {
    size_t at = text.starts_with('-') ? 1 : 0;
    size_t end = SkipDigits(text, at);
    if (end == at || (text[at] == '0' && end > at + 1)) return false;
    if (end < text.size() && text[end] == '.') {
        at = end + 1;
        end = SkipDigits(text, at);
        if (end == at) return false;
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        at = end + 1;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        end = SkipDigits(text, at);
        if (end == at) return false;
    }
    return end == text.size();
}

}  // namespace tarn::ingest
