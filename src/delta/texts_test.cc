// Texts inside the log: times, partition values, schemas, statistics.
#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "base/testing/kind_of.h"
#include "delta/schema_json.h"
#include "delta/stats_json.h"
#include "delta/time_text.h"
#include "delta/value_text.h"

namespace tarn::delta {
namespace {

using table::Type;
using table::TypeKind;
using table::Value;

TEST(TimeTextTest, DatesRoundTripOverAllYears) {
    for (int32_t days = -1'000'000; days < 3'000'000; days += 97) {
        ASSERT_EQ(ParseDate(FormatDate(days)), days);
    }
    EXPECT_EQ(ParseDate("1970-01-01"), 0);
    EXPECT_EQ(ParseDate("2000-02-29"), 11016);
    EXPECT_EQ(FormatDate(15706), "2013-01-01");
    for (const char* wrong : {"2013-02-29", "2013-13-01", "2013-00-01", "2013-01-00", "x", "",
                              "2013-01-01x", "2100-02-29"}) {
        EXPECT_FALSE(ParseDate(wrong)) << wrong;
    }
}

TEST(TimeTextTest, TimestampsInEverySpelling) {
    const int64_t noon = 1'357'041'600'000'000;  // 2013-01-01T12:00:00Z
    for (const char* text : {"2013-01-01 12:00:00", "2013-01-01T12:00:00Z", "2013-01-01T12:00Z",
                             "2013-01-01T12:00:00.000000Z", "2013-01-01 13:00:00+01:00",
                             "2013-01-01T04:00:00.000-08:00"}) {
        EXPECT_EQ(ParseTimestamp(text), noon) << text;
    }
    EXPECT_EQ(ParseTimestamp("2013-01-01 12:00:00.1234567"), noon + 123'456);
    EXPECT_EQ(FormatTimestamp(noon + 5, ' ', 6), "2013-01-01 12:00:00.000005");
    EXPECT_EQ(FormatTimestamp(-1, 'T', 3), "1969-12-31T23:59:59.999");
    for (const char* wrong : {"2013-01-01 24:00:00", "2013-01-01 12", "2013-01-01 12:00:00 PST"}) {
        EXPECT_FALSE(ParseTimestamp(wrong)) << wrong;
    }
}

TEST(ValueTextTest, PartitionValuesRoundTripInEveryType) {
    const std::pair<Type, Value> cases[] = {
        {Type(TypeKind::kString), std::string("a b/\xc3\xa9")},
        {Type(TypeKind::kBoolean), true},
        {Type(TypeKind::kByte), int64_t{-128}},
        {Type(TypeKind::kLong), INT64_MIN},
        {Type(TypeKind::kFloat), static_cast<double>(0.1F)},
        {Type(TypeKind::kDouble), 1e300},
        {Type(TypeKind::kDouble), 2.0},
        {Type(TypeKind::kDouble), -INFINITY},
        {Type::Decimal(10, 2), table::Decimal{-1205, 2}},
        {Type(TypeKind::kDate), table::Date{-5}},
        {Type(TypeKind::kTimestamp), table::Timestamp{1'357'041'600'123'456}},
        {Type(TypeKind::kTimestampNtz), table::Timestamp{-1}},
        {Type(TypeKind::kBinary), table::Binary{"\x01\x02"}},
    };
    for (const auto& [type, value] : cases) {
        EXPECT_EQ(ParsePartitionValue(type, FormatPartitionValue(type, value)), value)
            << type.ToString();
    }
    EXPECT_TRUE(IsNull(ParsePartitionValue(Type(TypeKind::kString), "")));
    EXPECT_TRUE(IsNull(ParsePartitionValue(Type(TypeKind::kInt), std::nullopt)));
    EXPECT_FALSE(FormatPartitionValue(Type(TypeKind::kInt), Value{}));
}

TEST(ValueTextTest, EmptyPartitionValueIsRefusedForItWouldComeBackAsNull) {
    const std::pair<Type, Value> cases[] = {{Type(TypeKind::kString), std::string()},
                                            {Type(TypeKind::kBinary), table::Binary{}}};
    for (const auto& [type, value] : cases) {
        try {
            FormatPartitionValue(type, value);
            ADD_FAILURE() << type.ToString();
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        }
    }
}

TEST(ValueTextTest, WhatIsNoValueIsCorrupt) {
    const std::pair<Type, const char*> cases[] = {
        {Type(TypeKind::kInt), "x"},        {Type(TypeKind::kInt), "2147483648"},
        {Type(TypeKind::kByte), "200"},     {Type(TypeKind::kBoolean), "yes"},
        {Type(TypeKind::kDate), "2013"},    {Type::Decimal(5, 2), "1.2.3"},
        {Type(TypeKind::kTimestamp), "now"}};
    for (const auto& [type, text] : cases) {
        EXPECT_EQ(KindOf([&, &t = type, &x = text] { (void)ParsePartitionValue(t, x); }),
                  ErrorKind::kCorrupt)
            << text;
    }
    EXPECT_EQ(
        KindOf([] { (void)ParsePartitionValue(Type::Array(Type(TypeKind::kInt), true), "1"); }),
        ErrorKind::kUnsupported);
}

TEST(ValueTextTest, DecimalsWithExponents) {
    EXPECT_EQ(ParseDecimal("1.5e2"), (table::Decimal{150, 0}));
    EXPECT_EQ(ParseDecimal("15E-3"), (table::Decimal{15, 3}));
    EXPECT_EQ(ParseDecimal("-0.05"), (table::Decimal{-5, 2}));
    for (const char* wrong :
         {"", ".", "e5", "1e", "1e999", "1..2", "0x1", "123456789012345678901234567890123456789"}) {
        EXPECT_FALSE(ParseDecimal(wrong)) << wrong;
    }
}

constexpr const char* kNested = R"js({"type":"struct","fields":[
  {"name":"id","type":"long","nullable":false,"metadata":{
   "comment":"the \"id\"","delta.columnMapping.id":4,
   "delta.columnMapping.physicalName":"col-4","x":{"y":[1,2.5]}}},
  {"name":"n","type":{"type":"struct","fields":[
    {"name":"d","type":"decimal(10,2)","nullable":true,"metadata":{}}]},
   "nullable":true,"metadata":{}},
  {"name":"l","type":{"type":"array","elementType":"timestamp_ntz","containsNull":false},
   "nullable":true,"metadata":{}},
  {"name":"m","type":{"type":"map","keyType":"string","valueType":"void","valueContainsNull":true},
   "nullable":true,"metadata":{}}]})js";

TEST(SchemaJsonTest, RoundTripsWithUnknownMetadata) {
    const table::Schema schema = ParseSchema(kNested, ColumnMapping::kName);
    ASSERT_EQ(schema.fields.size(), 4U);
    EXPECT_EQ(schema.fields[0].physical_name, "col-4");
    EXPECT_EQ(schema.fields[0].field_id, 4);
    EXPECT_FALSE(schema.fields[0].nullable);
    EXPECT_EQ(schema.fields[1].type.ToString(), "struct<d:decimal(10,2)>");
    EXPECT_EQ(schema.fields[2].type.ToString(), "array<timestamp_ntz>");
    EXPECT_EQ(schema.fields[3].type.ToString(), "map<string,void>");
    EXPECT_EQ(ParseSchema(SerializeSchema(schema), ColumnMapping::kName), schema);
    EXPECT_EQ(ParseSchema(kNested, ColumnMapping::kNone).fields[0].physical_name, "id");
}

TEST(SchemaJsonTest, BrokenIsCorruptAndForeignIsUnsupported) {
    for (const char* text :
         {"", "[]", "{}", R"({"type":"struct"})", R"({"type":"struct","fields":[{"name":"a"}]})",
          R"({"type":"struct","fields":[{"type":"long"}]})",
          R"js({"type":"struct","fields":[{"name":"a","type":"decimal(50,2)"}]})js"}) {
        EXPECT_EQ(KindOf([&] { (void)ParseSchema(text, ColumnMapping::kNone); }),
                  ErrorKind::kCorrupt)
            << text;
    }
    const auto unknown = R"({"type":"struct","fields":[{"name":"a","type":"geometrical"}]})";
    EXPECT_EQ(KindOf([&] { (void)ParseSchema(unknown, ColumnMapping::kNone); }),
              ErrorKind::kUnsupported);
    std::string deep = R"({"type":"struct","fields":[{"name":"a","type":)";
    for (int i = 0; i < 5000; ++i) deep += R"({"type":"array","elementType":)";
    deep += "\"long\"" + std::string(5000, '}') + "}]}";
    EXPECT_EQ(KindOf([&] { (void)ParseSchema(deep, ColumnMapping::kNone); }), ErrorKind::kCorrupt);
}

table::Schema StatsSchema() {
    return ParseSchema(R"js({"type":"struct","fields":[
      {"name":"i","type":"integer","nullable":true,"metadata":{}},
      {"name":"s","type":"string","nullable":true,"metadata":{}},
      {"name":"t","type":"timestamp","nullable":true,"metadata":{}},
      {"name":"n","type":{"type":"struct","fields":[
        {"name":"d","type":"decimal(20,2)","nullable":true,"metadata":{}},
        {"name":"f","type":"float","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},
      {"name":"p","type":"string","nullable":true,"metadata":{}}]})js",
                       ColumnMapping::kNone);
}

TEST(StatsJsonTest, LeavesInOrderWithoutPartitionColumns) {
    const auto leaves = LeafColumns(StatsSchema(), {"P"}, 32);
    ASSERT_EQ(leaves.size(), 5U);
    EXPECT_EQ(leaves[3].path, (std::vector<std::string>{"n", "d"}));
    EXPECT_EQ(LeafColumns(StatsSchema(), {}, 4).size(), 4U);
    Metadata metadata;
    metadata.configuration["delta.dataSkippingStatsColumns"] = "i, `n`";
    EXPECT_EQ(IndexedColumns(StatsSchema(), metadata).size(), 3U);
    metadata.configuration = {{"delta.dataSkippingNumIndexedCols", "-1"}};
    EXPECT_EQ(IndexedColumns(StatsSchema(), metadata).size(), 6U);
}

TEST(StatsJsonTest, ReadsSparksSpelling) {
    StatisticsReader reader(LeafColumns(StatsSchema(), {}, 32));
    const table::FileStatistics read = reader.Read(
        R"({"numRecords":3,"tightBounds":false,"minValues":{
            "i":1,"s":"a","t":"2013-01-01T12:00:00.000Z","n":{"d":1.25,"f":0.1}},
            "maxValues":{"i":9,"s":"z","t":"2013-01-01T12:00:00.000Z",
            "n":{"d":12345678901234567.25,"f":0.1},"zz":1},
            "nullCount":{"i":0,"n":{"d":2}}})");
    EXPECT_EQ(read.record_count, 3U);
    EXPECT_FALSE(read.tight_bounds);
    ASSERT_EQ(read.columns.size(), 5U);
    EXPECT_EQ(read.columns[0].min, Value{int64_t{1}});
    EXPECT_EQ(read.columns[0].null_count, 0U);
    EXPECT_EQ(read.columns[1].max, Value{std::string("z")});
    // Cut down to milliseconds by the writer: the upper bound must still hold the last microsecond.
    EXPECT_EQ(read.columns[2].min, Value{table::Timestamp{1'357'041'600'000'000}});
    EXPECT_EQ(read.columns[2].max, Value{table::Timestamp{1'357'041'600'000'999}});
    // Long decimals may have come through a double.
    EXPECT_GT(std::get<table::Decimal>(read.columns[3].max).unscaled,
              static_cast<__int128>(1'234'567'890'123'456'725));
    EXPECT_EQ(read.columns[3].null_count, 2U);
    EXPECT_EQ(read.columns[4].max, Value{static_cast<double>(0.1F)});
}

TEST(StatsJsonTest, BoundsOfAFileThatLosesRowsKeepEveryLetter) {
    EXPECT_EQ(WithLooseBounds(R"({"minValues":{"a\"b":1.10,"d":12345678901234567890.123},)"
                              R"("tightBounds":true,"numRecords":3})",
                              3),
              R"({"numRecords":3,"minValues":{"a\"b":1.10,"d":12345678901234567890.123},)"
              R"("tightBounds":false})");
    for (const char* unknown : {"", "{", "[1]", R"({"a":)"}) {
        EXPECT_EQ(WithLooseBounds(unknown, 7), R"({"numRecords":7,"tightBounds":false})");
    }
}

TEST(StatsJsonTest, NonsenseIsUnknown) {
    StatisticsReader reader(LeafColumns(StatsSchema(), {}, 32));
    for (const char* text : {"", "x", "{", "[]", R"({"numRecords":"3"})", R"({"numRecords":-1})",
                             R"({"minValues":{"i":"text"},"maxValues":{"i":1.5}})",
                             R"({"minValues":{"n":5},"nullCount":{"i":"x","s":-4}})"}) {
        const table::FileStatistics read = reader.Read(text);
        EXPECT_FALSE(read.record_count) << text;
        EXPECT_TRUE(read.columns.empty()) << text;
    }
}

TEST(StatsJsonTest, WrittenBoundsStillHoldWhatTheyWereMadeFrom) {
    const auto leaves = LeafColumns(StatsSchema(), {}, 32);
    for (uint64_t seed = 1; seed <= 500; ++seed) {
        SeededRandom random(seed);
        std::string text;
        for (uint64_t n = random.Below(45); n > 0; --n) {
            const char* const pieces[] = {"a", "\x7F", "\xc3\xa9", "\xF4\x8F\xBF\xBF", "z"};
            text += pieces[random.Below(5)];
        }
        const auto micros =
            static_cast<int64_t>(random.Below(4'000'000'000'000'000)) - 1'000'000'000'000'000;
        const double number = static_cast<double>(static_cast<float>(random.Below(1000)) / 7.0F);
        table::FileStatistics statistics;
        statistics.record_count = 1;
        statistics.columns = {{{"s"}, text, text, 0},
                              {{"t"}, table::Timestamp{micros}, table::Timestamp{micros}, 0},
                              {{"n", "f"}, number, number, 0}};
        StatisticsReader reader(leaves);
        const auto read = reader.Read(SerializeStatistics(statistics, leaves));
        ASSERT_EQ(read.columns.size(), 3U) << "seed " << seed;
        for (const auto& column : read.columns) {
            const Value value = column.path[0] == "s"   ? Value{text}
                                : column.path[0] == "t" ? Value{table::Timestamp{micros}}
                                                        : Value{number};
            ASSERT_TRUE(*table::Compare(column.min, value) <= 0) << "seed " << seed;
            if (!IsNull(column.max)) {
                ASSERT_TRUE(*table::Compare(column.max, value) >= 0) << "seed " << seed;
            }
        }
    }
}

TEST(StatsJsonTest, WritesWhatSparkWrites) {
    const auto leaves = LeafColumns(StatsSchema(), {"p"}, 4);
    table::FileStatistics statistics;
    statistics.record_count = 2;
    statistics.columns = {{{"i"}, int64_t{1}, int64_t{2}, 0},
                          {{"s"}, std::string(40, 'a'), std::string(40, 'b'), 1},
                          {{"t"},
                           table::Timestamp{1'357'041'600'123'456},
                           table::Timestamp{1'357'041'600'123'456},
                           0},
                          {{"n", "d"}, table::Decimal{125, 2}, table::Decimal{125, 2}, 0},
                          {{"n", "f"}, 1.0, 1.0, 0}};
    EXPECT_EQ(SerializeStatistics(statistics, leaves),
              R"({"numRecords":2,"minValues":{"i":1,"s":")" + std::string(32, 'a') +
                  R"(","t":"2013-01-01T12:00:00.123Z","n":{"d":1.25}},"maxValues":{"i":2,"s":")" +
                  std::string(32, 'b') + "\x7F" +
                  R"(","t":"2013-01-01T12:00:00.124Z","n":{"d":1.25}},)" +
                  R"("nullCount":{"i":0,"s":1,"t":0,"n":{"d":0}}})");
    EXPECT_EQ(SerializeStatistics(table::FileStatistics{}, leaves), "");
}

}  // namespace
}  // namespace tarn::delta
