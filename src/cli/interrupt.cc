#include "cli/interrupt.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <iostream>

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/run.h"

namespace tarn::cli {

namespace {

constexpr int kRedrawMs = 100;
// Work that is shorter shows no bar.
constexpr double kQuietSeconds = 0.7;
constexpr const char* kEraseLine = "\r\033[K";

void Poll(pollfd* files, nfds_t count, int timeout_ms) {
    while (poll(files, count, timeout_ms) < 0) Check(errno == EINTR, "poll failed");
}

}  // namespace

Interrupts::Interrupts() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    Check(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0, "signals could not be blocked");
    descriptor_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    Check(descriptor_ >= 0, "no descriptor for signals could be made");
}

Interrupts::~Interrupts() { close(descriptor_); }

bool Interrupts::Take() {
    signalfd_siginfo info{};
    return read(descriptor_, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info));
}

bool Interrupts::WaitBeside(int input) {
    std::array<pollfd, 2> files{pollfd{descriptor_, POLLIN, 0}, pollfd{input, POLLIN, 0}};
    Poll(files.data(), files.size(), -1);
    return files[0].revents != 0 && Take();
}

void Interrupts::Wait() {
    pollfd file{descriptor_, POLLIN, 0};
    while (!Take()) Poll(&file, 1, -1);
}

WorkWatch::WorkWatch(Interrupts& interrupts, WatchOptions options)
    : interrupts_(interrupts), options_(std::move(options)), stop_(eventfd(0, EFD_CLOEXEC)) {
    Check(stop_ >= 0, "no descriptor to stop a watch could be made");
    thread_ = std::thread([this] { Watch(); });
}

WorkWatch::~WorkWatch() {
    const uint64_t one = 1;
    // An eventfd takes the write at once.
    [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof(one));
    thread_.join();
    close(stop_);
}

void WorkWatch::Watch() {
    const auto started = std::chrono::steady_clock::now();
    std::array<pollfd, 2> files{pollfd{stop_, POLLIN, 0},
                                pollfd{interrupts_.descriptor(), POLLIN, 0}};
    while (true) {
        Poll(files.data(), files.size(), options_.progress ? kRedrawMs : -1);
        if (files[0].revents != 0) break;
        if (files[1].revents != 0 && interrupts_.Take()) {
            // Whoever asks twice wants out: commits are atomic, so leaving at once tears nothing.
            if (interrupted_.exchange(true)) _exit(kCancelled);
            options_.on_interrupt();
        }
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started;
        if (options_.progress && spent.count() >= kQuietSeconds) Draw(spent.count());
    }
    const std::lock_guard lock(mutex_);
    Erase();
}

void WorkWatch::Draw(double seconds) {
    const std::string label = options_.label ? options_.label() + " " : "";
    const std::string text = label + ProgressText(options_.progress(), seconds);
    const std::lock_guard lock(mutex_);
    std::cerr << kEraseLine << text << std::flush;
    drawn_ = true;
}

void WorkWatch::Erase() {
    if (drawn_) std::cerr << kEraseLine << std::flush;
    drawn_ = false;
}

void WorkWatch::Say(std::ostream& out, std::string_view text) {
    const std::lock_guard lock(mutex_);
    Erase();
    out << text << std::flush;
}

std::string ProgressText(double part, double seconds) {
    constexpr int kBarColumns = 30;
    if (part < 0) return fmt::format("{:.1f} s", seconds);
    const double within = std::min(part, 1.0);
    const int full = static_cast<int>(std::lround(within * kBarColumns));
    std::string bar(static_cast<size_t>(full), '=');
    if (full < kBarColumns) bar += '>';
    bar.resize(kBarColumns, ' ');
    return fmt::format("[{}] {:3.0f} %  {:.1f} s", bar, within * 100, seconds);
}

}  // namespace tarn::cli
