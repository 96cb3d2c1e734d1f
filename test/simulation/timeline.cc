#include "simulation/timeline.h"

#include <cxxabi.h>
#include <ucontext.h>

#include "base/check.h"

namespace tarn::simulation {
namespace {

constexpr size_t kStackBytes = 256 << 10;

// What C++ keeps of exceptions under way (Itanium C++ ABI, 2.2.2): each stack has its own.
struct Exceptions {
    void* caught = nullptr;
    unsigned int uncaught = 0;
};

Exceptions& ExceptionsUnderWay() {
    return *reinterpret_cast<Exceptions*>(abi::__cxa_get_globals());
}

// Stacks are used again, run after run.
std::vector<std::unique_ptr<char[]>>& SpareStacks() {
    static thread_local std::vector<std::unique_ptr<char[]>> spare;
    return spare;
}

std::unique_ptr<char[]> TakeStack() {
    auto& spare = SpareStacks();
    if (spare.empty()) return std::make_unique_for_overwrite<char[]>(kStackBytes);
    auto stack = std::move(spare.back());
    spare.pop_back();
    return stack;
}

}  // namespace

struct Timeline::Fiber {
    std::function<void()> task;
    std::unique_ptr<char[]> stack;
    ucontext_t context{};
    ucontext_t runner{};
    bool has_ended = false;

    static thread_local Fiber* entering;

    void Resume() {
        const Exceptions mine = ExceptionsUnderWay();
        ExceptionsUnderWay() = {};
        entering = this;
        Check(swapcontext(&runner, &context) == 0, "a task can be resumed");
        ExceptionsUnderWay() = mine;
    }
    void GiveWay() {
        const Exceptions mine = ExceptionsUnderWay();
        Check(swapcontext(&context, &runner) == 0, "a task can give way");
        ExceptionsUnderWay() = mine;
    }
};

thread_local Timeline::Fiber* Timeline::Fiber::entering = nullptr;

Timeline::Timeline(TimestampUs start) : now_(start) {}

Timeline::~Timeline() {
    for (auto& fiber : fibers_) SpareStacks().push_back(std::move(fiber->stack));
}

void Timeline::Enter() {
    Fiber& fiber = *Fiber::entering;
    fiber.task();
    fiber.has_ended = true;
    fiber.GiveWay();
}

void Timeline::Start(std::function<void()> task) {
    fibers_.push_back(std::make_unique<Fiber>());
    Fiber& fiber = *fibers_.back();
    fiber.task = std::move(task);
    fiber.stack = TakeStack();
    Check(getcontext(&fiber.context) == 0, "a task has a context");
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackBytes;
    makecontext(&fiber.context, &Timeline::Enter, 0);
    Add(now_, &fiber, nullptr);
}

void Timeline::At(TimestampUs time, std::function<void()> event) {
    Add(time, nullptr, std::move(event));
}

void Timeline::Add(TimestampUs time, Fiber* fiber, std::function<void()> event) {
    waiting_.push({time, turns_++, fiber, std::move(event)});
}

void Timeline::Sleep(DurationUs duration) {
    const TimestampUs end = now_ + duration;
    // Nobody else's turn comes before: no need to give way.
    if (current_ == nullptr || waiting_.empty() || waiting_.top().time > end) {
        Check(++turns_ < kMaxTurns, "every task of a simulation ends");
        now_ = end;
        return;
    }
    Fiber& fiber = *current_;
    Add(end, &fiber, nullptr);
    fiber.GiveWay();
}

void Timeline::Run() {
    while (!waiting_.empty()) {
        Check(turns_ < kMaxTurns, "every task of a simulation ends");
        const Turn turn = waiting_.top();
        waiting_.pop();
        now_ = turn.time;
        if (turn.fiber == nullptr) {
            turn.event();
            continue;
        }
        current_ = turn.fiber;
        turn.fiber->Resume();
        current_ = nullptr;
    }
}

}  // namespace tarn::simulation
