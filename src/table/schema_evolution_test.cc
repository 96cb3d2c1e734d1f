#include "table/schema_evolution.h"

#include <gtest/gtest.h>

namespace tarn::table {
namespace {

Field Named(const std::string& name, Type type, bool nullable = true) {
    Field field;
    field.name = name;
    field.physical_name = name;
    field.type = std::move(type);
    field.nullable = nullable;
    return field;
}

std::string Shown(const std::vector<Field>& fields) { return Type::Struct(fields).ToString(); }

TEST(SchemaEvolution, NewColumnsComeLastAndMayBeNull) {
    std::vector<Field> fields = {Named("a", Type(TypeKind::kInt), false)};
    ASSERT_TRUE(Evolve(
        fields, {Named("b", Type(TypeKind::kString), false), Named("A", Type(TypeKind::kInt))},
        false));
    EXPECT_EQ(Shown(fields), "struct<a:int,b:string>");
    EXPECT_TRUE(fields[1].nullable);
    EXPECT_FALSE(fields[0].nullable);
}

TEST(SchemaEvolution, FieldsWithinStructsArraysAndMapsAreAdded) {
    const Type less = Type::Struct({Named("x", Type(TypeKind::kInt))});
    const Type more =
        Type::Struct({Named("y", Type(TypeKind::kDate)), Named("x", Type(TypeKind::kInt))});
    std::vector<Field> fields = {Named("s", less), Named("l", Type::Array(less, true)),
                                 Named("m", Type::Map(Type(TypeKind::kString), less, true))};
    ASSERT_TRUE(Evolve(fields,
                       {Named("s", more), Named("l", Type::Array(more, true)),
                        Named("m", Type::Map(Type(TypeKind::kString), more, true))},
                       false));
    EXPECT_EQ(Shown(fields),
              "struct<s:struct<x:int,y:date>,l:array<struct<x:int,y:date>>,"
              "m:map<string,struct<x:int,y:date>>>");
}

TEST(SchemaEvolution, TypesWidenOnlyWhereAskedAndNeverAcrossKinds) {
    const std::vector<Field> before = {
        Named("i", Type(TypeKind::kShort)), Named("f", Type(TypeKind::kFloat)),
        Named("d", Type::Decimal(5, 2)), Named("n", Type(TypeKind::kInt)),
        Named("t", Type(TypeKind::kDate))};
    const std::vector<Field> given = {
        Named("i", Type(TypeKind::kLong)), Named("f", Type(TypeKind::kDouble)),
        Named("d", Type::Decimal(6, 4)), Named("n", Type(TypeKind::kDouble)),
        Named("t", Type(TypeKind::kTimestampNtz))};
    std::vector<Field> fields = before;
    EXPECT_FALSE(Evolve(fields, given, false));
    EXPECT_EQ(fields, before);
    ASSERT_TRUE(Evolve(fields, given, true));
    EXPECT_EQ(Shown(fields), "struct<i:long,f:double,d:decimal(7,4),n:int,t:timestamp_ntz>");
}

TEST(SchemaEvolution, NarrowerRowsChangeNothing) {
    std::vector<Field> fields = {Named("i", Type(TypeKind::kLong)),
                                 Named("d", Type::Decimal(38, 2))};
    EXPECT_FALSE(Evolve(
        fields, {Named("i", Type(TypeKind::kByte)), Named("d", Type::Decimal(38, 10))}, true));
}

}  // namespace
}  // namespace tarn::table
