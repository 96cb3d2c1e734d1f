// Failures across the border: DuckDB's exceptions become tarn::Error by their type, and a
// tarn::Error thrown inside one of our operators travels through DuckDB (which knows only text)
// with its kind beside it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "duckdb.hpp"

namespace tarn::engine::duck {

// Throws the error as a DuckDB exception that FromDuck turns back into the same error. `position`:
// the byte of DuckDB's text that it is about.
[[noreturn]] void ThrowIntoDuck(const Error& error, duckdb::optional_idx position = {});
duckdb::ErrorData ToErrorData(const Error& error);

// Runs code of ours that DuckDB calls: a tarn::Error leaves it in DuckDB's form.
template <typename Function>
decltype(auto) Guarded(Function&& function, duckdb::optional_idx position = {}) {
    try {
        return std::forward<Function>(function)();
    } catch (const Error& error) {
        ThrowIntoDuck(error, position);
    }
}

// Why a statement was interrupted, when it was.
enum class InterruptCause { kCancelled, kTimeout };

struct TranslatedError {
    Error error;
    // Byte offset in the text that DuckDB was given.
    std::optional<size_t> position;
};

TranslatedError FromDuck(const duckdb::ErrorData& data,
                         InterruptCause cause = InterruptCause::kCancelled);
// For code outside statements: DuckDB's exception, whatever it is, as a tarn::Error.
Error FromException(const std::exception& exception);
// Reading a file that a table names failed: Corrupt, unless the store or the machine is at fault.
Error AboutStoredFile(const std::string& location, const std::exception& exception);

}  // namespace tarn::engine::duck
