#include "net/url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"
#include "net/base64url.h"

namespace tarn::net {
namespace {

void ExpectRefused(std::string_view target, ErrorKind kind = ErrorKind::kInvalidInput) {
    try {
        ParseTarget(target);
        ADD_FAILURE() << "accepted: " << target;
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << target;
    }
}

TEST(UrlTest, SplitsAndDecodesPathAndQuery) {
    const Target target =
        ParseTarget("/v1/on%2Dtime?carrier=UA&name=New%20York+City&empty=&x=a%3Db%26c");
    EXPECT_EQ(target.path, "/v1/on-time");
    const std::vector<QueryParameter> expected{
        {"carrier", "UA"}, {"name", "New York City"}, {"empty", ""}, {"x", "a=b&c"}};
    EXPECT_EQ(target.query, expected);
    EXPECT_EQ(ParseTarget("/").path, "/");
    EXPECT_EQ(ParseTarget("/v1/").path, "/v1/");
    EXPECT_TRUE(ParseTarget("/v1?").query.empty());
}

TEST(UrlTest, KeepsRepeatedNamesAndEqualsSignsOfValues) {
    const std::vector<QueryParameter> expected{{"a", "1"}, {"a", "2"}, {"b", "c=d"}};
    EXPECT_EQ(ParseQuery("a=1&a=2&b=c=d"), expected);
}

TEST(UrlTest, RefusesTargetsOfOtherForms) {
    for (const char* target :
         {"", "v1", "http://evil/v1", "*", "//", "//evil/x", "/a//b", "/a/./b", "/a/../b", "/..",
          "/a#b", "/a b", "/a\tb", "/a\\b", "/a%5cb", "/a%2Fb", "/%2e%2e/x"}) {
        ExpectRefused(target);
    }
}

TEST(UrlTest, RefusesBrokenEncodings) {
    for (const char* target : {"/%", "/%4", "/%zz", "/a?x=%", "/a?x=%1", "/a?x=%g1", "/a%00b",
                               "/a?x=%00", "/%ff", "/a?x=%C0%AF", "/a?x=%ED%A0%80", "/a%0ab"}) {
        ExpectRefused(target);
    }
}

TEST(UrlTest, RefusesQueryPiecesWithoutNameOrValue) {
    for (const char* target : {"/a?x", "/a?=1", "/a?&", "/a?x=1&", "/a?x=1&&y=2", "/a?&x=1"})
        ExpectRefused(target);
}

TEST(UrlTest, BoundsTargetAndParameters) {
    ExpectRefused("/" + std::string(kMaxTargetBytes, 'a'));
    std::string many = "/?a=1";
    for (size_t i = 1; i < kMaxQueryParameters; ++i) many += "&a=1";
    EXPECT_EQ(ParseTarget(many).query.size(), kMaxQueryParameters);
    ExpectRefused(many + "&a=1", ErrorKind::kLimitExceeded);
}

RC_GTEST_PROP(UrlProperty, EncodedParametersComeBack, (const std::vector<uint16_t>& letters)) {
    RC_PRE(letters.size() < 100U);
    std::string text;
    for (const uint16_t letter : letters) {
        const unsigned code = 1 + letter % 0x7ff;  // one- and two-byte UTF-8, no zero
        if (code < 0x80) {
            text += static_cast<char>(code);
        } else {
            text += static_cast<char>(0xc0 | (code >> 6));
            text += static_cast<char>(0x80 | (code & 63));
        }
    }
    const std::vector<QueryParameter> query{{"name", text}, {"n" + text, "v"}};
    RC_ASSERT(ParseQuery(FormatQuery(query)) == query);
}

RC_GTEST_PROP(Base64UrlProperty, ComesBackAndIsCanonical, (const std::string& bytes)) {
    const std::string text = EncodeBase64Url(bytes);
    RC_ASSERT(DecodeBase64Url(text) == bytes);
    if (text.empty()) return;
    std::string changed = text;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    const auto decoded = DecodeBase64Url(changed);
    RC_ASSERT(!decoded || *decoded != bytes);
}

TEST(Base64UrlTest, RefusesWhatIsNotCanonical) {
    EXPECT_EQ(DecodeBase64Url(""), "");
    EXPECT_EQ(DecodeBase64Url("_-8"), "\xff\xef");
    for (const char* text : {"A", "AA==", "AB", "_-9", "AA A", "A+==", "a/bc", "AAAAA"}) {
        EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace tarn::net
