// Every byte of a small log, of a checksum file and of a vector's file, flipped or cut off: an
// answer, Corrupt, Unsupported or NotFound. What a checksum guards gives no other answer. The
// sanitizers look on; test/flip does the same through the engine, with Parquet files.
#include <gtest/gtest.h>

#include "delta/actions.h"
#include "delta/snapshot.h"
#include "delta/testing/log_lines.h"
#include "format/deletion_vector.h"
#include "format/z85.h"

namespace tarn::delta {
namespace {

using table::Comparison;
using table::Predicate;

class FlippedLog : public ForeignLog {
protected:
    FlippedLog() {
        const std::string fields = FieldJson("id") + "," + FieldJson("s", "string") + "," +
                                   FieldJson("d", "decimal(5,2)") + "," + FieldJson("p", "date");
        PutLog(0, Lines({R"({"commitInfo":{"timestamp":1,"operation":"WRITE"}})",
                         R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                         R"("readerFeatures":["deletionVectors"],)"
                         R"("writerFeatures":["deletionVectors"]}})",
                         MetadataLine(fields, R"("delta.enableDeletionVectors":"true")", R"("p")"),
                         InPartition(AddLine("a%20b", kStatistics)), InPartition(AddLine("y"))}));
        PutLog(1, Lines({InPartition(RemoveLine("a%20b")),
                         InPartition(AddLine("a%20b", kStatistics + InFile())),
                         InPartition(AddLine("z", kStatistics + Inline())),
                         R"({"txn":{"appId":"t","version":4,"lastUpdated":7}})",
                         R"({"domainMetadata":{"domain":"d","configuration":"{}",)"
                         R"("removed":false}})"}));
        PutChecksum();
        answer_ = Answer();
        EXPECT_NE(answer_.find("a%20b -1,4"), std::string::npos) << answer_;
        EXPECT_NE(answer_.find("z -2"), std::string::npos) << answer_;
    }

    // What readers see of the table, or the kind of the refusal.
    std::string Answer() {
        try {
            const auto snapshot = Latest();
            std::string text = std::to_string(snapshot->AtVersion().number) + ":";
            for (const table::Field& field : snapshot->Metadata().schema.fields) {
                text += " " + field.name + "=" + field.type.ToString();
            }
            std::map<std::string, std::string> files;
            for (const auto& predicate :
                 {Predicate::True(), Predicate::Compare({"id"}, Comparison::kLess, int64_t{5}),
                  Predicate::Compare({"s"}, Comparison::kEqual, std::string("b"))}) {
                for (const table::DataFile& file : snapshot->Plan(predicate).files) {
                    files[file.path] += " ";
                    if (!file.deletion_vector || !predicate.IsTrue()) continue;
                    files[file.path] += "-" + Deleted(*snapshot->LoadDeletedRows(file));
                }
            }
            for (const auto& [path, rows] : files) text += " " + path + rows;
            return text;
        } catch (const Error& error) {
            return std::string(TraitsOf(error.kind()).name);
        }
    }

    // Each byte of the object, four ways; calls judge(answer, byte).
    template <typename Judge>
    void Flip(const std::string& location, const Judge& judge) {
        const std::string bytes = store_.Get(location);
        for (size_t at = 0; at < bytes.size(); ++at) {
            for (const int mask : {0x01, 0x80, 0xff, 0}) {
                std::string changed = bytes;
                changed[at] = static_cast<char>(changed[at] ^ mask);
                if (mask == 0) changed.resize(at);
                store_.Put(location, changed);
                judge(Answer(), at);
            }
        }
        store_.Put(location, bytes);
        EXPECT_EQ(Answer(), answer_);
    }
    static bool IsRefusal(const std::string& answer) {
        return answer == "Corrupt" || answer == "Unsupported" || answer == "NotFound";
    }
    void ExpectGuarded(const std::string& location) {
        Flip(location, [&](const std::string& answer, size_t at) {
            EXPECT_TRUE(IsRefusal(answer) || answer == answer_) << at << ": " << answer;
        });
    }
    void ExpectOrdered(const std::string& location) {
        Flip(location, [&](const std::string& answer, size_t at) {
            EXPECT_TRUE(IsRefusal(answer) || answer.find(':') != std::string::npos)
                << at << ": " << answer;
        });
    }

    static constexpr const char* kVectorName =
        "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
    std::string VectorLocation() const { return std::string(kRoot) + "/ab/" + kVectorName; }

private:
    static std::string InPartition(std::string line) {
        const std::string_view empty = R"("partitionValues":{})";
        return line.replace(line.find(empty), empty.size(),
                            R"("partitionValues":{"p":"2013-01-01"})");
    }
    static std::string Serialized(std::initializer_list<uint64_t> deleted) {
        format::RoaringBitmap64 rows;
        for (const uint64_t row : deleted) rows.Add(row);
        return format::SerializeDeletionVector(rows);
    }
    std::string InFile() {
        const std::string vector = Serialized({1, 4});
        format::DeletionVectorFile file;
        file.Append(vector);
        store_.Put(VectorLocation(), file.Bytes());
        return fmt::format(R"(,"deletionVector":{{"storageType":"u","pathOrInlineDv":)"
                           R"("ab^-aqEH.-t@S}}K{{vb[*k^","offset":1,"sizeInBytes":{},)"
                           R"("cardinality":2}})",
                           vector.size());
    }
    static std::string Inline() {
        const std::string vector = Serialized({2});
        return fmt::format(R"(,"deletionVector":{{"storageType":"i","pathOrInlineDv":"{}",)"
                           R"("sizeInBytes":{},"cardinality":1}})",
                           format::EncodeZ85(vector), vector.size());
    }
    void PutChecksum() {
        const auto latest = Latest();
        const LogState& state = dynamic_cast<const Snapshot&>(*latest).State();
        const auto inner = [](const std::string& action) {
            const size_t start = action.find(':') + 1;
            return action.substr(start, action.size() - start - 1);
        };
        Put(fmt::format("{:020}.crc", state.version.number),
            fmt::format(R"({{"tableSizeBytes":{},"numFiles":{},"numMetadata":1,"numProtocol":1,)"
                        R"("metadata":{},"protocol":{}}})",
                        state.files.SizeBytes(), state.files.Count(),
                        inner(SerializeAction(*state.metadata)),
                        inner(SerializeAction(*state.protocol))));
    }
    static std::string Deleted(const table::DeletedRows& rows) {
        std::string text;
        for (uint64_t row = 0; row < 10; ++row) {
            if (rows.Contains(row)) text += (text.empty() ? "" : ",") + std::to_string(row);
        }
        return text;
    }

    const std::string kStatistics =
        R"(,"stats":"{\"numRecords\":9,\"minValues\":{\"id\":1,\"s\":\"a\",\"d\":1.25},)"
        R"(\"maxValues\":{\"id\":9,\"s\":\"c\",\"d\":9.75},\"nullCount\":{\"id\":0}}")";
    std::string answer_;
};

TEST_F(FlippedLog, TheChecksumFileAndTheVectorGiveErrorsOrTheSameAnswer) {
    ExpectGuarded(LogFile("00000000000000000001.crc"));
    ExpectGuarded(VectorLocation());
}

TEST_F(FlippedLog, ACommitGivesAnAnswerOrARefusal) {
    ExpectOrdered(LogFile("00000000000000000000.json"));
    ExpectOrdered(LogFile("00000000000000000001.json"));
}

}  // namespace
}  // namespace tarn::delta
