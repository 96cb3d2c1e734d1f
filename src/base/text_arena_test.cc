#include "base/text_arena.h"

#include <cstring>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/random.h"

namespace tarn {
namespace {

TEST(TextArenaTest, TextsStayWhereTheyAre) {
    SeededRandom random(1);
    TextArena arena;
    std::vector<std::pair<char*, std::string>> texts;
    for (int i = 0; i < 3000; ++i) {
        const size_t limit = i % 500 == 0 ? 5'000'000 : 2000;
        const std::string text(random.Below(limit), static_cast<char>('a' + i % 26));
        char* const made = arena.Make(text.size());
        std::memcpy(made, text.data(), text.size());
        texts.emplace_back(made, text);
    }
    for (const auto& [made, text] : texts) {
        ASSERT_EQ(std::memcmp(made, text.data(), text.size()), 0);
    }
}

}  // namespace
}  // namespace tarn
