#include "base/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

namespace tarn {

namespace {

constexpr int kCannotRun = 127;
constexpr int kSignalBase = 128;
constexpr int kPollMs = 50;

Error Failed(std::string_view what) {
    return Error(ErrorKind::kUnavailable, "{}: {}", what, std::strerror(errno));
}

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() { Close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void Close() {
        if (fd_ >= 0) close(fd_);
        fd_ = -1;
    }
    void Own(int fd) {
        Close();
        fd_ = fd;
    }
    int fd() const { return fd_; }

private:
    int fd_;
};

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Failed("no pipe could be made");
        read.Own(ends[0]);
        write.Own(ends[1]);
    }
    Descriptor read;
    Descriptor write;
};

std::vector<std::string> EnvironmentOf(const ChildProgram& program) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view entry(*one);
        if (!program.environment.contains(std::string(entry.substr(0, entry.find('=')))))
            all.emplace_back(entry);
    }
    for (const auto& [name, value] : program.environment) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

// Behind fork(): only what is safe within a signal may be called.
[[noreturn]] void Become(char* const* arguments, char* const* environment, const char* folder,
                         int input, int output, pid_t group, pid_t parent) {
    // Where the parent has just died, the group may be gone too.
    const bool is_within = setpgid(0, group) == 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    const bool is_ready = is_within && getppid() == parent && dup2(input, STDIN_FILENO) >= 0 &&
                          dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
                          (*folder == '\0' || chdir(folder) == 0);
    if (is_ready) execve(arguments[0], arguments, environment);
    _exit(kCannotRun);
}

// Leads the group and does nothing but wait for the end of its parent, and then ends the group:
// the signal of a parent's death reaches only a program, not what that has started.
[[noreturn]] void Guard(pid_t parent) {
    setpgid(0, 0);
    close_range(0, ~0U, 0);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    sigset_t death;
    sigemptyset(&death);
    sigaddset(&death, SIGUSR1);
    if (getppid() == parent) sigwaitinfo(&death, nullptr);
    kill(0, SIGKILL);
    _exit(0);
}

// The processes of one program. It has its guard before it has anybody else, and ends with this.
class Group {
public:
    Group() {
        const pid_t parent = getpid();
        guard_ = fork();
        if (guard_ == 0) Guard(parent);
        if (guard_ < 0) throw Failed("no process could be started");
        setpgid(guard_, guard_);
    }
    ~Group() {
        Signal(SIGKILL);
        waitpid(guard_, nullptr, 0);
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void Signal(int signal) const { kill(-guard_, signal); }
    pid_t id() const { return guard_; }

private:
    pid_t guard_ = -1;
};

// Cuts bytes into lines.
class Lines {
public:
    explicit Lines(const LineTaker& take) : take_(take) {}

    void Add(std::string_view bytes) {
        for (size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
            Append(bytes.substr(0, end));
            take_(line_);
            line_.clear();
            bytes.remove_prefix(end + 1);
        }
        Append(bytes);
    }
    void End() {
        if (!line_.empty()) take_(line_);
        line_.clear();
    }

private:
    void Append(std::string_view bytes) {
        while (line_.size() + bytes.size() > kMostLineBytes) {
            const size_t fits = kMostLineBytes - line_.size();
            line_ += bytes.substr(0, fits);
            take_(line_);
            line_.clear();
            bytes.remove_prefix(fits);
        }
        line_ += bytes;
    }

    const LineTaker& take_;
    std::string line_;
};

class Child {
public:
    Child(const ChildProgram& program, const CancelToken& cancel, Clock& clock,
          const LineTaker& take)
        : program_(program), cancel_(cancel), clock_(clock), lines_(take), rest_(program.input) {
        const auto environment = EnvironmentOf(program);
        const auto variables = PointersTo(environment);
        const auto arguments = PointersTo(program.arguments);
        const pid_t self = getpid();
        process_ = fork();
        if (process_ == 0) {
            Become(arguments.data(), variables.data(), program.folder.c_str(), input_.read.fd(),
                   output_.write.fd(), group_.id(), self);
        }
        if (process_ < 0) throw Failed("no process could be started");
        setpgid(process_, group_.id());
        input_.read.Close();
        output_.write.Close();
        fcntl(input_.write.fd(), F_SETFL, O_NONBLOCK);
        if (rest_.empty()) input_.write.Close();
    }
    ~Child() {
        if (is_over_) return;
        group_.Signal(SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ChildOutcome Wait() {
        const DurationUs begin = clock_.Monotonic();
        while (!is_over_) {
            MoveBytes();
            const DurationUs now = clock_.Monotonic();
            const bool is_late = program_.timeout.count() > 0 && now - begin > program_.timeout;
            if (!asked_ && (is_late || cancel_.IsCancelled())) {
                outcome_.is_timed_out = is_late;
                outcome_.is_cancelled = !is_late;
                group_.Signal(SIGTERM);
                asked_ = now;
            }
            if (asked_ && now - *asked_ > program_.grace) group_.Signal(SIGKILL);
            Reap();
        }
        // What it left running goes too; what it wrote is still read, but nobody is waited for.
        group_.Signal(SIGKILL);
        while (MoveBytes()) {
        }
        lines_.End();
        return outcome_;
    }

private:
    // True: some bytes came.
    bool MoveBytes() {
        std::array<pollfd, 2> ends{
            {{output_.read.fd(), POLLIN, 0}, {input_.write.fd(), POLLOUT, 0}}};
        poll(ends.data(), ends.size(), is_over_ ? 0 : kPollMs);
        if (ends[1].revents != 0) Feed();
        if (ends[0].revents == 0) return false;
        std::array<char, 16384> buffer{};
        const ssize_t count = read(output_.read.fd(), buffer.data(), buffer.size());
        if (count > 0) lines_.Add({buffer.data(), static_cast<size_t>(count)});
        if (count == 0) output_.read.Close();
        return count > 0;
    }
    void Feed() {
        const ssize_t count = write(input_.write.fd(), rest_.data(), rest_.size());
        if (count > 0) rest_.remove_prefix(static_cast<size_t>(count));
        if (rest_.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) input_.write.Close();
    }
    void Reap() {
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) != process_) return;
        is_over_ = true;
        outcome_.exit_code =
            WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
    }

    const ChildProgram& program_;
    const CancelToken& cancel_;
    Clock& clock_;
    Lines lines_;
    std::string_view rest_;
    Pipe input_;
    Pipe output_;
    Group group_;
    pid_t process_ = -1;
    bool is_over_ = false;
    std::optional<DurationUs> asked_;
    ChildOutcome outcome_;
};

}  // namespace

ChildOutcome RunChild(const ChildProgram& program, const CancelToken& cancel, Clock& clock,
                      const LineTaker& take) {
    return Child(program, cancel, clock, take).Wait();
}

}  // namespace tarn
