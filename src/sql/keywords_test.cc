#include "sql/keywords.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace tarn::sql {
namespace {

TEST(Keywords, AreSortedAndStandOnce) {
    const std::vector<Keyword>& all = Keywords();
    ASSERT_FALSE(all.empty());
    for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].name, all[i].name);
    EXPECT_TRUE(std::none_of(all.begin(), all.end(), [](const Keyword& k) {
        return k.name.empty() ||
               k.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos;
    }));
}

TEST(Keywords, TellANameFromAKeyword) {
    for (const char* word : {"select", "FROM", "Join", "left", "with"}) {
        EXPECT_TRUE(IsReservedForTables(word)) << word;
    }
    for (const char* word : {"version", "optimize", "timestamp", "history", "t", ""}) {
        EXPECT_FALSE(IsReservedForTables(word)) << word;
    }
}

}  // namespace
}  // namespace tarn::sql
