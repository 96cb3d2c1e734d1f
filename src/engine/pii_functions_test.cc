#include "engine/pii_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "engine/test_lake.h"

namespace tarn::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "sixteen bytes, or more";

class PiiFunctionsTest : public testing::Test {
protected:
    PiiFunctionsTest() {
        AddPiiFunctions(lake_.engine(), [](const std::string& name) -> std::optional<std::string> {
            if (name == "people") return kKey;
            if (name == "weak") return "short";
            return std::nullopt;
        });
        session_ = lake_.Connect();
    }
    std::vector<std::string> Rows(const std::string& sql) {
        std::vector<std::string> rows;
        for (const TextRow& row : session_->Query(sql)) rows.push_back(row.at(0).value_or("-"));
        return rows;
    }
    Error Refusal(const std::string& sql) {
        try {
            session_->Query(sql);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::kInternal, "nothing was refused");
    }

    TestLake lake_;
    std::unique_ptr<Session> session_;
};

TEST_F(PiiFunctionsTest, PseudonymsAreKeyedAndToldApart) {
    const std::string hash = Hex(HmacSha256(kKey, std::string("hash\0", 5) + "ada@example.org"));
    const std::string token =
        Hex(HmacSha256(kKey, std::string("token\0", 6) + "ada@example.org")).substr(0, 32);
    EXPECT_THAT(Rows("SELECT pii_hash('ada@example.org', 'people')"), ElementsAre(hash));
    EXPECT_THAT(Rows("SELECT pii_token('ada@example.org', 'people')"), ElementsAre("tok_" + token));
    EXPECT_THAT(Rows("SELECT count(DISTINCT pii_hash(x, 'people')) FROM range(3000) t(x)"),
                ElementsAre("3000"));
}

TEST_F(PiiFunctionsTest, NoRowMakesThemFail) {
    EXPECT_THAT(Rows("SELECT pii_hash(x, 'people') IS NULL FROM (VALUES (NULL), ('')) t(x)"),
                ElementsAre("true", "false"));
    // What a value shows as is what is hashed.
    EXPECT_THAT(Rows("SELECT pii_hash(5, 'people') = pii_hash('5', 'people')"),
                ElementsAre("true"));
    EXPECT_THAT(Rows("SELECT length(pii_token(x, 'people')) FROM (VALUES (DATE '2024-01-02'), "
                     "(DATE 'infinity')) t(x)"),
                ElementsAre("36", "36"));
    EXPECT_THAT(Rows("SELECT length(pii_hash({'a': [1, NULL]}, 'people'))"), ElementsAre("64"));
    EXPECT_THAT(Rows("SELECT length(pii_hash('\\xFF\\x00'::BLOB, 'people'))"), ElementsAre("64"));
}

TEST_F(PiiFunctionsTest, AKeyThatIsNotThereIsMissedBeforeAnyRow) {
    for (const char* call : {"pii_hash(x, 'nobody')", "pii_token(x, 'weak')", "pii_hash(x, x)"}) {
        const Error error =
            Refusal(std::string("SELECT ") + call + " FROM (VALUES ('a')) t(x) WHERE false");
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << call;
    }
    EXPECT_THAT(Refusal("SELECT pii_hash('a', 'cust-omers')").message(),
                HasSubstr("TARN_PII_KEY_CUST_OMERS"));
    EXPECT_THAT(Refusal("SELECT pii_hash('a', 'weak')").message(), Not(HasSubstr("short")));
}

TEST_F(PiiFunctionsTest, NoPlanShowsTheKey) {
    for (const TextRow& row :
         session_->Query("EXPLAIN SELECT pii_hash(x, 'people') FROM (VALUES ('a'), ('b')) t(x)")) {
        for (const auto& cell : row) EXPECT_THAT(cell.value_or(""), Not(HasSubstr("sixteen")));
    }
}

TEST_F(PiiFunctionsTest, APartShowsOnlyOfWhatIsLongEnough) {
    const auto partial = [&](const std::string& arguments) {
        return Rows("SELECT pii_partial(" + arguments + ")").at(0);
    };
    EXPECT_EQ(partial("'+49 170 1234567', 0, 4"), "***4567");
    EXPECT_EQ(partial("'ada.lovelace@example.org', 2, 4"), "ad***.org");
    EXPECT_EQ(partial("'a@b.org', 2, 4"), "***");   // else it would be all of it
    EXPECT_EQ(partial("'12345678', 0, 5"), "***");  // more than half
    EXPECT_EQ(partial("'12345678', 0, 4"), "***5678");
    EXPECT_EQ(partial("'1234567', 0, 1"), "***");
    EXPECT_EQ(partial("'1234567', 0, 1, least_length := 4"), "***7");
    EXPECT_EQ(partial("NULL, 1, 1"), "-");
    EXPECT_EQ(partial("'', 1, 1"), "***");
    EXPECT_EQ(partial("1234567890, 1, 1"), "1***0");
    EXPECT_EQ(partial("'12345678', -3, NULL"), "***");
    EXPECT_EQ(partial("'12345678', 9223372036854775807, 9223372036854775807"), "***");
    EXPECT_EQ(partial("'ÄÖÜäöüßé', 1, 1"), "Ä***é");
}

}  // namespace
}  // namespace tarn::engine
