#include "engine/duck/text_limits.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

using table::Type;
using table::TypeKind;

table::Field Column(Type type, const std::string& kept = "") {
    table::Field field;
    field.name = "c";
    field.type = std::move(type);
    if (!kept.empty())
        field.metadata = {{"comment", "\"x\""}, {"__CHAR_VARCHAR_TYPE_STRING", kept}};
    return field;
}

table::Field Part(const std::string& name, Type type) {
    table::Field field;
    field.name = name;
    field.type = std::move(type);
    return field;
}

const Type kText(TypeKind::kString);
const Type kRecord = Type::Struct({Part("x", kText), Part("y", Type(TypeKind::kLong)),
                                   Part("z", Type::Map(kText, Type::Array(kText, true), true))});

std::string Read(const Type& type, const std::string& kept) {
    return SparkTypeText(LimitedType(Column(type, kept)));
}

TEST(TextLimitsTest, WhatSparkKeptIsRead) {
    EXPECT_EQ(Read(kText, "\"varchar(3)\""), "varchar(3)");
    EXPECT_EQ(Read(kText, "\"char(0)\""), "char(0)");
    const std::string whole = "struct<x:varchar(2),y:bigint,z:map<char(1),array<varchar(4)>>>";
    EXPECT_EQ(Read(kRecord, "\"" + whole + "\""), whole);
    EXPECT_EQ(Read(kText, ""), "string");
}

TEST(TextLimitsTest, FieldsAreFoundByTheirNames) {
    EXPECT_EQ(Read(kRecord, "\"struct<gone:char(9),`z`:map<string,array<char(1)>>,x:varchar(7)>\""),
              "struct<x:varchar(7),y:bigint,z:map<string,array<char(1)>>>");
    const Type odd = Type::Struct({Part("a`b c", kText)});
    EXPECT_EQ(Read(odd, "\"struct<`a``b c`:char(2)>\""), "struct<`a``b c`:char(2)>");
}

TEST(TextLimitsTest, WhatTheTypeIsNotSaysNothing) {
    EXPECT_EQ(Read(Type(TypeKind::kLong), "\"varchar(3)\""), "bigint");
    EXPECT_EQ(Read(kText, "\"struct<a:varchar(3)>\""), "string");
    EXPECT_EQ(Read(kRecord, "\"array<varchar(3)>\""), SparkTypeText(kRecord));
    EXPECT_EQ(Read(Type::Decimal(10, 2), "\"decimal(10,2)\""), "decimal(10,2)");
}

TEST(TextLimitsTest, WhatCannotBeReadIsRefused) {
    for (const char* kept : {"\"varchar(x)\"", "\"struct<a:varchar(3)\"", "7", "\"\"",
                             "\"varchar(3\"", "\"struct<`a:varchar(3)>\"", "\"varchar(3)>\""}) {
        EXPECT_THROW(Read(kText, kept), Error) << kept;
    }
    EXPECT_THROW(Read(kText, "\"" + std::string(100'000, '<') + "\""), Error);
    std::string deep;
    for (int i = 0; i < 1000; i++) deep += "array<";
    EXPECT_THROW(Read(kText, "\"" + deep + "\""), Error);
}

TEST(TextLimitsTest, LimitsAreSetKeptAndTakenAway) {
    table::Field column = Column(kRecord);
    SetLimits({{{"x"}, false, 2, false}, {{"z", "value", "element"}, true, 3, true}}, column);
    EXPECT_EQ(SparkTypeText(column.type),
              "struct<x:varchar(2),y:bigint,z:map<string,array<char(3)>>>");
    KeepLimits(column);
    EXPECT_EQ(column.type, kRecord);
    ASSERT_EQ(column.metadata.size(), 1U);
    EXPECT_EQ(SparkTypeText(LimitedType(column)),
              "struct<x:varchar(2),y:bigint,z:map<string,array<char(3)>>>");
    SetLimits({}, column);
    KeepLimits(column);
    EXPECT_TRUE(column.metadata.empty());
}

}  // namespace
}  // namespace tarn::engine::duck
