// The text of an SQL logic test, read into records (test/sql/README.md gives the form). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace tarn::sqllogic {

struct StatementRecord {
    std::string sql;
    std::optional<uint64_t> count;         // rows that it must change
    std::optional<std::string> error;      // the kind's name; nothing: it must run
    std::optional<std::string> error_at;   // "line:column"
    std::vector<std::string> error_names;  // what its message must name
};

struct QueryRecord {
    std::string sql;
    size_t columns = 0;
    bool in_any_order = false;
    std::vector<std::string> rows;  // as written: values separated by tabs
};

struct ConnectionRecord {
    std::string name;
};
struct RestartRecord {};
struct RequireRecord {
    std::string store;
};

struct Record {
    int line = 0;  // of the record's first line
    std::variant<StatementRecord, QueryRecord, ConnectionRecord, RestartRecord, RequireRecord>
        content;
};

// InvalidInput with the place of what is wrong.
std::vector<Record> ReadScript(std::string_view text, const std::string& file);

}  // namespace tarn::sqllogic
