// The Spark spelling of time travel, made the engine's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/statement_rewriter.h"

namespace tarn::sql {

// The version or time that a name ends with: t@v5, t@20260131235959000 (yyyyMMddHHmmssSSS).
struct NamedVersion {
    std::string name;  // without it
    bool is_time = false;
    std::string text;  // the version's digits, or the time as '2026-01-31 23:59:59.000'
};
// Nothing when the name does not end so.
std::optional<NamedVersion> SplitNamedVersion(std::string_view name);

// From the token `first` on, where nothing is edited yet: t [FOR] VERSION AS OF 5 [[AS] a] becomes
// t [[AS] a] AT (VERSION => 5), for the engine wants the alias first; likewise TIMESTAMP AS OF
// expression, SYSTEM_VERSION and SYSTEM_TIME, and the short t@v5. Throws InvalidInput when no
// version or time follows.
void RewriteTimeTravel(StatementRewriter& rewriter, size_t first);

}  // namespace tarn::sql
