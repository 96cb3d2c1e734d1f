// Who may do what: asked once for every statement, on what the plan really touches. Unknown means
// deny.
#pragma once

#include <string>

#include "engine/table_directory.h"

namespace tarn::engine {

struct Principal {
    std::string name = "local";
    // The owner of the lake's folder, at the command line: no rule stands above the file system's.
    bool is_local_owner = false;
};

enum class Action { kRead, kWrite, kCreate, kDrop, kAlter };

class AccessPolicy {
public:
    virtual ~AccessPolicy() = default;
    // Throws PermissionDenied, naming action and table.
    virtual void Authorize(const Principal& principal, Action action, const TableName& table) = 0;
};

// The policy until identity is configured: the local owner may do everything, nobody else anything.
class LocalOwnerPolicy final : public AccessPolicy {
public:
    void Authorize(const Principal& principal, Action action, const TableName& table) override;
};

}  // namespace tarn::engine
