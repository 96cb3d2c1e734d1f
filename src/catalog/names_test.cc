#include "catalog/names.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::catalog {
namespace {

TEST(Names, LookupFoldsOnlyAscii) {
    EXPECT_EQ(FoldForLookup("Events_2"), "events_2");
    EXPECT_EQ(FoldForLookup("ÄB"), "Äb");
}

TEST(Names, CreationFoldsLettersOfManyScripts) {
    EXPECT_EQ(FoldForCreation("ÄÖÜß"), "äöüß");
    EXPECT_EQ(FoldForCreation("ŁÓDŹ"), "łódź");
    EXPECT_EQ(FoldForCreation("ΣΊΣΥΦΟΣ"), FoldForCreation("σίσυφος"));
    EXPECT_EQ(FoldForCreation("ЖУРНАЛ Ѓ"), "журнал ѓ");
    EXPECT_EQ(FoldForCreation("\u212Aelvin"), "kelvin");
    EXPECT_EQ(FoldForCreation("ＡＢ"), "ａｂ");
    EXPECT_EQ(FoldForCreation("\U00010400"), "\U00010428");
    EXPECT_EQ(FoldForCreation("日本語"), "日本語");
}

TEST(Names, FoldingTwiceIsFoldingOnce) {
    for (const char* name : {"ÀÉÎÕÜ", "ŸŹŽſ", "ẞ", "ǍǞǸ", "ΆΈΌΎΏ", "ӀӁӍӐ", "Ⅷ", "Ⓐ", "ℳ"}) {
        EXPECT_EQ(FoldForCreation(FoldForCreation(name)), FoldForCreation(name)) << name;
    }
}

TEST(Names, BadOnesAreRefused) {
    for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\xFF"),
                                    std::string(300, 'a'), std::string("a\0b", 3)}) {
        try {
            CheckName("table", name);
            FAIL() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        }
    }
    EXPECT_NO_THROW(CheckName("table", "with space, ünïcode and `ticks`"));
}

TEST(Names, TheEnginesSchemasAreReserved) {
    EXPECT_TRUE(IsReservedSchema("System"));
    EXPECT_TRUE(IsReservedSchema("pg_catalog"));
    EXPECT_FALSE(IsReservedSchema("gold"));
    EXPECT_EQ(CanonicalSchema("DEFAULT"), "main");
    EXPECT_EQ(CanonicalSchema("gold"), "gold");
}

}  // namespace
}  // namespace tarn::catalog
