#include "catalog/process_identity.h"

#include <cerrno>
#include <fstream>
#include <sstream>

#include <signal.h>
#include <unistd.h>

namespace tarn::catalog {

namespace {

std::string FirstLine(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

// Containers on one machine share the boot id, not the process ids: the namespace tells them apart.
std::string HostId() {
    char space[64] = {};
    const ssize_t length = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
    return FirstLine("/proc/sys/kernel/random/boot_id") + "/" +
           std::string(space, length > 0 ? size_t(length) : 0);
}

// proc(5), field 22 of stat.
std::string ProcessStarted(int64_t process) {
    const std::string line = FirstLine("/proc/" + std::to_string(process) + "/stat");
    const size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) return "";
    std::istringstream fields(line.substr(name_end + 1));
    std::string field;
    fields >> field;
    // A zombie still has its number, and works on nothing.
    if (field == "Z" || field == "X") return "";
    for (int i = 4; i <= 22; ++i) fields >> field;
    return field;
}

std::string BootOf(const std::string& host) { return host.substr(0, host.find('/')); }

}  // namespace

ProcessIdentity ProcessIdentity::OfThis() {
    const int64_t process = getpid();
    return {HostId(), process, ProcessStarted(process)};
}

bool ProcessIdentity::IsGone() const {
    if (host != HostId()) return false;
    if (kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH) return true;
    return ProcessStarted(process) != started;
}

bool ProcessIdentity::IsOfEarlierBoot() const { return BootOf(host) != BootOf(HostId()); }

}  // namespace tarn::catalog
