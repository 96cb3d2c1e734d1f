#include "catalog/state_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/posix_file.h"

namespace tarn::catalog {

namespace {

// statfs(2): NFS, SMB, CIFS, SMB2, Coda, AFS, Ceph, Lustre, GPFS, GFS2, OCFS2, 9p (also WSL's
// Windows drives).
constexpr std::array<unsigned long, 12> kNetworkTypes{
    0x6969,     0x517B,     0xFF534D42, 0xFE534D42, 0x73757245, 0x5346414F,
    0x00C36400, 0x0BD00BD0, 0x47504653, 0x01161970, 0x7461636F, 0x01021997};

}  // namespace

bool IsNetworkFileSystem(long type) {
    // f_type is signed on some machines: compare the 32 bits that the kernel gives.
    const auto bits = static_cast<unsigned long>(type) & 0xFFFFFFFFUL;
    return std::find(kNetworkTypes.begin(), kNetworkTypes.end(), bits) != kNetworkTypes.end();
}

void RefuseNetworkFileSystem(const std::string& folder) {
    struct statfs facts {};
    if (statfs(folder.c_str(), &facts) != 0) throw storage::PosixError(errno, "look at", folder);
    if (!IsNetworkFileSystem(static_cast<long>(facts.f_type))) return;
    throw Error(ErrorKind::kUnsupported,
                "{} lies on a network file system, where SQLite's locks do not hold: move the lake "
                "to a local disk "
                "(its tables may stay: set `warehouse` in tarn.yml)",
                folder);
}

void MakeStateFolder(const std::string& folder) {
    storage::MakeFolders(folder);
    RefuseNetworkFileSystem(folder);
}

bool PublishFile(const std::string& prepared, const std::string& path) {
    // link refuses a taken name; renameat2 does the same on file systems without hard links.
    bool taken = false;
    if (link(prepared.c_str(), path.c_str()) != 0) {
        taken = errno == EEXIST;
        if (!taken &&
            renameat2(AT_FDCWD, prepared.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
            if (errno != EEXIST) throw storage::PosixError(errno, "name", path);
            taken = true;
        }
    }
    unlink(prepared.c_str());
    storage::SyncFolder(storage::ParentFolder(path));
    return !taken;
}

}  // namespace tarn::catalog
