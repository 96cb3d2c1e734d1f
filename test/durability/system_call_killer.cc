#include "durability/system_call_killer.h"

#include <csignal>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tarn::durability {
namespace {

using SystemCall = __ptrace_syscall_info;

constexpr int kFailed = 1;
// Marks where counting begins; the child never gets the signal.
constexpr int kCountFromHere = SIGUSR1;
constexpr int kAtSystemCall = SIGTRAP | 0x80;

[[noreturn]] void BeChild(const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(kFailed);
    }
    _exit(0);
}

bool Changes(const SystemCall& call) {
    switch (call.entry.nr) {
        case SYS_write:
        case SYS_pwrite64:
        case SYS_writev:
        case SYS_pwritev:
        case SYS_pwritev2:
        case SYS_fsync:
        case SYS_fdatasync:
        case SYS_ftruncate:
        case SYS_fallocate:
        case SYS_copy_file_range:
        case SYS_renameat:
        case SYS_renameat2:
        case SYS_linkat:
        case SYS_unlinkat:
        case SYS_mkdirat:
#ifdef SYS_rename
        case SYS_rename:
        case SYS_link:
        case SYS_unlink:
        case SYS_mkdir:
        case SYS_rmdir:
#endif
            return true;
        case SYS_openat:
            return (call.entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
        default:
            return false;
    }
}

// Is this stopped thread about to change something.
bool IsAboutToChange(pid_t thread) {
    SystemCall call{};
    const long size = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(call), &call);
    return size > 0 && call.op == PTRACE_SYSCALL_INFO_ENTRY && Changes(call);
}

// Lets the child and its threads run until they end, or to their last call.
Killed Trace(pid_t child, uint64_t kill_at) {
    Killed result;
    bool counts = false;
    int status = 0;
    for (pid_t thread = 0; (thread = waitpid(-1, &status, __WALL)) > 0;) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread != child) continue;
            result.was_killed = WIFSIGNALED(status);
            result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
            return result;
        }
        int signal = WSTOPSIG(status);
        if (signal == kAtSystemCall) {
            signal = 0;
            if (counts && IsAboutToChange(thread) && ++result.calls == kill_at) {
                kill(child, SIGKILL);
                continue;
            }
        } else if (signal == kCountFromHere) {
            counts = true;
            signal = 0;
        } else if (signal == SIGTRAP || signal == SIGSTOP) {
            signal = 0;  // a thread was born
        }
        ptrace(PTRACE_SYSCALL, thread, nullptr, signal);
    }
    return result;
}

}  // namespace

Killed RunAndKill(const std::function<void()>& prepare, const std::function<void()>& work,
                  uint64_t kill_at) {
    const pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        raise(SIGSTOP);
        BeChild([&] {
            prepare();
            raise(kCountFromHere);
            work();
        });
    }
    int status = 0;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, nullptr,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
    ptrace(PTRACE_SYSCALL, child, nullptr, 0);
    return Trace(child, kill_at);
}

bool RunApart(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child == 0) BeChild(work);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace tarn::durability
