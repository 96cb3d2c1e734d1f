#include "cli/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/cancel.h"

namespace tarn::cli {
namespace {

// One for the whole program, as in Run: a signal stays blocked in every thread.
Interrupts& TheInterrupts() {
    static Interrupts interrupts;
    return interrupts;
}

TEST(Interrupts, ASignalIsAValueToTake) {
    Interrupts& interrupts = TheInterrupts();
    EXPECT_FALSE(interrupts.Take());
    raise(SIGINT);
    EXPECT_TRUE(interrupts.Take());
    EXPECT_FALSE(interrupts.Take());
}

TEST(Interrupts, WaitingBesideAnInputTellsWhichCame) {
    Interrupts& interrupts = TheInterrupts();
    int input[2];
    ASSERT_EQ(pipe(input), 0);
    ASSERT_EQ(write(input[1], "x", 1), 1);
    EXPECT_FALSE(interrupts.WaitBeside(input[0]));
    raise(SIGINT);
    EXPECT_TRUE(interrupts.WaitBeside(input[0]));
    close(input[0]);
    close(input[1]);
}

TEST(WorkWatch, HandsTheInterruptOn) {
    Interrupts& interrupts = TheInterrupts();
    CancelToken cancel;
    const WorkWatch watch(interrupts, {.on_interrupt = [&] { cancel.Cancel(); }});
    EXPECT_FALSE(watch.IsInterrupted());
    kill(getpid(), SIGINT);
    while (!cancel.IsCancelled()) std::this_thread::yield();
    EXPECT_TRUE(watch.IsInterrupted());
}

TEST(ProgressText, ShowsPartAndTime) {
    EXPECT_EQ(ProgressText(-1, 2.34), "2.3 s");
    EXPECT_EQ(ProgressText(0.5, 1), "[===============>              ]  50 %  1.0 s");
    EXPECT_EQ(ProgressText(2, 1), "[==============================] 100 %  1.0 s");
}

}  // namespace
}  // namespace tarn::cli
