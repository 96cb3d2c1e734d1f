#include "sqllogic/script.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::sqllogic {

namespace {

class Reader {
public:
    Reader(std::string_view text, const std::string& file)
        : lines_(Split(text, '\n')), file_(file) {
        for (std::string& line : lines_) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
        }
    }

    std::vector<Record> Read() {
        std::vector<Record> records;
        while (SkipToRecord()) {
            const int line = static_cast<int>(at_) + 1;
            std::vector<std::string> words;
            for (const std::string& word : Split(lines_[at_], ' ')) {
                if (!word.empty()) words.push_back(word);
            }
            ++at_;
            records.push_back({line, ReadRecord(words)});
        }
        return records;
    }

private:
    bool SkipToRecord() {
        while (at_ < lines_.size() && (Trim(lines_[at_]).empty() || lines_[at_].front() == '#'))
            ++at_;
        return at_ < lines_.size();
    }

    decltype(Record::content) ReadRecord(const std::vector<std::string>& words) {
        const std::string& head = words.front();
        if (head == "statement" && words.size() >= 2) return ReadStatement(words);
        if (head == "query" && words.size() >= 2) return ReadQuery(words);
        if (head == "connection" && words.size() == 2) return ConnectionRecord{words[1]};
        if (head == "restart" && words.size() == 1) return RestartRecord{};
        if (head == "require" && words.size() == 2 &&
            (words[1] == "disk" || words[1] == "memory")) {
            return RequireRecord{words[1]};
        }
        throw Mistake("expected a statement, query, connection, restart or require record");
    }

    StatementRecord ReadStatement(const std::vector<std::string>& words) {
        StatementRecord record;
        if (words[1] == "count" && words.size() == 3 && ParseInt(words[2])) {
            record.count = static_cast<uint64_t>(*ParseInt(words[2]));
        } else if (words[1] == "error" && words.size() >= 3) {
            ReadError(words, record);
        } else if (words[1] != "ok" || words.size() != 2) {
            throw Mistake(
                "expected `statement ok`, `statement count N` or `statement error KIND "
                "[line:column] [naming WORD...]`");
        }
        record.sql = ReadSql();
        return record;
    }

    void ReadError(const std::vector<std::string>& words, StatementRecord& record) const {
        record.error = words[2];
        CheckKind(words[2]);
        size_t next = 3;
        if (next < words.size() && words[next] != "naming") record.error_at = words[next++];
        if (next == words.size()) return;
        if (words[next] != "naming" || next + 1 == words.size())
            throw Mistake("expected `naming` and words behind the place of an error");
        record.error_names.assign(words.begin() + static_cast<ptrdiff_t>(next) + 1, words.end());
    }

    void CheckKind(const std::string& name) const {
        const auto& kinds = AllErrorKinds();
        const bool known = std::any_of(kinds.begin(), kinds.end(),
                                       [&](ErrorKind kind) { return TraitsOf(kind).name == name; });
        if (!known) throw Mistake(fmt::format("{} is no kind of error", name));
    }

    QueryRecord ReadQuery(const std::vector<std::string>& words) {
        QueryRecord record;
        record.columns = words[1].size();
        if (words.size() > 3 || (words.size() == 3 && words[2] != "rowsort")) {
            throw Mistake("expected `query LETTERS [rowsort]`");
        }
        record.in_any_order = words.size() == 3;
        record.sql = ReadSql();
        if (at_ >= lines_.size() || lines_[at_] != "----")
            throw Mistake("a query needs a line `----` before its rows");
        for (++at_; at_ < lines_.size() && !lines_[at_].empty(); ++at_)
            record.rows.push_back(lines_[at_]);
        return record;
    }

    std::string ReadSql() {
        std::string sql;
        for (; at_ < lines_.size() && !Trim(lines_[at_]).empty() && lines_[at_] != "----"; ++at_) {
            if (!sql.empty()) sql += '\n';
            sql += lines_[at_];
        }
        if (sql.empty()) throw Mistake("the record has no SQL");
        return sql;
    }

    Error Mistake(std::string message) const {
        return Error(ErrorKind::kInvalidInput, std::move(message))
            .At({file_, static_cast<int>(at_), 1});
    }

    std::vector<std::string> lines_;
    std::string file_;
    size_t at_ = 0;
};

}  // namespace

std::vector<Record> ReadScript(std::string_view text, const std::string& file) {
    return Reader(text, file).Read();
}

}  // namespace tarn::sqllogic
