#include "sql/shown_statement.h"

#include <gtest/gtest.h>

namespace tarn::sql {
namespace {

constexpr size_t kRoom = 4096;

TEST(ShownStatement, IsNamedByItsFirstWords) {
    EXPECT_EQ(KindOf("select 1").name, "SELECT");
    EXPECT_EQ(KindOf("-- why\n (VALUES (1))").name, "SELECT");
    EXPECT_EQ(KindOf("WITH a AS (SELECT 1) INSERT INTO t FROM a").name, "INSERT");
    EXPECT_EQ(KindOf("create or replace table t (a int)").name, "CREATE TABLE");
    EXPECT_EQ(KindOf("optimize t").name, "OPTIMIZE");
    EXPECT_EQ(KindOf("CREATE FUNCTION f(x) AS x").name, "CREATE");
    EXPECT_EQ(KindOf("zap t").name, "OTHER");
    EXPECT_EQ(KindOf("").name, "OTHER");
}

TEST(ShownStatement, TellsWhatOnlyReads) {
    for (const char* text : {"SELECT 1", "SHOW TABLES", "DESCRIBE t", "SET a = 1", "USE s"})
        EXPECT_TRUE(KindOf(text).only_reads) << text;
    for (const char* text : {"INSERT INTO t VALUES (1)", "WITH a AS (SELECT 1) DELETE FROM t",
                             "EXPLAIN ANALYZE INSERT INTO t VALUES (1)", "VACUUM t", "COMMIT",
                             "CREATE TABLE t (a INT)", "COPY t TO 'x'", "CALL f()"})
        EXPECT_FALSE(KindOf(text).only_reads) << text;
}

TEST(ShownStatement, AVerbBehindLongQueriesOfWithIsFound) {
    const std::string text = "WITH a AS (SELECT '" + std::string(5000, 'x') + "') DELETE FROM t";
    EXPECT_EQ(KindOf(text).name, "DELETE");
}

TEST(ShownStatement, TextsThatAreNoSecretsStay) {
    const std::string text = "SELECT 'a', 1 FROM tokens WHERE name = 'key' -- fine";
    EXPECT_EQ(WithoutSecrets(text, kRoom), text);
}

TEST(ShownStatement, MasksWhatFollowsASecretName) {
    EXPECT_EQ(WithoutSecrets("SET s3_secret_access_key = 'abc'", kRoom),
              "SET s3_secret_access_key = '***'");
    EXPECT_EQ(WithoutSecrets("SET my_token TO 12345", kRoom), "SET my_token TO '***'");
    EXPECT_EQ(WithoutSecrets("CALL connect(user => 'me', password => 'abc')", kRoom),
              "CALL connect(user => 'me', password => '***')");
    EXPECT_EQ(WithoutSecrets(
                  "CREATE TABLE t (a INT) TBLPROPERTIES ('fs.secret' = 'abc', 'b' = 'c')", kRoom),
              "CREATE TABLE t (a INT) TBLPROPERTIES ('fs.secret' = '***', 'b' = 'c')");
    EXPECT_EQ(WithoutSecrets("SET fs.azure.account_key.host = 'abc'", kRoom).find("abc"),
              std::string::npos);
}

TEST(ShownStatement, MasksKeysOfAes) {
    EXPECT_EQ(WithoutSecrets("SELECT base64(aes_encrypt(name, 'abc', 'GCM')), 'x' FROM t", kRoom),
              "SELECT base64(aes_encrypt(name, '***', '***')), 'x' FROM t");
    EXPECT_EQ(
        WithoutSecrets("SELECT AES_DECRYPT (unhex('00'), concat('ab', lower('C'))), 7", kRoom),
        "SELECT AES_DECRYPT (unhex('***'), concat('***', lower('***'))), 7");
    EXPECT_EQ(WithoutSecrets("SELECT try_aes_decrypt(x, X'AB') || 'y'", kRoom),
              "SELECT try_aes_decrypt(x, X'***') || 'y'");
    // One that the bound cuts open.
    EXPECT_EQ(WithoutSecrets("SELECT aes_encrypt(x, 'abcdef", 28).find("ab'"), std::string::npos);
    EXPECT_EQ(WithoutSecrets("SELECT aes_encrypt(x, 'abcdefgh')", 28).find("abc"),
              std::string::npos);
    EXPECT_EQ(WithoutSecrets("SELECT aes_encrypt, 'x' FROM t", kRoom),
              "SELECT aes_encrypt, 'x' FROM t");
}

TEST(ShownStatement, MasksAllOfCreateSecret) {
    const std::string shown = WithoutSecrets(
        "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'abc', SCOPE 's3://b', USER 'me')", kRoom);
    EXPECT_EQ(shown.find("abc"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("me'"), std::string::npos) << shown;
    EXPECT_NE(shown.find("TYPE s3"), std::string::npos) << shown;
}

TEST(ShownStatement, MasksSecretsWithinTexts) {
    EXPECT_EQ(WithoutSecrets("ATTACH 'postgres://me:abc@host/db'", kRoom),
              "ATTACH 'postgres://me:***@host/db'");
    EXPECT_EQ(WithoutSecrets("ATTACH 'host=h password=abc user=me'", kRoom),
              "ATTACH 'host=h password=*** user=me'");
    EXPECT_EQ(WithoutSecrets("SELECT * FROM 'https://h/f?a=1&sig=abc&b=2'", kRoom),
              "SELECT * FROM 'https://h/f?a=1&sig=***&b=2'");
}

TEST(ShownStatement, ASecretThatTheBoundCutsStaysHidden) {
    const std::string text = "SET password = 'abcdefghijklmnopqrstuvwxyz'";
    EXPECT_EQ(WithoutSecrets(text, 22).find("abc"), std::string::npos);
    EXPECT_EQ(WithoutSecrets("SELECT 'ää'", 10), "SELECT 'ä");
}

}  // namespace
}  // namespace tarn::sql
