// Runs work in a process of its own and kills it (SIGKILL) as it is about to make its n-th system
// call that changes something on a disk: between two of these nothing changes, so these are all the
// places to die at that can be told apart. For tests only; Linux.
#pragma once

#include <cstdint>
#include <functional>

namespace tarn::durability {

struct Killed {
    bool was_killed = false;
    // Of work that was not killed: how many such calls it made. Only those behind `prepare` count.
    uint64_t calls = 0;
    int exit_code = 0;
};

// `kill_at` counts from 1; 0 never. Neither function may leave threads behind that the process does
// not own. What the child throws is printed and is exit code 1.
Killed RunAndKill(const std::function<void()>& prepare, const std::function<void()>& work,
                  uint64_t kill_at);

// The same without counting or killing; false when the child failed.
bool RunApart(const std::function<void()>& work);

}  // namespace tarn::durability
