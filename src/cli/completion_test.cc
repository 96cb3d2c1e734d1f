#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kNames{"silver", "silver.Events", "silver.errors", "gold"};
const std::vector<std::string> kKeywords{"select", "set", "show"};

TEST(Completion, KeywordsFollowTheCaseTyped) {
    EXPECT_EQ(Complete("SEL", kNames, kKeywords).insert, "ECT ");
    EXPECT_EQ(Complete("x; sel", kNames, kKeywords).insert, "ect ");
    EXPECT_THAT(Complete("se", kNames, kKeywords).candidates, ElementsAre("select", "set"));
    EXPECT_EQ(Complete("se", kNames, kKeywords).insert, "");
}

TEST(Completion, NamesKeepTheirs) {
    EXPECT_EQ(Complete("from SILVER.ev", kNames, kKeywords).insert, "ents ");
    EXPECT_THAT(Complete("from silver.e", kNames, kKeywords).candidates,
                ElementsAre("silver.Events", "silver.errors"));
    EXPECT_EQ(Complete("from sil", kNames, kKeywords).insert, "ver");
}

TEST(Completion, NothingTypedNothingOffered) {
    EXPECT_THAT(Complete("", kNames, kKeywords).candidates, IsEmpty());
    EXPECT_THAT(Complete("select ", kNames, kKeywords).candidates, IsEmpty());
    EXPECT_THAT(Complete("zzz", kNames, kKeywords).candidates, IsEmpty());
}

}  // namespace
}  // namespace tarn::cli
