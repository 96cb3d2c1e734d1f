#include "base/error.h"

#include <set>

#include <gtest/gtest.h>

#include "base/check.h"

namespace tarn {
namespace {

TEST(Error, EveryKindHasItsOwnNameAndAStatus) {
    std::set<std::string_view> names;
    for (const ErrorKind kind : AllErrorKinds()) {
        const ErrorKindTraits& traits = TraitsOf(kind);
        EXPECT_TRUE(names.insert(traits.name).second) << traits.name;
        EXPECT_GE(traits.http_status, 400);
        EXPECT_LT(traits.http_status, 600);
        EXPECT_EQ(traits.sql_state.size(), 5u);
        EXPECT_FALSE(traits.meaning.empty());
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(ErrorKind::kInternal) + 1);
}

TEST(Error, ShowsPlaceAndFactsAfterTheMessage) {
    const Error error = Error(ErrorKind::kNotFound, "no table {}", "silver.x")
                            .With("catalog", "lake")
                            .At({"a.sql", 3, 7});
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_EQ(error.message(), "no table silver.x");
    EXPECT_STREQ(error.what(), "NotFound: no table silver.x (a.sql:3:7; catalog=lake)");
}

TEST(Check, ABrokenInvariantIsInternalAndNamesTheFile) {
    try {
        Check(1 > 2, "one is more than two");
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInternal);
        EXPECT_NE(error.message().find("base/error_test.cc"), std::string::npos);
    }
    EXPECT_NO_THROW(Check(true, "fine"));
}

}  // namespace
}  // namespace tarn
