#include "cli/line_editor.h"

#include <clocale>
#include <filesystem>
#include <iostream>

#include <fcntl.h>
#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

namespace tarn::cli {

struct LineEditor::State {
    explicit State(Interrupts& watched) : interrupts(watched) {}

    Interrupts& interrupts;
    std::string history_file;
    std::function<Completion(std::string_view)> complete;
    EditLine* editor = nullptr;
    History* history = nullptr;
    HistEvent event{};
    std::string prompt;
    bool interrupted = false;
    std::string pending;  // bytes of a character that has not wholly arrived
};

namespace {

LineEditor::State& StateOf(EditLine* editor) {
    LineEditor::State* state = nullptr;
    el_get(editor, EL_CLIENTDATA, &state);
    return *state;
}

char* Prompt(EditLine* editor) { return StateOf(editor).prompt.data(); }

size_t SequenceBytes(unsigned char lead) {
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

// The next character, waiting for an interrupt beside it: SIGINT is blocked and would else be seen
// too late.
int ReadCharacter(EditLine* editor, wchar_t* out) {
    LineEditor::State& state = StateOf(editor);
    state.pending.clear();
    while (true) {
        if (state.interrupts.WaitBeside(STDIN_FILENO)) {
            state.interrupted = true;
            return 0;
        }
        char byte = 0;
        if (read(STDIN_FILENO, &byte, 1) != 1) return 0;
        state.pending += byte;
        const auto lead = static_cast<unsigned char>(state.pending[0]);
        const size_t size = SequenceBytes(lead);
        if (state.pending.size() < size) continue;
        wchar_t point = size == 1 ? lead : static_cast<wchar_t>(lead & (0xFFU >> (size + 1)));
        for (size_t i = 1; i < size; ++i) {
            point = static_cast<wchar_t>((point << 6) | (state.pending[i] & 0x3F));
        }
        *out = point;
        return 1;
    }
}

unsigned char CompleteWord(EditLine* editor, int) {
    LineEditor::State& state = StateOf(editor);
    const LineInfo* line = el_line(editor);
    const std::string_view before(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
    const Completion completion = state.complete(before);
    if (!completion.insert.empty()) {
        return el_insertstr(editor, completion.insert.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    if (completion.candidates.size() < 2) return CC_ERROR;
    constexpr size_t kMostShown = 60;
    std::cout << "\n";
    for (size_t i = 0; i < completion.candidates.size() && i < kMostShown; ++i) {
        std::cout << completion.candidates[i] << "  ";
    }
    if (completion.candidates.size() > kMostShown) std::cout << "...";
    std::cout << "\n" << std::flush;
    return CC_REDISPLAY;
}

}  // namespace

LineEditor::LineEditor(Interrupts& interrupts, std::string history_file,
                       std::function<Completion(std::string_view)> complete)
    : state_(std::make_unique<State>(interrupts)) {
    state_->history_file = std::move(history_file);
    state_->complete = std::move(complete);
    // The editor counts characters by the locale's coding; everything of ours is UTF-8.
    setlocale(LC_CTYPE, "C.UTF-8");
    state_->editor = el_init("tarn", stdin, stdout, stderr);
    Check(state_->editor != nullptr, "the line editor could not start");
    state_->history = history_init();
    el_set(state_->editor, EL_CLIENTDATA, state_.get());
    el_set(state_->editor, EL_PROMPT, &Prompt);
    el_set(state_->editor, EL_EDITOR, "emacs");
    el_set(state_->editor, EL_GETCFN, &ReadCharacter);
    el_set(state_->editor, EL_ADDFN, "tarn-complete", "complete the word", &CompleteWord);
    el_set(state_->editor, EL_BIND, "^I", "tarn-complete", nullptr);
    el_set(state_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    history(state_->history, &state_->event, H_SETSIZE, kMaxHistory);
    history(state_->history, &state_->event, H_SETUNIQUE, 1);
    el_set(state_->editor, EL_HIST, history, state_->history);
    if (!state_->history_file.empty()) {
        history(state_->history, &state_->event, H_LOAD, state_->history_file.c_str());
    }
}

LineEditor::~LineEditor() {
    history_end(state_->history);
    el_end(state_->editor);
}

EditedLine LineEditor::Read(const std::string& prompt) {
    state_->prompt = prompt;
    state_->interrupted = false;
    int count = 0;
    // Before the prompt shows: what is typed at it at once must not meet the terminal's own Ctrl-D.
    el_set(state_->editor, EL_PREP_TERM, 1);
    const char* text = el_gets(state_->editor, &count);
    if (state_->interrupted) {
        el_reset(state_->editor);
        std::cout << "^C\n" << std::flush;
        return {EditedLine::Kind::kInterrupted};
    }
    if (text == nullptr || count <= 0) return {EditedLine::Kind::kEnd};
    std::string line(text, static_cast<size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    return {EditedLine::Kind::kLine, std::move(line)};
}

void LineEditor::Remember(const std::string& statement) {
    history(state_->history, &state_->event, H_ENTER, statement.c_str());
    if (state_->history_file.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(state_->history_file).parent_path(),
                                        ignored);
    // Statements may hold secrets: only their author may read them.
    const int file = open(state_->history_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
    history(state_->history, &state_->event, H_SAVE, state_->history_file.c_str());
}

}  // namespace tarn::cli
