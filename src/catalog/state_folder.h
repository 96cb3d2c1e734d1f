// The folder of a lake's state (.tarn) on the local disk: made at the first write, a network file
// system is refused, as SQLite's locks do not hold there.
#pragma once

#include <string>

namespace tarn::catalog {

// Is a file system of this statfs f_type shared over a network.
bool IsNetworkFileSystem(long type);

// Makes the folder and refuses a network file system with Unsupported.
void MakeStateFolder(const std::string& folder);
void RefuseNetworkFileSystem(const std::string& folder);

// Gives `prepared` the name `path`, unless that name is taken: then false. Either way `prepared` is
// gone.
bool PublishFile(const std::string& prepared, const std::string& path);

}  // namespace tarn::catalog
