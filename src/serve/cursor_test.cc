#include "serve/cursor.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "net/base64url.h"
#include "serve/cursor_key.h"

namespace tarn::serve {
namespace {

const CursorCodec& Codec() {
    static const CursorCodec codec(std::string(kCursorKeyBytes, 'k'));
    return codec;
}

ErrorKind RefusalOf(const CursorCodec& codec, std::string_view text) {
    try {
        codec.Decode(text);
        return ErrorKind::kInternal;  // accepted
    } catch (const Error& error) {
        return error.kind();
    }
}

rc::Gen<std::string> AnyText() {
    return rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
}

rc::Gen<Cursor> AnyCursor() {
    return rc::gen::apply(
        [](std::string binding, const std::vector<std::pair<std::string, int64_t>>& pins,
           const std::vector<std::pair<bool, std::string>>& key) {
            Cursor cursor{std::move(binding), {}, {}};
            for (const auto& [id, version] : pins)
                cursor.tables.push_back({id, version, version / 2});
            for (const auto& [null, text] : key) {
                cursor.key.push_back(null ? std::nullopt : std::optional(text));
            }
            return cursor;
        },
        AnyText(),
        rc::gen::container<std::vector<std::pair<std::string, int64_t>>>(
            rc::gen::pair(AnyText(), rc::gen::arbitrary<int64_t>())),
        rc::gen::container<std::vector<std::pair<bool, std::string>>>(
            rc::gen::pair(rc::gen::arbitrary<bool>(), AnyText())));
}

RC_GTEST_PROP(CursorProperty, ComesBack, ()) {
    const Cursor cursor = *rc::gen::resize(8, AnyCursor());
    const std::string text = Codec().Encode(cursor);
    RC_ASSERT(Codec().Decode(text) == cursor);
    RC_ASSERT(text.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
}

RC_GTEST_PROP(CursorProperty, AnyChangedByteOfThePayloadOrSignatureIsRefused, ()) {
    const std::string text = Codec().Encode(*rc::gen::resize(8, AnyCursor()));
    std::string bytes = *net::DecodeBase64Url(text);
    const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
    RC_ASSERT(RefusalOf(Codec(), net::EncodeBase64Url(bytes)) == ErrorKind::kInvalidInput);
}

TEST(CursorTest, EveryFlippedBitAndEveryCutIsRefused) {
    // Three lengths, for the last letter of Base64 holds 2, 4 or no bits that decode to nothing.
    for (const char* last : {"3", "33", "333"}) {
        const std::string text = Codec().Encode({"binding", {{"id", 7, 1}}, {std::nullopt, last}});
        for (size_t at = 0; at < text.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string changed = text;
                changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
                EXPECT_EQ(RefusalOf(Codec(), changed), ErrorKind::kInvalidInput)
                    << at << "." << bit;
            }
            EXPECT_EQ(RefusalOf(Codec(), text.substr(0, at)), ErrorKind::kInvalidInput) << at;
        }
        EXPECT_EQ(RefusalOf(Codec(), text + "A"), ErrorKind::kInvalidInput);
        EXPECT_EQ(RefusalOf(Codec(), text + "="), ErrorKind::kInvalidInput);
    }
    EXPECT_EQ(RefusalOf(Codec(), std::string(100'000, 'A')), ErrorKind::kInvalidInput);
}

TEST(CursorTest, AnotherKeysCursorIsRefused) {
    const CursorCodec other(std::string(kCursorKeyBytes, 'o'));
    EXPECT_EQ(RefusalOf(Codec(), other.Encode({"b", {}, {"1"}})), ErrorKind::kInvalidInput);
}

TEST(CursorTest, AKeyTooLongForAUrlIsALimit) {
    try {
        Codec().Encode({"b", {}, {std::string(kMaxCursorBytes, 'x')}});
        ADD_FAILURE() << "encoded";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
    }
}

TEST(CursorTest, OnlyPayloadsOfOurOwnMakingAreRead) {
    EXPECT_TRUE(ParseCursorPayload(FormatCursorPayload({"b", {{"i", 1, 2}}, {std::nullopt}})));
    for (const char* payload :
         {"", "null", "[]", "{}", R"({"b":"x","f":2,"k":[],"t":[]})",
          R"({"b":"x","f":1,"k":[1],"t":[]})", R"({"b":"x","f":1,"k":[],"t":[["i",1]]})",
          R"({"b":"x","f":1,"k":[],"t":[["i",1.5,2]]})", R"({"b":1,"f":1,"k":[],"t":[]})",
          R"({"b":"x","f":1,"k":[],"t":[],"z":0})", R"({ "b":"x","f":1,"k":[],"t":[]})",
          R"({"b":"x","f":1,"k":[],"t":[["i",99999999999999999999,2]]})"}) {
        EXPECT_FALSE(ParseCursorPayload(payload)) << payload;
    }
    EXPECT_FALSE(ParseCursorPayload(std::string(2000, '[')));
}

class CursorKeyTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / "cursor_key_test";
    const std::string path_ = (folder_ / "cursor.key").string();
};

TEST_F(CursorKeyTest, IsMadeOnceForItsOwnerOnly) {
    const std::string key = LoadOrCreateCursorKey(path_);
    EXPECT_EQ(key.size(), kCursorKeyBytes);
    EXPECT_EQ(LoadOrCreateCursorKey(path_), key);
    struct stat state {};
    ASSERT_EQ(::stat(path_.c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777, 0600U);
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) files += entry.exists();
    EXPECT_EQ(files, 1U);
}

TEST_F(CursorKeyTest, ManyMakersAgree) {
    std::vector<std::string> keys(8);
    std::vector<std::thread> makers;
    for (std::string& key : keys) {
        makers.emplace_back([&key, this] { key = LoadOrCreateCursorKey(path_); });
    }
    for (std::thread& maker : makers) maker.join();
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1U);
}

TEST_F(CursorKeyTest, AReadableOrBrokenKeyIsRefused) {
    LoadOrCreateCursorKey(path_);
    ::chmod(path_.c_str(), 0644);
    try {
        LoadOrCreateCursorKey(path_);
        ADD_FAILURE() << "a key that others can read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kPermissionDenied);
    }
    std::ofstream(path_) << "short";
    ::chmod(path_.c_str(), 0600);
    try {
        LoadOrCreateCursorKey(path_);
        ADD_FAILURE() << "a key of five bytes";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    }
}

}  // namespace
}  // namespace tarn::serve
