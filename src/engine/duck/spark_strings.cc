#include "engine/duck/spark_strings.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "duckdb/common/types/blob.hpp"
#include "engine/duck/case_mapping.h"
#include "engine/duck/scalar_adapter.h"

namespace tarn::engine::duck {
namespace {

using std::string;
using std::string_view;

// Where each character begins, and behind the last one the end.
std::vector<size_t> CharacterStarts(string_view text) {
    std::vector<size_t> starts;
    for (size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
    }
    starts.push_back(text.size());
    return starts;
}

string OfCodePoint(uint32_t point) {
    if (point < 0x80) return string(1, static_cast<char>(point));
    return {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3F))};
}

// In lines of 76 characters, as mails have it.
string Base64(Bytes bytes) {
    constexpr size_t kLine = 76;
    const string all = duckdb::Blob::ToBase64(
        duckdb::string_t(bytes.data.data(), static_cast<uint32_t>(bytes.data.size())));
    string lines;
    for (size_t at = 0; at < all.size(); at += kLine) {
        if (at > 0) lines += "\r\n";
        lines += all.substr(at, kLine);
    }
    return lines;
}

// Only the lowest byte counts.
string Chr(int64_t code) { return code < 0 ? "" : OfCodePoint(static_cast<uint32_t>(code & 0xFF)); }

// From `from` on, counted from 1, or from the end where it is negative; 0 counts as 1.
std::pair<int64_t, int64_t> SliceOf(int64_t size, int64_t from, int64_t length) {
    const int64_t begin = from > 0 ? from - 1 : from < 0 ? size + from : 0;
    const int64_t end = length > size - begin ? size : begin + length;
    return {std::clamp<int64_t>(begin, 0, size), std::clamp<int64_t>(end, 0, size)};
}

string Substring(string_view text, int32_t from, int32_t length) {
    const std::vector<size_t> starts = CharacterStarts(text);
    const auto [begin, end] = SliceOf(static_cast<int64_t>(starts.size()) - 1, from, length);
    if (begin >= end) return "";
    const size_t first = starts[static_cast<size_t>(begin)];
    return string(text.substr(first, starts[static_cast<size_t>(end)] - first));
}

Bytes SubstringOfBytes(Bytes bytes, int32_t from, int32_t length) {
    const auto [begin, end] = SliceOf(static_cast<int64_t>(bytes.data.size()), from, length);
    if (begin >= end) return {};
    return {bytes.data.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin))};
}

string SubstringIndex(string_view text, string_view delimiter, int32_t count) {
    if (delimiter.empty() || count == 0) return "";
    if (count > 0) {
        size_t at = 0;
        for (int32_t i = 0; i < count; ++i) {
            const size_t found = text.find(delimiter, at);
            if (found == string_view::npos) return string(text);
            if (i + 1 == count) return string(text.substr(0, found));
            at = found + delimiter.size();
        }
    }
    size_t end = text.size();
    for (int64_t i = 0; i > count; --i) {
        const size_t found = end < delimiter.size() ? string_view::npos
                                                    : text.rfind(delimiter, end - delimiter.size());
        if (found == string_view::npos) return string(text);
        if (i - 1 == count) return string(text.substr(found + delimiter.size()));
        end = found;
    }
    return string(text);
}

int32_t FindInSet(string_view word, string_view list) {
    if (word.find(',') != string_view::npos) return 0;
    int32_t place = 1;
    for (size_t begin = 0; begin <= list.size(); ++place) {
        const size_t end = std::min(list.find(',', begin), list.size());
        if (list.substr(begin, end - begin) == word) return place;
        begin = end + 1;
    }
    return 0;
}

// Characters before a byte.
int32_t CharactersBefore(string_view text, size_t byte) {
    return static_cast<int32_t>(CharacterStarts(text.substr(0, byte)).size()) - 1;
}

int32_t Locate(string_view part, string_view text, int32_t from) {
    const std::vector<size_t> starts = CharacterStarts(text);
    if (from < 1 || static_cast<size_t>(from) > starts.size()) return 0;
    const size_t found = text.find(part, starts[static_cast<size_t>(from) - 1]);
    return found == string_view::npos ? 0 : CharactersBefore(text, found) + 1;
}

string Filling(string_view pad, int64_t characters) {
    const std::vector<size_t> starts = CharacterStarts(pad);
    const auto width = static_cast<int64_t>(starts.size()) - 1;
    string filling;
    for (; characters >= width; characters -= width) filling += pad;
    return filling + string(pad.substr(0, starts[static_cast<size_t>(characters)]));
}

void CheckLength(int32_t length) {
    constexpr int32_t kMost = 1 << 28;
    if (length > kMost) {
        throw Error(ErrorKind::kLimitExceeded, "a text of {} characters is too long: at most {}",
                    length, kMost);
    }
}

string Pad(string_view text, int32_t length, string_view pad, bool on_the_left) {
    const std::vector<size_t> starts = CharacterStarts(text);
    const auto size = static_cast<int64_t>(starts.size()) - 1;
    if (length <= 0) return "";
    if (length <= size) return string(text.substr(0, starts[static_cast<size_t>(length)]));
    if (pad.empty()) return string(text);
    CheckLength(length);
    const string filling = Filling(pad, length - size);
    return on_the_left ? filling + string(text) : string(text) + filling;
}
string PadLeft(string_view text, int32_t length, string_view pad) {
    return Pad(text, length, pad, true);
}
string PadRight(string_view text, int32_t length, string_view pad) {
    return Pad(text, length, pad, false);
}

string PadLeftWithBlanks(string_view text, int32_t length) { return Pad(text, length, " ", true); }
string PadRightWithBlanks(string_view text, int32_t length) {
    return Pad(text, length, " ", false);
}

// Of bytes, which are filled with bytes; zeros where none are given.
Bytes PadBytes(const string& bytes, int32_t length, const string& pad, bool on_the_left) {
    const auto wanted = static_cast<size_t>(std::max(length, 0));
    if (wanted <= bytes.size() || pad.empty()) return {bytes.substr(0, wanted)};
    CheckLength(length);
    string filling;
    while (filling.size() < wanted - bytes.size()) filling += pad;
    filling.resize(wanted - bytes.size());
    return {on_the_left ? filling + bytes : bytes + filling};
}
Bytes PadBytesLeft(Bytes bytes, int32_t length, Bytes pad) {
    return PadBytes(bytes.data, length, pad.data, true);
}
Bytes PadBytesRight(Bytes bytes, int32_t length, Bytes pad) {
    return PadBytes(bytes.data, length, pad.data, false);
}
Bytes PadZerosLeft(Bytes bytes, int32_t length) {
    return PadBytes(bytes.data, length, string(1, '\0'), true);
}
Bytes PadZerosRight(Bytes bytes, int32_t length) {
    return PadBytes(bytes.data, length, string(1, '\0'), false);
}

string Overlay(string_view text, string_view piece, int32_t from, int32_t length) {
    const int32_t cut = length >= 0 ? length : CharactersBefore(piece, piece.size());
    return Substring(text, 1, from - 1) + string(piece) + Substring(text, from + cut, INT32_MAX);
}

string Quoted(string_view text) {
    string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

bool LuhnCheck(string_view digits) {
    int sum = 0;
    bool doubles = false;
    for (size_t i = digits.size(); i > 0; --i) {
        int digit = digits[i - 1] - '0';
        if (digit < 0 || digit > 9) return false;
        if (doubles) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        doubles = !doubles;
        sum += digit;
    }
    return !digits.empty() && sum % 10 == 0;
}

// Four letters, one a kind of character: capitals, small ones, digits, all else; a space keeps it.
string Mask(string_view text, string_view letters) {
    const std::vector<size_t> starts = CharacterStarts(text);
    string masked;
    for (size_t i = 0; i + 1 < starts.size(); ++i) {
        const string_view one = text.substr(starts[i], starts[i + 1] - starts[i]);
        const char c = one[0];
        const size_t kind = c >= 'A' && c <= 'Z'   ? 0
                            : c >= 'a' && c <= 'z' ? 1
                            : c >= '0' && c <= '9' ? 2
                                                   : 3;
        if (letters[kind] == '\0') {
            masked += one;
        } else {
            masked += letters[kind];
        }
    }
    return masked;
}

string Soundex(string_view text) {
    constexpr string_view kCodes = "01230127022455012623017202";
    const auto code_of = [&](char c) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return c >= 'A' && c <= 'Z' ? kCodes[static_cast<size_t>(c - 'A')] : '\0';
    };
    if (text.empty() || code_of(text[0]) == '\0') return string(text);
    const char first = text[0];
    string sound(1, first >= 'a' ? static_cast<char>(first - 'a' + 'A') : first);
    char last = code_of(first);
    for (size_t i = 1; i < text.size() && sound.size() < 4; ++i) {
        const char code = code_of(text[i]);
        if (code == '\0') {
            last = '0';
        } else if (code != '7') {  // H and W stand between the same sounds
            if (code != '0' && code != last) sound += code;
            last = code;
        }
    }
    return sound + string(4 - sound.size(), '0');
}

string SplitPart(string_view text, string_view delimiter, int32_t part) {
    if (part == 0)
        throw Error(ErrorKind::kInvalidInput, "split_part counts parts from 1, or -1 from the end");
    std::vector<string_view> parts;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t found = delimiter.empty() ? string_view::npos : text.find(delimiter, begin);
        const size_t end = std::min(found, text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + std::max<size_t>(delimiter.size(), 1);
        if (found == string_view::npos) break;
    }
    const auto count = static_cast<int64_t>(parts.size());
    const int64_t at = part > 0 ? part - 1 : count + part;
    return at < 0 || at >= count ? "" : string(parts[static_cast<size_t>(at)]);
}

// Java's $1 and \$ as RE2's \1 and $.
string Replacement(string_view java) {
    string text;
    for (size_t i = 0; i < java.size(); ++i) {
        const char c = java[i];
        if (c == '\\' && i + 1 < java.size()) {
            const char next = java[++i];
            text += next == '\\' ? "\\\\" : string(1, next);
        } else if (c == '$' && i + 1 < java.size() && java[i + 1] >= '0' && java[i + 1] <= '9') {
            text += '\\';
        } else {
            text += c;
        }
    }
    return text;
}

// Java's names of POSIX's classes.
std::optional<string_view> PosixClass(string_view name) {
    struct Class {
        string_view java;
        string_view posix;
    };
    constexpr Class kClasses[] = {{"Alpha", "alpha"}, {"Digit", "digit"}, {"Alnum", "alnum"},
                                  {"Upper", "upper"}, {"Lower", "lower"}, {"Punct", "punct"},
                                  {"Space", "space"}, {"Blank", "blank"}, {"Cntrl", "cntrl"},
                                  {"Graph", "graph"}, {"Print", "print"}, {"XDigit", "xdigit"}};
    for (const Class& one : kClasses)
        if (one.java == name) return one.posix;
    return std::nullopt;
}

// Java's names of groups, (?<a>x), and of classes, \p{Alpha}, as RE2 writes them.
string Pattern(string_view java) {
    string text;
    bool is_in_class = false;
    for (size_t i = 0; i < java.size(); ++i) {
        const string_view rest = java.substr(i);
        if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
            const size_t end = rest.find('}');
            const auto posix =
                end == string_view::npos ? std::nullopt : PosixClass(rest.substr(3, end - 3));
            if (posix) {
                const string negation = rest[1] == 'P' ? "^" : "";
                const string named = "[:" + negation + string(*posix) + ":]";
                text += is_in_class ? named : "[" + named + "]";
                i += end;
                continue;
            }
        }
        if (java[i] == '[') is_in_class = true;
        if (java[i] == ']') is_in_class = false;
        const bool is_named = java.substr(i).starts_with("(?<") && i + 3 < java.size() &&
                              java[i + 3] != '=' && java[i + 3] != '!';
        text += java[i];
        if (java[i] == '\\' && i + 1 < java.size()) {
            text += java[++i];
        } else if (is_named) {
            text += "?P";
            ++i;
        }
    }
    return text;
}

bool IsUtf8(string_view bytes) { return duckdb::Value::StringIsValid(bytes.data(), bytes.size()); }
bool BytesAreUtf8(Bytes bytes) { return IsUtf8(bytes.data); }
string ValidText(Bytes bytes) {
    if (IsUtf8(bytes.data)) return bytes.data;
    throw Error(ErrorKind::kInvalidInput,
                "the bytes are no UTF-8: use try_validate_utf8 to get NULL instead");
}
std::optional<string> TryValidText(Bytes bytes) {
    if (IsUtf8(bytes.data)) return bytes.data;
    return std::nullopt;
}

}  // namespace

void RegisterSparkStrings(duckdb::ExtensionLoader& loader) {
    const duckdb::ScalarFunction functions[] = {
        Adapted<Base64>("spark_base64"),
        Adapted<Chr>("spark_chr"),
        Adapted<SubstringIndex>("spark_substring_index"),
        Adapted<FindInSet>("spark_find_in_set"),
        Adapted<Locate>("spark_locate"),
        Adapted<SpecialCapitals>("spark_special_capitals"),
        Adapted<SpecialSmallLetters>("spark_special_small_letters"),
        Adapted<Overlay>("spark_overlay"),
        Adapted<Quoted>("spark_quote"),
        Adapted<LuhnCheck>("spark_luhn_check"),
        Adapted<Mask>("spark_mask"),
        Adapted<Soundex>("spark_soundex"),
        Adapted<SplitPart>("spark_split_part"),
        Adapted<Replacement>("spark_replacement"),
        Adapted<Pattern>("spark_pattern"),
        Adapted<BytesAreUtf8>("spark_is_utf8"),
        Adapted<ValidText>("spark_valid_text"),
        Adapted<TryValidText>("spark_try_valid_text"),
    };
    for (const duckdb::ScalarFunction& function : functions) loader.RegisterFunction(function);
    const auto add_all = [&](const char* name,
                             std::initializer_list<duckdb::ScalarFunction> overloads) {
        duckdb::ScalarFunctionSet set(name);
        for (const duckdb::ScalarFunction& one : overloads) set.AddFunction(one);
        loader.RegisterFunction(set);
    };
    const char* name = "spark_substring";
    add_all(name, {Adapted<Substring>(name), Adapted<SubstringOfBytes>(name)});
    name = "spark_lpad";
    add_all(name, {Adapted<PadLeft>(name), Adapted<PadLeftWithBlanks>(name),
                   Adapted<PadBytesLeft>(name), Adapted<PadZerosLeft>(name)});
    name = "spark_rpad";
    add_all(name, {Adapted<PadRight>(name), Adapted<PadRightWithBlanks>(name),
                   Adapted<PadBytesRight>(name), Adapted<PadZerosRight>(name)});
}

}  // namespace tarn::engine::duck
