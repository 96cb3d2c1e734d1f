// The SQL functions that Tarn adds to the engine's own: what duck/ registers and what the reference
// page says of them; what needs keys is registered by AddPiiFunctions. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

namespace tarn::engine {

enum class OwnFunctionId {
    kTableHistory,
    kTableDetail,
    kTableChanges,
    kTableChangesByPath,
    kTableAppends,
    kCurrentTimestamp,
    kPiiHash,
    kPiiToken,
    kPiiPartial,
};

struct OwnFunction {
    OwnFunctionId id;
    std::string_view name;
    std::string_view arguments;  // `[, ..]` may be left out
    std::string_view meaning;
};

// Every OwnFunctionId once.
const std::vector<OwnFunction>& OwnFunctions();

}  // namespace tarn::engine
