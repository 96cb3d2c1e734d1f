#include "delta/version_checksum.h"

#include <gtest/gtest.h>

#include "delta/testing/log_lines.h"

namespace tarn::delta {
namespace {

// A table of two files, a transaction and a domain at version 1.
class VersionChecksumTest : public ForeignLog {
protected:
    void SetUp() override {
        PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("a"), AddLine("b")}));
        PutLog(1,
               Lines({R"({"txn":{"appId":"app","version":7}})",
                      R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})",
                      AddLine("c"), RemoveLine("a")}));
    }

    static std::string Inner(const std::string& line) {
        const size_t start = line.find(':') + 1;
        return line.substr(start, line.size() - start - 1);
    }
    static std::string Checksum(const std::string& totals, const std::string& more = "",
                                const std::string& metadata = Inner(IdMetadata()),
                                const std::string& protocol = Inner(kPlainProtocol)) {
        return "{" + totals + R"(,"numMetadata":1,"numProtocol":1,"metadata":)" + metadata +
               R"(,"protocol":)" + protocol + more + "}";
    }
    void PutChecksum(const std::string& text) { Put("00000000000000000001.crc", text); }
    bool IsRead() { return PathsOf(*Latest()) == Paths{"b", "c"}; }

    static constexpr const char* kRight = R"("tableSizeBytes":20,"numFiles":2)";
};

TEST_F(VersionChecksumTest, OneThatAgreesChangesNothing) {
    for (const std::string& more :
         {std::string(), std::string(R"(,"setTransactions":[{"appId":"app","version":7}])"),
          std::string(R"(,"domainMetadata":[{"domain":"d","configuration":"{}","removed":false}])"),
          std::string(R"(,"unknown":{"a":[1]},"setTransactions":null,"txnId":"x")")}) {
        PutChecksum(Checksum(kRight, more));
        EXPECT_TRUE(IsRead()) << more;
    }
}

TEST_F(VersionChecksumTest, MalformedChecksumFileIsIgnored) {
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"), std::string("{}"),
          std::string("\xff"), std::string(R"({"numFiles":99})"),
          Checksum(R"("tableSizeBytes":"x","numFiles":99)"),
          Checksum(R"("tableSizeBytes":20,"numFiles":99.5)"),
          Checksum(R"("tableSizeBytes":20,"numFiles":99999999999999999999999)"),
          Checksum(R"("tableSizeBytes":20,"numFiles":99)", R"(,"setTransactions":7)"),
          Checksum(R"("tableSizeBytes":20,"numFiles":99)", "", "{}")}) {
        PutChecksum(text);
        EXPECT_TRUE(IsRead()) << text;
    }
}

TEST_F(VersionChecksumTest, OneThatDisagreesMakesTheVersionCorrupt) {
    const std::string other_schema = Inner(MetadataLine(FieldJson("other")));
    const std::string other_protocol = R"({"minReaderVersion":1,"minWriterVersion":3})";
    for (const std::string& text :
         {Checksum(R"("tableSizeBytes":20,"numFiles":3)"),
          Checksum(R"("tableSizeBytes":21,"numFiles":2)"), Checksum(kRight, "", other_schema),
          Checksum(kRight, "", Inner(IdMetadata()), other_protocol),
          Checksum(kRight, R"(,"setTransactions":[{"appId":"app","version":8}])"),
          Checksum(kRight, R"(,"setTransactions":[])"), Checksum(kRight, R"(,"domainMetadata":[])"),
          Checksum(kRight,
                   R"(,"domainMetadata":[{"domain":"d","configuration":"x","removed":false}])")}) {
        PutChecksum(text);
        EXPECT_EQ(Refusal(), ErrorKind::kCorrupt) << text;
    }
    EXPECT_NE(RefusalText().find("00000000000000000001.crc"), std::string::npos);
}

TEST_F(VersionChecksumTest, ItSpeaksOfItsOwnVersionOnly) {
    PutChecksum(Checksum(R"("tableSizeBytes":20,"numFiles":3)"));
    EXPECT_EQ(format_.Load(kRoot, table::Version{0})->Totals().files, 2U);
    PutLog(2, AddLine("d"));
    EXPECT_EQ(Latest()->Totals().files, 3U);
}

TEST_F(VersionChecksumTest, ARefreshedSnapshotIsHeldAgainstItToo) {
    const auto cached = Latest();
    PutLog(2, AddLine("d"));
    Put("00000000000000000002.crc", Checksum(R"("tableSizeBytes":30,"numFiles":4)"));
    EXPECT_EQ(KindOf([&] { (void)format_.Load(kRoot, table::Latest{}, cached); }),
              ErrorKind::kCorrupt);
    Put("00000000000000000002.crc", Checksum(R"("tableSizeBytes":30,"numFiles":3)"));
    EXPECT_EQ(format_.Load(kRoot, table::Latest{}, cached)->Totals().files, 3U);
}

TEST_F(VersionChecksumTest, ExpiredTransactionsMayBeMissing) {
    const std::string retention = R"("delta.setTransactionRetentionDuration":"interval 1 days")";
    PutLog(2, IdMetadata(retention));
    Put("00000000000000000002.crc",
        Checksum(kRight, R"(,"setTransactions":[])", Inner(IdMetadata(retention))));
    EXPECT_TRUE(IsRead());
}

}  // namespace
}  // namespace tarn::delta
