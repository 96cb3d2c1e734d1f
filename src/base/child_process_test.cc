#include "base/child_process.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tarn {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ChildProcessTest : public testing::Test {
protected:
    ChildOutcome Run(const std::string& script, ChildProgram program = {}) {
        program.arguments = {"/bin/sh", "-c", script};
        program.grace = std::chrono::milliseconds(200);
        return RunChild(program, cancel_, clock_,
                        [&](std::string_view line) { lines_.emplace_back(line); });
    }

    RealClock clock_;
    CancelToken cancel_;
    std::vector<std::string> lines_;
};

TEST_F(ChildProcessTest, GivesLinesAndTheExitCode) {
    EXPECT_EQ(Run("echo one; echo two >&2; printf three; exit 7").exit_code, 7);
    EXPECT_THAT(lines_, ElementsAre("one", "two", "three"));
}

TEST_F(ChildProcessTest, TakesInputFolderAndEnvironment) {
    ChildProgram program;
    program.environment = {{"TARN_TEST_WORD", "hello"}};
    program.folder = "/";
    program.input = std::string(300'000, 'x');
    EXPECT_EQ(Run("echo $TARN_TEST_WORD; pwd; wc -c", program).exit_code, 0);
    EXPECT_THAT(lines_, ElementsAre("hello", "/", "300000"));
}

TEST_F(ChildProcessTest, InputThatNobodyReadsEndsNothing) {
    signal(SIGPIPE, SIG_IGN);
    ChildProgram program;
    program.input = std::string(300'000, 'x');
    EXPECT_EQ(Run("exit 3", program).exit_code, 3);
}

TEST_F(ChildProcessTest, ALongLineComesInPieces) {
    EXPECT_EQ(Run("head -c 20000 /dev/zero | tr '\\0' a").exit_code, 0);
    EXPECT_THAT(lines_, ElementsAre(SizeIs(kMostLineBytes), SizeIs(kMostLineBytes),
                                    SizeIs(20000 - 2 * kMostLineBytes)));
}

TEST_F(ChildProcessTest, TheTimeIsOverForItsChildrenToo) {
    ChildProgram program;
    program.timeout = std::chrono::milliseconds(100);
    const DurationUs begin = clock_.Monotonic();
    const ChildOutcome outcome = Run("trap '' TERM; sleep 60 & sleep 60", program);
    EXPECT_TRUE(outcome.is_timed_out);
    EXPECT_FALSE(outcome.is_cancelled);
    EXPECT_EQ(outcome.exit_code, 128 + SIGKILL);
    EXPECT_LT(clock_.Monotonic() - begin, std::chrono::seconds(30));
}

TEST_F(ChildProcessTest, ACancelledOneMayTidyUp) {
    cancel_.Cancel();
    const ChildOutcome outcome = Run("trap 'echo bye; exit 5' TERM; sleep 60 & wait; wait");
    EXPECT_TRUE(outcome.is_cancelled);
    EXPECT_THAT(outcome.exit_code, testing::AnyOf(5, 128 + SIGTERM));
}

TEST_F(ChildProcessTest, WhatIsNoProgramIsCode127) {
    ChildProgram program;
    program.arguments = {"/no/such/program"};
    EXPECT_EQ(RunChild(program, cancel_, clock_, [](std::string_view) {}).exit_code, 127);
}

// kill -9 of the whole program, with a task that has a child of its own.
TEST_F(ChildProcessTest, NothingOutlivesAProcessThatIsKilled) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t server = fork();
    if (server == 0) {
        ChildProgram program;
        program.arguments = {"/bin/sh", "-c",
                             "echo started >&" + std::to_string(ends[1]) + "; sleep 60; echo on"};
        RunChild(program, {}, clock_, [](std::string_view) {});
        _exit(0);
    }
    close(ends[1]);
    char first = 0;
    ASSERT_EQ(read(ends[0], &first, 1), 1);
    kill(server, SIGKILL);
    waitpid(server, nullptr, 0);
    // The pipe ends when its last holder, the sleep within the shell, is gone.
    pollfd end{ends[0], POLLIN, 0};
    char rest[64];
    constexpr int kWaitMs = 20'000;
    ssize_t count = 1;
    while (count > 0 && poll(&end, 1, kWaitMs) == 1) count = read(ends[0], rest, sizeof(rest));
    EXPECT_EQ(count, 0);
    close(ends[0]);
}

}  // namespace
}  // namespace tarn
