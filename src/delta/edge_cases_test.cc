// Logs of other writers at the edges of the protocol, one test an edge, named for it. Paths, log
// choice, checksum files, commit times and the change feed have tests of their own.
#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "delta/checkpoint_writer.h"
#include "delta/log_state.h"
#include "delta/testing/log_lines.h"

namespace tarn::delta {
namespace {

using table::Comparison;
using table::Predicate;
using table::Value;

class EdgeCases : public ForeignLog {
protected:
    // One column of a type, one file "x" with these statistics (JSON, quotes escaped here).
    void PutOneFile(const std::string& type, const std::string& stats,
                    const std::string& more = "") {
        std::string escaped;
        for (const char c : stats) {
            if (c == '"' || c == '\\') escaped += '\\';
            escaped += c;
        }
        const std::string statistics = stats.empty() ? "" : R"(,"stats":")" + escaped + '"';
        PutLog(0, Lines({kPlainProtocol, MetadataLine(FieldJson("a", type)),
                         AddLine("x", statistics + more)}));
    }
    bool MayHold(Comparison comparison, Value value) {
        return !PathsOf(*Latest(), Predicate::Compare({"a"}, comparison, std::move(value))).empty();
    }
    bool MayHoldEqual(Value value) { return MayHold(Comparison::kEqual, std::move(value)); }

    // One string or other column "p" that partitions, a file with that value (JSON).
    std::vector<Value> PartitionOf(const std::string& type, const std::string& value) {
        PutLog(0, Lines({kPlainProtocol,
                         MetadataLine(FieldJson("a") + "," + FieldJson("p", type), "", R"("p")"),
                         R"({"add":{"path":"p=__HIVE_DEFAULT_PARTITION__/x","partitionValues":{)" +
                             value + R"(},"size":1,"modificationTime":1,"dataChange":true}})"}));
        return Latest()->Plan(Predicate::True()).files.at(0).partition_values;
    }
};

TEST_F(EdgeCases, EmptyStringPartitionIsNull) {
    for (const char* type : {"string", "long", "date", "timestamp"}) {
        EXPECT_TRUE(IsNull(PartitionOf(type, R"("p":"")").at(0))) << type;
        EXPECT_TRUE(IsNull(PartitionOf(type, R"("p":null)").at(0))) << type;
        EXPECT_TRUE(IsNull(PartitionOf(type, "").at(0))) << type;
    }
}

TEST_F(EdgeCases, HiveNullPartitionInThePathSaysNothing) {
    // The value rules, not the folder's name.
    EXPECT_TRUE(IsNull(PartitionOf("string", R"("p":null)").at(0)));
    EXPECT_EQ(PartitionOf("string", R"("p":"b")").at(0), Value(std::string("b")));
}

TEST_F(EdgeCases, ZonelessPartitionTimestampsAreUtc) {
    const Value noon = table::Timestamp{1'357'041'600'000'000};
    EXPECT_EQ(PartitionOf("timestamp", R"("p":"2013-01-01 12:00:00")").at(0), noon);
    EXPECT_EQ(PartitionOf("timestamp", R"("p":"2013-01-01 12:00:00.000000")").at(0), noon);
    EXPECT_EQ(PartitionOf("timestamp", R"("p":"2013-01-01T12:00:00.000000Z")").at(0), noon);
}

TEST_F(EdgeCases, StatisticsTruncatedToMillisecondsWidenByOneWhenSkipping) {
    PutOneFile("timestamp", R"({"numRecords":1,"minValues":{"a":"2013-01-01T12:00:00.123Z"},)"
                            R"("maxValues":{"a":"2013-01-01T12:00:00.123Z"},"nullCount":{"a":0}})");
    const int64_t bound = 1'357'041'600'123'000;
    EXPECT_TRUE(MayHoldEqual(table::Timestamp{bound}));
    EXPECT_TRUE(MayHoldEqual(table::Timestamp{bound + 999}));
    EXPECT_FALSE(MayHoldEqual(table::Timestamp{bound + 1001}));
    EXPECT_FALSE(MayHoldEqual(table::Timestamp{bound - 1}));
}

TEST_F(EdgeCases, StringBoundsAreInUtf8OrderWithTieBreakers) {
    // U+FF5E sorts below U+1F600 by bytes, above it by UTF-16; a cut upper bound ends in a
    // character that is greater than any.
    PutOneFile("string",
               "{\"numRecords\":2,\"minValues\":{\"a\":\"\xef\xbd\x9e\"},\"maxValues\":"
               "{\"a\":\"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"},\"nullCount\":{\"a\":0}}");
    EXPECT_TRUE(MayHoldEqual(std::string("\xef\xbd\x9e")));
    EXPECT_TRUE(MayHoldEqual(std::string("\xf0\x9f\x98\x80 and more")));
    EXPECT_FALSE(MayHoldEqual(std::string("\xef\xbd\x9d")));
    EXPECT_FALSE(MayHoldEqual(std::string("\xf0\x9f\x98\x81")));
}

TEST_F(EdgeCases, AnUpperBoundThatEndsInTheOldTieBreakerIsUnknown) {
    // Older Spark cut after 32 UTF-16 units and put U+FFFD behind; in UTF-8 U+1F600 is greater.
    const std::string cut(32, 'a');
    PutOneFile("string", R"({"numRecords":1,"minValues":{"a":")" + cut +
                             R"("},"maxValues":{"a":")" + cut +
                             "\xef\xbf\xbd\"},\"nullCount\":{\"a\":0}}");
    EXPECT_TRUE(MayHoldEqual(cut + "\xf0\x9f\x98\x80 tail"));
    EXPECT_TRUE(MayHold(Comparison::kGreater, std::string("b")));
    EXPECT_FALSE(MayHoldEqual(std::string("Z")));
}

// Columns "c" and "n.c" of double that were float, in one file with these bounds each.
constexpr const char* kWidenedDouble =
    R"({"name":"c","type":"double","nullable":true,"metadata":{"delta.typeChanges":)"
    R"([{"fromType":"float","toType":"double"}]}})";

TEST_F(EdgeCases, BoundsOfAFloatHoldItsRowsAfterItBecameADouble) {
    const std::string nested = R"({"name":"n","nullable":true,"metadata":{},"type":)"
                               R"({"type":"struct","fields":[)" +
                               std::string(kWidenedDouble) + "]}}";
    for (const char* digits : {"0.7", "-0.1", "0.1", "3.4028235E38", "-3.4028235E38"}) {
        const std::string bound = fmt::format(R"({{\"c\":{0},\"n\":{{\"c\":{0}}}}})", digits);
        PutLog(0, Lines({R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                         R"("readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}})",
                         MetadataLine(std::string(kWidenedDouble) + "," + nested),
                         AddLine("x", R"(,"stats":"{\"numRecords\":1,\"minValues\":)" + bound +
                                          R"(,\"maxValues\":)" + bound + R"(}")")}));
        const double row = std::strtof(digits, nullptr);
        for (const std::vector<std::string>& path :
             {std::vector<std::string>{"c"}, std::vector<std::string>{"n", "c"}}) {
            const auto may_hold = [&](Comparison comparison, double value) {
                return !PathsOf(*Latest(), Predicate::Compare(path, comparison, value)).empty();
            };
            EXPECT_TRUE(may_hold(Comparison::kEqual, row)) << digits;
            EXPECT_TRUE(may_hold(Comparison::kLess, std::nextafter(row, HUGE_VAL))) << digits;
            EXPECT_TRUE(may_hold(Comparison::kGreater, std::nextafter(row, -HUGE_VAL))) << digits;
            EXPECT_FALSE(may_hold(Comparison::kLess, row - std::abs(row) / 1000)) << digits;
        }
    }
}

TEST_F(EdgeCases, BoundsOfAPlainDoubleStayExact) {
    PutOneFile("double", R"({"numRecords":1,"minValues":{"a":0.7},"maxValues":{"a":0.7}})");
    EXPECT_TRUE(MayHoldEqual(0.7));
    EXPECT_FALSE(MayHold(Comparison::kLess, 0.7));
}

TEST_F(EdgeCases, WideBoundsSkipButAreNotExact) {
    PutOneFile("long", R"({"numRecords":5,"tightBounds":false,"minValues":{"a":1},)"
                       R"("maxValues":{"a":9},"nullCount":{"a":2}})");
    EXPECT_TRUE(MayHoldEqual(int64_t{1}));
    EXPECT_FALSE(MayHoldEqual(int64_t{10}));
    const auto files = Latest()->Plan(Predicate::Compare({"a"}, Comparison::kLess, int64_t{5}));
    ASSERT_EQ(files.files.size(), 1U);
    EXPECT_FALSE(files.files[0].statistics->tight_bounds);
    // A count of NULLs between none and all says nothing.
    EXPECT_FALSE(PathsOf(*Latest(), Predicate::IsNull({"a"})).empty());
}

TEST_F(EdgeCases, MissingStatisticsKeepTheFile) {
    for (const char* stats : {"", "{}", R"({"numRecords":3})", "not JSON",
                              R"({"numRecords":3,"minValues":{"a":null},"maxValues":{}})",
                              R"({"numRecords":3,"minValues":{"A":5},"maxValues":{"b":6}})"}) {
        PutOneFile("long", stats);
        EXPECT_TRUE(MayHoldEqual(int64_t{77})) << stats;
        EXPECT_FALSE(PathsOf(*Latest(), Predicate::IsNull({"a"})).empty()) << stats;
    }
}

TEST_F(EdgeCases, NotANumberAndNegativeZero) {
    PutOneFile("double", R"({"numRecords":3,"minValues":{"a":0.0},"maxValues":{"a":5.0},)"
                         R"("nullCount":{"a":0}})");
    EXPECT_TRUE(MayHoldEqual(-0.0));
    EXPECT_TRUE(MayHoldEqual(std::nan("")));  // writers leave it out of the bounds
    EXPECT_TRUE(MayHold(Comparison::kGreater, 5.0));
    EXPECT_FALSE(MayHoldEqual(-1.0));
    PutOneFile("double", R"({"numRecords":3,"minValues":{"a":"NaN"},"maxValues":{"a":"NaN"},)"
                         R"("nullCount":{"a":0}})");
    EXPECT_TRUE(MayHoldEqual(std::nan("")));
}

TEST_F(EdgeCases, EdgeTimestampsOfTheYear9999) {
    PutOneFile("timestamp", R"({"numRecords":2,"minValues":{"a":"0001-01-01T00:00:00.000Z"},)"
                            R"("maxValues":{"a":"9999-12-31T23:59:59.999Z"},"nullCount":{"a":0}})");
    const int64_t last = 253'402'300'799'999'999;
    EXPECT_TRUE(MayHoldEqual(table::Timestamp{last}));
    EXPECT_TRUE(MayHold(Comparison::kGreater, table::Timestamp{last - 1}));
    EXPECT_TRUE(MayHoldEqual(table::Timestamp{-62'135'596'800'000'000}));
    EXPECT_EQ(PartitionOf("timestamp", R"("p":"9999-12-31 23:59:59.999999")").at(0),
              Value(table::Timestamp{last}));
    EXPECT_EQ(PartitionOf("date", R"("p":"9999-12-31")").at(0), Value(table::Date{2'932'896}));
}

// Three spellings of vectors; which of them a path has at the end must not depend on the order.
constexpr const char* kVector =
    R"(,"stats":"{{\"numRecords\":9}}","deletionVector":{{"storageType":"u","pathOrInlineDv":)"
    R"("ab^-aqEH.-t@S}}K{{vb[*k^","offset":{},"sizeInBytes":40,"cardinality":{}}})";

TEST_F(EdgeCases, OnePathRemovedAndReAddedWithAnotherVectorInOneCommitInEitherOrder) {
    const std::string first = fmt::format(kVector, 1, 2);
    const std::string second = fmt::format(kVector, 99, 4);
    for (const bool remove_first : {true, false}) {
        PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("x", first)}));
        const std::string remove = RemoveLine("x", first);
        const std::string add = AddLine("x", second);
        PutLog(1, remove_first ? Lines({remove, add}) : Lines({add, remove}));
        const auto snapshot = Latest();
        EXPECT_EQ(snapshot->Totals().files, 1U) << remove_first;
        EXPECT_EQ(snapshot->LiveRows(), 5U) << remove_first;
    }
}

TEST_F(EdgeCases, ActionsOfOneVersionMustNotCancelByOrder) {
    for (const bool remove_first : {true, false}) {
        PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("x"), AddLine("y")}));
        PutLog(1, remove_first ? Lines({RemoveLine("x"), AddLine("x")})
                               : Lines({AddLine("x"), RemoveLine("x")}));
        EXPECT_EQ(PathsOf(*Latest()), (Paths{"x", "y"})) << remove_first;
    }
}

TEST_F(EdgeCases, UnknownActionsAndFieldsAreIgnored) {
    PutLog(0, Lines({R"({"fromTheFuture":{"a":[{}]}})", kPlainProtocol, IdMetadata(),
                     AddLine("x", R"(,"new":{"deep":[1,null]})"), R"({"commitInfo":null})",
                     R"({"checkpointMetadata":{"version":9,"tags":{"x":"y"}}})"}));
    EXPECT_EQ(PathsOf(*Latest()), Paths{"x"});
}

TEST_F(EdgeCases, DropAndReAddOfAColumnGivesItAnotherPhysicalName) {
    const auto mapped = [](const char* physical, int id) {
        return fmt::format(
            R"({{"name":"a","type":"long","nullable":true,"metadata":)"
            R"({{"delta.columnMapping.id":{},"delta.columnMapping.physicalName":"{}"}}}})",
            id, physical);
    };
    const std::string mode = R"("delta.columnMapping.mode":"name")";
    const std::string statistics =
        R"(,"stats":"{\"numRecords\":1,\"minValues\":{\"col-1\":5},\"maxValues\":{\"col-1\":5},)"
        R"(\"nullCount\":{\"col-1\":0}}")";
    PutLog(0, Lines({R"({"protocol":{"minReaderVersion":2,"minWriterVersion":5}})",
                     MetadataLine(mapped("col-1", 1), mode), AddLine("x", statistics)}));
    const auto five = Predicate::Compare({"a"}, Comparison::kEqual, int64_t{5});
    const auto six = Predicate::Compare({"a"}, Comparison::kEqual, int64_t{6});
    EXPECT_EQ(PathsOf(*Latest(), five), Paths{"x"});
    EXPECT_EQ(PathsOf(*Latest(), six), Paths{});
    PutLog(1, MetadataLine(mapped("col-2", 2), mode));
    // The old column's bounds say nothing of the new one.
    EXPECT_EQ(PathsOf(*Latest(), six), Paths{"x"});
    EXPECT_EQ(Latest()->Metadata().schema.fields.at(0).physical_name, "col-2");
}

TEST_F(EdgeCases, TheLegacyProtocolWithColumnMappingMaps) {
    const std::string field =
        R"({"name":"a","type":"long","nullable":true,"metadata":{"delta.columnMapping.id":1,)"
        R"("delta.columnMapping.physicalName":"col-1"}})";
    const std::string mode = R"("delta.columnMapping.mode":"name")";
    const auto physical = [&](const std::string& protocol) {
        PutLog(0, Lines({protocol, MetadataLine(field, mode)}));
        return Latest()->Metadata().schema.fields.at(0).physical_name;
    };
    EXPECT_EQ(physical(R"({"protocol":{"minReaderVersion":2,"minWriterVersion":5}})"), "col-1");
    EXPECT_EQ(physical(R"({"protocol":{"minReaderVersion":2,"minWriterVersion":7,)"
                       R"("writerFeatures":["columnMapping"]}})"),
              "col-1");
    EXPECT_EQ(physical(R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                       R"("readerFeatures":["columnMapping"],)"
                       R"("writerFeatures":["columnMapping"]}})"),
              "col-1");
    // Not supported by the protocol: the property is not to be honoured.
    EXPECT_EQ(physical(kPlainProtocol), "a");
}

}  // namespace
}  // namespace tarn::delta
