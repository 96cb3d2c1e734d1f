#include "engine/session.h"

#include "base/error.h"

namespace tarn::engine {

std::unique_ptr<Result> Session::Execute(std::string_view text, const ExecuteOptions& options) {
    sql::Statement statement;
    statement.text = std::string(text);
    return Execute(statement, options);
}

StatementStats Session::Run(std::string_view text, const ExecuteOptions& options) {
    auto result = Execute(text, options);
    std::vector<TextRow> rows;
    while (result->NextText(rows)) rows.clear();
    return result->Stats();
}

std::vector<TextRow> Session::Query(std::string_view text, const ExecuteOptions& options,
                                    size_t max_rows) {
    auto result = Execute(text, options);
    std::vector<TextRow> rows;
    while (result->NextText(rows)) {
        if (rows.size() > max_rows) {
            throw Error(ErrorKind::kLimitExceeded,
                        "the answer has more than {} rows: add LIMIT, or read it as a stream",
                        max_rows);
        }
    }
    return rows;
}

}  // namespace tarn::engine
