// The secret that signs cursors, kept beside the lake's state so that they outlive a restart.
#pragma once

#include <string>

namespace tarn::serve {

// The signing key kept in the file: 32 random bytes, mode 0600, made when it is missing; several
// processes that make it at once agree on one. PermissionDenied when others may read it, Corrupt
// when it is no key.
std::string LoadOrCreateCursorKey(const std::string& path);

}  // namespace tarn::serve
