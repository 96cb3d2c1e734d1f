#include "base/executor.h"

#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(BackgroundExecutorTest, AllThatWasTakenIsDoneInOrderBeforeItEnds) {
    std::vector<int> done;
    {
        BackgroundExecutor executor;
        std::promise<void> go;
        executor.Run([&, gone = go.get_future().share()] { gone.wait(); });
        for (int i = 0; i < 3; ++i) executor.Run([&done, i] { done.push_back(i); });
        EXPECT_TRUE(done.empty());
        go.set_value();
    }
    EXPECT_EQ(done, (std::vector<int>{0, 1, 2}));
}

TEST(BackgroundExecutorTest, WhoMakesWorkFasterThanItIsDoneDoesItsOwn) {
    std::atomic<int> own = 0;
    std::promise<void> go;
    BackgroundExecutor executor;
    std::promise<void> begun;
    executor.Run([&, gone = go.get_future().share()] {
        begun.set_value();
        gone.wait();
    });
    begun.get_future().wait();
    const auto caller = std::this_thread::get_id();
    for (size_t i = 0; i < BackgroundExecutor::kMaxWaiting + 2; ++i) {
        executor.Run([&] { own += std::this_thread::get_id() == caller ? 1 : 0; });
    }
    EXPECT_EQ(own, 2);
    go.set_value();
}

}  // namespace
}  // namespace tarn
