#include "base/text.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace tarn {
namespace {

TEST(Text, FindsTheFirstIllFormedUtf8Sequence) {
    EXPECT_EQ(FirstInvalidUtf8(""), std::nullopt);
    EXPECT_EQ(FirstInvalidUtf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), std::nullopt);
    EXPECT_EQ(FirstInvalidUtf8("ab\xFF"), 2u);
    EXPECT_EQ(FirstInvalidUtf8("\xC0\xAF"), 0u);          // overlong
    EXPECT_EQ(FirstInvalidUtf8("x\xED\xA0\x80"), 1u);     // surrogate
    EXPECT_EQ(FirstInvalidUtf8("\xF4\x90\x80\x80"), 0u);  // beyond U+10FFFF
    EXPECT_EQ(FirstInvalidUtf8("ok\xE2\x82"), 2u);        // cut short
}

TEST(Text, CutsBetweenCharacters) {
    EXPECT_EQ(CutText("abc", 3), "abc");
    EXPECT_EQ(CutText("abcd", 3), "abc");
    const std::string text = "a\xC3\xA4\xF0\x9F\x98\x80z";
    for (const auto& [most, size] :
         {std::pair{0, 0}, {1, 1}, {2, 1}, {3, 3}, {4, 3}, {6, 3}, {7, 7}, {8, 8}, {9, 8}})
        EXPECT_EQ(CutText(text, static_cast<size_t>(most)).size(), static_cast<size_t>(size))
            << most;
    // A bound below the first character, and bytes that are no text, are cut where it says.
    EXPECT_EQ(CutText("\xF0\x9F\x98\x80", 2).size(), 2U);
    EXPECT_EQ(CutText(std::string(9, '\x80'), 6).size(), 6U);
}

TEST(Text, FoldsLettersOfAsciiOnly) {
    EXPECT_EQ(AsciiUpper("az_09\xC3\xA4Z"), "AZ_09\xC3\xA4Z");
    EXPECT_EQ(AsciiLower("AZ_09\xC3\x84z"), "az_09\xC3\x84z");
}

TEST(Text, NearestWordIsATypingErrorAwayOrNothing) {
    const std::vector<std::string> known{"name", "catalog", "warehouse"};
    EXPECT_EQ(NearestWord("nmae", known), "name");  // neighbours that changed places are one edit
    EXPECT_EQ(NearestWord("mnea", known), std::nullopt);  // two edits in four letters
    EXPECT_EQ(NearestWord("nme", known), "name");
    EXPECT_EQ(NearestWord("catalogue", known), "catalog");
    EXPECT_EQ(NearestWord("zzz", known), std::nullopt);
}

TEST(Text, ReadsWholeNumbersOnly) {
    EXPECT_EQ(ParseInt("-42"), -42);
    EXPECT_EQ(ParseInt("42x"), std::nullopt);
    EXPECT_EQ(ParseInt(""), std::nullopt);
    EXPECT_EQ(ParseInt("9223372036854775808"), std::nullopt);
}

TEST(Text, ShowsNumbersForPeople) {
    EXPECT_EQ(HumanCount(336776), "336,776");
    EXPECT_EQ(HumanCount(-1000), "-1,000");
    EXPECT_EQ(HumanCount(999), "999");
    EXPECT_EQ(HumanBytes(1023), "1023 B");
    EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
}

TEST(Text, SplitsAndTrims) {
    EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(Split("", ','), (std::vector<std::string>{""}));
    EXPECT_EQ(Trim(" \t a b \n"), "a b");
    EXPECT_EQ(Trim(" "), "");
    EXPECT_EQ(Join({"a", "b"}, ", "), "a, b");
}

TEST(Hash, GivesTheStandardDigests) {
    EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(Hex(HmacSha256("key", "The quick brown fox jumps over the lazy dog")),
              "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    EXPECT_EQ(Hash128Hex("").size(), 32u);
    Sha256 pieces;
    pieces.Update("a");
    pieces.Update("bc");
    EXPECT_EQ(pieces.FinishHex(), Sha256Hex("abc"));
}

}  // namespace
}  // namespace tarn
