// Cuts a text into its SQL statements at every ';' that is not inside quotes or a comment.
// Incremental: text may arrive in any pieces, and the pieces never change the result. Does not know
// any statement. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/element.h"
#include "sql/script_block.h"
#include "sql/text_position.h"

namespace tarn::sql {

// The longest statement that is read; a longer one is LimitExceeded.
inline constexpr size_t kMaxStatementBytes = size_t{64} << 20;

// One statement: from its first to its last token, without ';' and without the white space and
// comments around it (those inside stay). Line, column and offset are those of its first byte in
// the whole input.
struct Statement {
    std::string text;
    int line = 1;
    int column = 1;
    size_t offset = 0;

    TextPosition position() const { return {offset, line, column}; }
};

class StatementSplitter {
public:
    explicit StatementSplitter(Dialect dialect = Dialect::kTarn) : dialect_(dialect) {}

    // How what is behind the last statement given out is quoted.
    void Speak(Dialect dialect) { dialect_ = dialect; }
    void Feed(std::string_view text);

    // The next statement whose ';' has arrived; nullopt when more text is needed. Empty ones and
    // those of comments only are dropped. Throws LimitExceeded beyond kMaxStatementBytes.
    std::optional<Statement> Next();

    // No more text will come: gives what is left as a statement, then nullopt. Throws InvalidInput
    // at the opening of a quote or block comment that never closed. The splitter may not be fed
    // afterwards.
    std::optional<Statement> Finish();

    // True when a statement, quote or comment has begun and not ended: a shell asks for another
    // line. Means something once Next gave nullopt.
    bool IsInStatement() const { return begin_ || region_ || cursor_ < buffer_.size(); }

private:
    std::optional<Statement> Scan(bool is_whole_input);
    bool ReadRegion(bool is_whole_input);
    void MoveTo(size_t cursor);
    void NoteToken(size_t begin, const TextPosition& position);
    std::optional<Statement> Take();
    void CheckLimit(size_t end) const;

    Dialect dialect_;
    std::string buffer_;     // input that is not yet given out
    size_t cursor_ = 0;      // read up to here
    TextPosition position_;  // of cursor_ in the whole input
    std::optional<Region> region_;
    size_t region_begin_ = 0;
    TextPosition region_position_;
    std::optional<size_t> begin_;  // of the statement's first token
    TextPosition begin_position_;
    size_t end_ = 0;     // of the statement's last token
    ScriptBlock block_;  // what its tokens say of a script
};

// All statements of a whole text. Throws as Next and Finish do.
std::vector<Statement> Split(std::string_view text, Dialect dialect = Dialect::kTarn);

}  // namespace tarn::sql
