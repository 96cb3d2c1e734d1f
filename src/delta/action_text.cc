#include <algorithm>

#include <simdjson.h>

#include "base/check.h"
#include "base/error.h"
#include "delta/action_parse.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Where the object ends that begins at `at`; npos when none does, or it does not end.
size_t EndOfObject(std::string_view text, size_t at) {
    if (text[at] != '{') return std::string_view::npos;
    size_t depth = 0;
    bool is_in_string = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (is_in_string) {
            if (c == '\\') ++at;
            is_in_string = c != '"';
        } else if (c == '"') {
            is_in_string = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

size_t LinesIn(std::string_view text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

class AsActions final : public ActionSink {
public:
    explicit AsActions(const std::function<void(Action&&)>& take) : take_(take) {}

    void TakeAdd(const ParsedAdd& parsed) override {
        Add add = parsed.file.ToAdd(parsed.data_change);
        if (!unescaper_.Append(add.stats, parsed.escaped_stats)) {
            throw Error(ErrorKind::kCorrupt, "the statistics are no JSON string");
        }
        take_(std::move(add));
    }
    void Take(Action&& action) override { take_(std::move(action)); }

private:
    const std::function<void(Action&&)>& take_;
    JsonUnescaper unescaper_;
};

}  // namespace

bool ActionReader::ReadLines(std::string_view text, ActionSink& sink) {
    try {
        for (size_t at = 0; at < text.size();) {
            const size_t end = std::min(text.find('\n', at), text.size());
            const size_t size = end - at;
            if (size > 1 || (size == 1 && text[at] != '\r')) {
                Parse(text, at, size);
                Give(sink);
            }
            at = end + 1;
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kUnsupported) throw;
        return false;
    }
    return true;
}

// Reads what begins at text[at]; where it ends.
size_t ActionReader::ParseNext(std::string_view text, size_t at, bool& is_by_lines) {
    size_t end = std::string_view::npos;
    if (is_by_lines) {
        const size_t line_end = std::min(text.find('\n', at), text.size());
        try {
            Parse(text, at, line_end - at);
            return line_end;
        } catch (const Error&) {
            end = EndOfObject(text, at);
            if (end == std::string_view::npos) throw;
            const bool is_whole_line =
                end <= line_end && text.substr(end, line_end - end).find_first_not_of(kSpace) ==
                                       std::string_view::npos;
            if (is_whole_line) throw;
            is_by_lines = false;
        }
    } else {
        end = EndOfObject(text, at);
    }
    if (end == std::string_view::npos) throw Error(ErrorKind::kCorrupt, "no whole JSON object");
    Parse(text, at, end - at);
    return end;
}

void ActionReader::ReadText(std::string_view text, std::string_view name, ActionSink& sink) {
    bool is_by_lines = true;  // until a line is not one object
    size_t line = 1;
    for (size_t at = 0; at < text.size();) {
        if (kSpace.find(text[at]) != std::string_view::npos) {
            if (text[at++] == '\n') ++line;
            continue;
        }
        try {
            const size_t end = ParseNext(text, at, is_by_lines);
            Give(sink);
            if (!is_by_lines) line += LinesIn(text.substr(at, end - at));
            at = end;
        } catch (const Error& error) {
            throw Error(error.kind(), "{}, line {}: {}", name, line, error.message());
        }
    }
}

struct JsonUnescaper::State {
    simdjson::ondemand::parser parser;
    std::string padded;
};

JsonUnescaper::JsonUnescaper() : state_(std::make_unique<State>()) {
    Check(state_->parser.allocate(1) == simdjson::SUCCESS, "a parser of strings is made");
}

JsonUnescaper::~JsonUnescaper() = default;

bool JsonUnescaper::Append(std::string& out, std::string_view escaped) {
    if (escaped.find('\\') == std::string_view::npos) {
        out.append(escaped);
        return true;
    }
    std::string& padded = state_->padded;
    padded.assign(escaped).append(1, '"').append(simdjson::SIMDJSON_PADDING, '\0');
    const size_t size_before = out.size();
    out.resize(size_before + padded.size());
    auto* const first = reinterpret_cast<uint8_t*>(out.data() + size_before);
    uint8_t* end = first;
    const simdjson::ondemand::raw_json_string raw(reinterpret_cast<const uint8_t*>(padded.data()));
    const bool is_good = state_->parser.unescape(raw, end).error() == simdjson::SUCCESS;
    out.resize(size_before + (is_good ? static_cast<size_t>(end - first) : 0));
    return is_good;
}

void ParseActions(std::string_view bytes, std::string_view name,
                  const std::function<void(Action&&)>& take) {
    AsActions sink(take);
    ActionReader().ReadText(bytes, name, sink);
}

}  // namespace tarn::delta
