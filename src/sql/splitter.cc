#include "sql/splitter.h"

#include "base/error.h"

namespace tarn::sql {
namespace {

// A script is refused anyway: a longer one need not be kept until its END is found.
constexpr size_t kMaxScriptBytes = size_t{256} << 10;

// Within a script a ';' ends only one of its statements.
bool IsWithinScript(ScriptBlock block) {
    block.Note(";");
    return block.IsOpen();
}

[[noreturn]] void FailLongScript(const TextPosition& at) {
    throw Error(ErrorKind::kLimitExceeded,
                "a script (BEGIN ... END) is longer than {} bytes; send its statements one by one",
                kMaxScriptBytes)
        .At(SpotOf(at));
}

}  // namespace

void StatementSplitter::Feed(std::string_view text) {
    // What lies before the statement in hand was given out or is trivia; dropping it only when it
    // is the greater part keeps the cost of moving bytes linear.
    size_t kept_from = begin_ ? *begin_ : region_ ? region_begin_ : cursor_;
    if (kept_from > buffer_.size() / 2) {
        buffer_.erase(0, kept_from);
        cursor_ -= kept_from;
        region_begin_ -= region_ ? kept_from : region_begin_;
        if (begin_) {
            *begin_ -= kept_from;
            end_ -= kept_from;
        }
    }
    buffer_ += text;
}

std::optional<Statement> StatementSplitter::Next() { return Scan(false); }

std::optional<Statement> StatementSplitter::Finish() { return Scan(true); }

std::optional<Statement> StatementSplitter::Scan(bool is_whole_input) {
    while (true) {
        if (region_ && !ReadRegion(is_whole_input)) return std::nullopt;
        if (cursor_ >= buffer_.size()) break;
        Element element = ElementAt(buffer_, cursor_, is_whole_input, dialect_);
        switch (element.kind) {
            case ElementKind::kUndecided:
                CheckLimit(buffer_.size());
                return std::nullopt;
            case ElementKind::kRegion:
                region_begin_ = cursor_;
                region_position_ = position_;
                region_.emplace(element.region,
                                std::string_view(buffer_).substr(cursor_, element.length));
                if (!IsComment(element.region)) {
                    NoteToken(cursor_, position_);
                    block_.Note({});
                }
                MoveTo(cursor_ + element.length);
                break;
            case ElementKind::kSpace:
                MoveTo(cursor_ + element.length);
                break;
            case ElementKind::kSymbol:
                if (buffer_[cursor_] == ';' && !(begin_ && IsWithinScript(block_))) {
                    MoveTo(cursor_ + 1);
                    if (begin_) return Take();
                    break;
                }
                [[fallthrough]];
            case ElementKind::kWord:
                NoteToken(cursor_, position_);
                block_.Note(std::string_view(buffer_).substr(cursor_, element.length));
                MoveTo(cursor_ + element.length);
                end_ = cursor_;
                if (block_.IsOpen() && cursor_ - *begin_ > kMaxScriptBytes)
                    FailLongScript(begin_position_);
                break;
        }
    }
    CheckLimit(cursor_);
    if (is_whole_input && begin_) return Take();
    return std::nullopt;
}

// True when the region is read to its end and reading may go on.
bool StatementSplitter::ReadRegion(bool is_whole_input) {
    size_t pos = cursor_;
    bool closed = region_->Continue(buffer_, pos, is_whole_input);
    MoveTo(pos);
    if (closed) {
        if (!IsComment(region_->kind())) end_ = cursor_;
        region_.reset();
        return true;
    }
    if (is_whole_input) {
        throw Error(ErrorKind::kInvalidInput,
                    "the {} that opens here is never closed; close it or remove its opening",
                    NameOf(region_->kind()))
            .At(SpotOf(region_position_));
    }
    CheckLimit(buffer_.size());
    return false;
}

void StatementSplitter::MoveTo(size_t cursor) {
    position_ = After(position_, std::string_view(buffer_).substr(cursor_, cursor - cursor_));
    cursor_ = cursor;
}

void StatementSplitter::NoteToken(size_t begin, const TextPosition& position) {
    if (begin_) return;
    begin_ = begin;
    begin_position_ = position;
}

std::optional<Statement> StatementSplitter::Take() {
    CheckLimit(end_);
    Statement statement{buffer_.substr(*begin_, end_ - *begin_), begin_position_.line,
                        begin_position_.column, begin_position_.offset};
    begin_.reset();
    block_ = {};
    return statement;
}

void StatementSplitter::CheckLimit(size_t end) const {
    size_t from = begin_ ? *begin_ : region_ ? region_begin_ : cursor_;
    if (end - from <= kMaxStatementBytes) return;
    throw Error(ErrorKind::kLimitExceeded,
                "a statement is longer than {} bytes; split it, or load its data from a file",
                kMaxStatementBytes)
        .At(SpotOf(begin_    ? begin_position_
                   : region_ ? region_position_
                             : position_));
}

std::vector<Statement> Split(std::string_view text, Dialect dialect) {
    StatementSplitter splitter(dialect);
    splitter.Feed(text);
    std::vector<Statement> statements;
    while (auto statement = splitter.Next()) statements.push_back(std::move(*statement));
    while (auto statement = splitter.Finish()) statements.push_back(std::move(*statement));
    return statements;
}

}  // namespace tarn::sql
