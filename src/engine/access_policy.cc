#include "engine/access_policy.h"

#include "base/error.h"

namespace tarn::engine {
namespace {

std::string_view Verb(Action action) {
    switch (action) {
        case Action::kRead:
            return "read";
        case Action::kWrite:
            return "write";
        case Action::kCreate:
            return "create";
        case Action::kDrop:
            return "drop";
        case Action::kAlter:
            return "alter";
    }
    return "use";
}

}  // namespace

void LocalOwnerPolicy::Authorize(const Principal& principal, Action action,
                                 const TableName& table) {
    if (principal.is_local_owner) return;
    throw Error(ErrorKind::kPermissionDenied,
                "{} may not {} {}: only the owner of the lake's folder may", principal.name,
                Verb(action), table.ToString());
}

}  // namespace tarn::engine
