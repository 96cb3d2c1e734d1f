// Small words for tests that speak SQL to a session.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/session.h"

namespace tarn::engine {

// The kind of error that the statement ends with; none is a failure of the test.
inline ErrorKind KindOf(Session& session, std::string_view sql,
                        const ExecuteOptions& options = {}) {
    try {
        session.Run(sql, options);
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "no error: " << sql;
    return ErrorKind::kInternal;
}

// Rows as one text: values by "|", rows by newline, NULL as "NULL".
inline std::string Rows(Session& session, std::string_view sql,
                        const ExecuteOptions& options = {}) {
    std::string text;
    try {
        for (const TextRow& row : session.Query(sql, options)) {
            if (!text.empty()) text += "\n";
            for (size_t i = 0; i < row.size(); i++)
                text += (i > 0 ? "|" : "") + row[i].value_or("NULL");
        }
    } catch (const Error& error) {
        return error.what();
    }
    return text;
}

}  // namespace tarn::engine
