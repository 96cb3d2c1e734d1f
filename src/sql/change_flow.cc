#include "sql/change_flow.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

constexpr std::array<std::string_view, 3> kFirstWords = {"CREATE", "APPLY", "AUTO"};

enum class Clause {
    kFrom,
    kKeys,
    kIgnoreNulls,
    kDelete,
    kTruncate,
    kSequence,
    kColumns,
    kStored,
    kTrack,
};

struct ClauseHead {
    Clause clause;
    std::vector<std::string_view> words;
};

const std::vector<ClauseHead>& Heads() {
    static const std::vector<ClauseHead> heads = {
        {Clause::kFrom, {"FROM"}},
        {Clause::kKeys, {"KEYS"}},
        {Clause::kIgnoreNulls, {"IGNORE", "NULL", "UPDATES"}},
        {Clause::kDelete, {"APPLY", "AS", "DELETE", "WHEN"}},
        {Clause::kTruncate, {"APPLY", "AS", "TRUNCATE", "WHEN"}},
        {Clause::kSequence, {"SEQUENCE", "BY"}},
        {Clause::kColumns, {"COLUMNS"}},
        {Clause::kStored, {"STORED", "AS", "SCD", "TYPE"}},
        {Clause::kTrack, {"TRACK", "HISTORY", "ON"}},
    };
    return heads;
}

std::string WordsOf(const ClauseHead& head) {
    std::string text;
    for (const std::string_view word : head.words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

const ClauseHead* HeadAt(const TokenCursor& cursor) {
    for (const ClauseHead& head : Heads()) {
        bool is_here = true;
        for (size_t i = 0; i < head.words.size(); ++i)
            is_here = is_here && IsWord(cursor.Peek(i), head.words[i]);
        if (is_here) return &head;
    }
    return nullptr;
}

[[noreturn]] void Fail(ErrorKind kind, const TextPosition& at, const std::string& words) {
    throw Error(kind, "{}", words).At(SpotOf(at));
}

class FlowReader {
public:
    FlowReader(const TokenCursor& cursor, Dialect dialect) : cursor_(cursor), dialect_(dialect) {}

    std::optional<ChangeFlow> Read() {
        if (!ReadHead()) return std::nullopt;
        if (flow_.target.empty()) ReadTarget();
        if (flow_.name.empty()) flow_.name = flow_.target.back();
        while (!cursor_.AtEnd()) ReadClause();
        Check();
        return std::move(flow_);
    }

private:
    void ReadTarget() {
        flow_.target = cursor_.ExpectQualifiedName("the table that takes the changes").parts;
    }

    // A streaming table and its flow in one.
    bool ReadStreamingTable() {
        const size_t begin = cursor_.index();
        if (!cursor_.AcceptWords({"OR", "REFRESH"})) cursor_.AcceptWords({"OR", "REPLACE"});
        const bool is_one = cursor_.AcceptWords({"STREAMING", "TABLE"});
        if (is_one) {
            cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
            ReadTarget();
            if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
            if (cursor_.AcceptWord("TBLPROPERTIES")) cursor_.SkipGroup();
            if (cursor_.AcceptWords({"FLOW", "AUTO", "CDC"})) return true;
        }
        flow_.target.clear();
        cursor_.MoveTo(begin);
        return false;
    }

    // Up to where the target's name or, of a streaming table, the first clause stands.
    bool ReadHead() {
        const TextPosition begin = cursor_.Peek().position;
        if (cursor_.AcceptWords({"APPLY", "CHANGES", "INTO"})) return true;
        if (cursor_.AcceptWords({"AUTO", "CDC", "INTO"})) return true;
        if (!cursor_.AcceptWord("CREATE")) return false;
        if (ReadStreamingTable()) return true;
        cursor_.AcceptWords({"OR", "REPLACE"});
        if (!cursor_.AcceptWord("FLOW")) return false;
        flow_.name = cursor_.ExpectName("a name for the flow");
        if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
        cursor_.ExpectWord("AS");
        if (cursor_.AtWords({"INSERT", "INTO"})) {
            Fail(ErrorKind::kUnsupported, begin,
                 "CREATE FLOW ... AS INSERT INTO is not run by this version: use an incremental "
                 "model of tarn build");
        }
        if (cursor_.AcceptWords({"APPLY", "CHANGES", "INTO"})) return true;
        cursor_.ExpectWord("AUTO");
        cursor_.ExpectWord("CDC");
        cursor_.ExpectWord("INTO");
        return true;
    }

    void ReadClause() {
        const ClauseHead* head = HeadAt(cursor_);
        if (head == nullptr) cursor_.FailExpected("a clause of AUTO CDC, such as KEYS (...)");
        const bool is_new = std::find(seen_.begin(), seen_.end(), head->clause) == seen_.end();
        if (!is_new) {
            Fail(ErrorKind::kInvalidInput, cursor_.Peek().position,
                 WordsOf(*head) + " stands twice");
        }
        seen_.push_back(head->clause);
        clause_position_ = cursor_.Peek().position;
        for (size_t i = 0; i < head->words.size(); ++i) cursor_.Next();
        Take(head->clause);
    }

    void Take(Clause clause) {
        switch (clause) {
            case Clause::kFrom:
                return ReadSource();
            case Clause::kKeys:
                flow_.rules.keys = ExpectColumns();
                return;
            case Clause::kIgnoreNulls:
                flow_.rules.ignore_null_updates = true;
                return;
            case Clause::kDelete:
                flow_.rules.delete_when = ReadCondition();
                return;
            case Clause::kTruncate:
                flow_.rules.truncate_when = ReadCondition();
                return;
            case Clause::kSequence:
                return ReadSequence();
            case Clause::kColumns:
                flow_.rules.columns = ReadChoice();
                return;
            case Clause::kStored:
                return ReadType();
            case Clause::kTrack:
                track_position_ = clause_position_;
                flow_.rules.tracked = ReadChoice();
                return;
        }
    }

    // source, STREAM source, STREAM(source)
    void ReadSource() {
        const bool is_call = IsSymbol(cursor_.Peek(1), "(");
        const bool is_name = IsSymbol(cursor_.Peek(1), ".") || HeadAtNext();
        flow_.is_stream = !is_name && cursor_.AcceptWord("STREAM");
        const bool in_group = flow_.is_stream && is_call && cursor_.AcceptSymbol("(");
        flow_.source_position = cursor_.Peek().position;
        flow_.source = cursor_.ExpectQualifiedName("the table that has the changes").parts;
        if (in_group) cursor_.ExpectSymbol(")");
    }

    // A table may itself be called stream.
    bool HeadAtNext() {
        TokenCursor next = cursor_;
        next.Next();
        return next.AtEnd() || HeadAt(next) != nullptr;
    }

    // x, or STRUCT(x, y)
    void ReadSequence() {
        if (cursor_.AtWord("STRUCT") && IsSymbol(cursor_.Peek(1), "(")) {
            cursor_.Next();
            flow_.rules.sequence_by = ExpectColumns();
            return;
        }
        flow_.rules.sequence_by = {cursor_.ExpectName("the column that orders the changes")};
    }

    void ReadType() {
        const std::string_view type = cursor_.Peek().text;
        if (type != "1" && type != "2") cursor_.FailExpected("1 or 2");
        flow_.rules.keeps_history = type == "2";
        cursor_.Next();
    }

    // (a, b), a, b, * or * EXCEPT (a, b)
    ColumnChoice ReadChoice() {
        if (!cursor_.AcceptSymbol("*")) return {ColumnChoice::Takes::kNamed, ExpectColumns()};
        if (!cursor_.AcceptWord("EXCEPT")) return {};
        return {ColumnChoice::Takes::kAllBut, ExpectColumns()};
    }

    std::vector<std::string> ExpectColumns() {
        std::vector<std::string> columns;
        const bool in_group = cursor_.AcceptSymbol("(");
        do {
            columns.push_back(cursor_.ExpectName("a column"));
        } while (cursor_.AcceptSymbol(","));
        if (in_group) cursor_.ExpectSymbol(")");
        return columns;
    }

    // Up to the next clause, as SQL of the engine.
    std::string ReadCondition() {
        std::string text;
        while (!cursor_.AtEnd() && HeadAt(cursor_) == nullptr) {
            const size_t first = cursor_.index();
            cursor_.SkipGroup();
            for (size_t i = first; i < cursor_.index(); ++i) {
                if (!text.empty()) text += ' ';
                text += Spelled(cursor_.tokens()[i]);
            }
        }
        if (text.empty()) cursor_.FailExpected("a condition");
        return text;
    }

    std::string Spelled(const Token& token) const {
        if (token.kind == TokenKind::kQuotedIdentifier && token.text.front() == '`')
            return QuoteIdentifier(UnquoteIdentifier(token.text));
        if (token.kind == TokenKind::kString && dialect_ == Dialect::kSpark)
            return QuoteLiteral(UnquoteSparkLiteral(token.text));
        return std::string(token.text);
    }

    bool Has(Clause clause) const {
        return std::find(seen_.begin(), seen_.end(), clause) != seen_.end();
    }

    void Check() {
        for (const Clause needed : {Clause::kFrom, Clause::kKeys, Clause::kSequence}) {
            if (Has(needed)) continue;
            const auto head = std::find_if(Heads().begin(), Heads().end(),
                                           [&](const auto& one) { return one.clause == needed; });
            Fail(ErrorKind::kInvalidInput, cursor_.Peek().position,
                 "AUTO CDC needs " + WordsOf(*head));
        }
        if (Has(Clause::kTrack) && !flow_.rules.keeps_history) {
            Fail(ErrorKind::kInvalidInput, track_position_,
                 "TRACK HISTORY ON goes with STORED AS SCD TYPE 2");
        }
    }

    TokenCursor cursor_;
    const Dialect dialect_;
    ChangeFlow flow_;
    std::vector<Clause> seen_;
    TextPosition clause_position_;
    TextPosition track_position_;
};

}  // namespace

std::optional<ChangeFlow> ReadChangeFlow(const Statement& statement, Dialect dialect) {
    // Most statements are none of these, and some are long.
    const std::string_view text = Trim(statement.text);
    const bool may_be = std::any_of(kFirstWords.begin(), kFirstWords.end(), [&](auto word) {
        return EqualsIgnoreCase(text.substr(0, word.size()), word);
    });
    // A comment may stand before it.
    if (!may_be && !text.starts_with("--") && !text.starts_with("/*")) return std::nullopt;
    const std::vector<Token> tokens = Lex(statement, dialect);
    return FlowReader(TokenCursor(tokens), dialect).Read();
}

}  // namespace tarn::sql
