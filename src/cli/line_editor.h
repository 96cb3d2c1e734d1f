// One line at a time from a terminal, with editing, history and completion (libedit). One a
// process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/completion.h"
#include "cli/interrupt.h"

namespace tarn::cli {

struct EditedLine {
    enum class Kind { kLine, kInterrupted, kEnd };
    Kind kind = Kind::kEnd;
    std::string text{};  // without its line break
};

class LineEditor {
public:
    static constexpr int kMaxHistory = 2000;

    // `history_file` is read now and written at each Remember; empty: history is not kept.
    LineEditor(Interrupts& interrupts, std::string history_file,
               std::function<Completion(std::string_view before_cursor)> complete);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    EditedLine Read(const std::string& prompt);
    void Remember(const std::string& statement);

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace tarn::cli
