// Ctrl-C as a value to wait for, not a signal that strikes anywhere. Blocked once for the whole
// process, before any other thread starts; whoever waits for something long waits for the interrupt
// beside it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>

namespace tarn::cli {

class Interrupts {
public:
    // Blocks SIGINT (and SIGTERM, which is taken for the same) in this thread and those that it
    // starts.
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    // Becomes readable when an interrupt waits.
    int descriptor() const { return descriptor_; }
    // Takes one waiting interrupt; false when there is none.
    bool Take();
    // Waits for an interrupt or for bytes at `input` (its end counts). True: an interrupt, taken.
    bool WaitBeside(int input);
    // Waits for an interrupt, takes it.
    void Wait();

private:
    int descriptor_ = -1;
};

struct WatchOptions {
    // The first interrupt, told from another thread; the second ends the process.
    std::function<void()> on_interrupt{};
    // 0 to 1, negative: unknown. Called from another thread; empty: no bar is drawn.
    std::function<double()> progress{};
    // Stands before the bar. Called from another thread; may be empty.
    std::function<std::string()> label{};
};

// Watches over one piece of long work: hands on an interrupt and draws the progress on a terminal's
// stderr.
class WorkWatch {
public:
    WorkWatch(Interrupts& interrupts, WatchOptions options);
    // Takes the bar off the terminal.
    ~WorkWatch();
    WorkWatch(const WorkWatch&) = delete;
    WorkWatch& operator=(const WorkWatch&) = delete;

    // Did an interrupt arrive.
    bool IsInterrupted() const { return interrupted_.load(); }
    // Writes text while the work goes on, with the bar out of its way.
    void Say(std::ostream& out, std::string_view text);

private:
    void Watch();
    void Draw(double seconds);
    void Erase();  // needs the mutex

    Interrupts& interrupts_;
    const WatchOptions options_;
    int stop_ = -1;
    std::atomic<bool> interrupted_{false};
    std::mutex mutex_;
    bool drawn_ = false;
    std::thread thread_;
};

// "[=====>    ]  52 %  3.2 s"; without a known part of the work only the time.
std::string ProgressText(double part, double seconds);

}  // namespace tarn::cli
