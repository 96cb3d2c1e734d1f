// Reads actions out of JSON without copying adds, of which a log may have millions. Whoever wants
// values takes ParseActions (actions.h). Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "delta/actions.h"
#include "delta/file_view.h"

namespace tarn::delta {

// Valid during the call that gives it.
struct ParsedAdd {
    FileView file;  // without its stats and what follows from them
    // The statistics as they stand between the quotes of their JSON string; empty: none.
    std::string_view escaped_stats;
    bool data_change = true;
};

class ActionSink {
public:
    virtual ~ActionSink() = default;
    virtual void TakeAdd(const ParsedAdd& add) = 0;
    // Every other known action.
    virtual void Take(Action&& action) = 0;
};

class ActionReader {
public:
    ActionReader();
    ~ActionReader();
    ActionReader(const ActionReader&) = delete;
    ActionReader& operator=(const ActionReader&) = delete;

    // The actions of a text with one JSON object a line. false: a line was refused; what the sink
    // has got counts for nothing, and ReadText tells what is the matter.
    bool ReadLines(std::string_view text, ActionSink& sink);
    // Those of a text of objects with any white space between and inside. Corrupt, Unsupported,
    // with file and line.
    void ReadText(std::string_view text, std::string_view name, ActionSink& sink);

private:
    struct State;

    // One object of the text, wholly before any of it is given.
    void Parse(std::string_view text, size_t at, size_t size);
    void Give(ActionSink& sink);
    size_t ParseNext(std::string_view text, size_t at, bool& is_by_lines);

    std::unique_ptr<State> state_;
};

// What a JSON string says, of what stands between its quotes.
class JsonUnescaper {
public:
    JsonUnescaper();
    ~JsonUnescaper();
    JsonUnescaper(const JsonUnescaper&) = delete;
    JsonUnescaper& operator=(const JsonUnescaper&) = delete;

    // Appended. false: an escape is broken; nothing was appended.
    bool Append(std::string& out, std::string_view escaped);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::delta
