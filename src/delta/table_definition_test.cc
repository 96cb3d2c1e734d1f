#include "delta/table_definition.h"

#include <set>

#include <gtest/gtest.h>

#include "base/error.h"
#include "delta/schema_json.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::Definition;
using table::Field;
using table::TableMetadata;
using table::Type;
using table::TypeKind;

Field Plain(const std::string& name, Type type) {
    Field field;
    field.name = name;
    field.physical_name = name;
    field.type = std::move(type);
    return field;
}

TableMetadata TableOf(const std::vector<std::pair<std::string, std::string>>& properties) {
    TableMetadata metadata;
    metadata.schema.fields = {
        Plain("a", Type(TypeKind::kInt)),
        Plain("s", Type::Array(Type::Struct({Plain("x", Type(TypeKind::kShort))}), true))};
    metadata.properties.insert(properties.begin(), properties.end());
    return metadata;
}

class DefineTest : public ::testing::Test {
protected:
    TableMetadata Run(const TableMetadata& wanted, const TableMetadata* base,
                      Definition definition) {
        return Define(wanted, base, definition, [this] { return std::to_string(++names_); });
    }
    ErrorKind Refusal(const TableMetadata& wanted, const TableMetadata& base) {
        try {
            Run(wanted, &base, Definition::kAlters);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::kInternal;
    }

private:
    int names_ = 0;
};

const std::pair<std::string, std::string> kByName = {"delta.columnMapping.mode", "name"};
const std::pair<std::string, std::string> kWidens = {"delta.enableTypeWidening", "true"};

TEST_F(DefineTest, ANewMappedTableHasIdsAtEveryDepth) {
    const TableMetadata made = Run(TableOf({kByName}), nullptr, Definition::kCreates);
    const Field& inner = made.schema.fields[1].type.children()[0].type.children()[0];
    EXPECT_EQ(made.schema.fields[0].physical_name, "col-1");
    EXPECT_EQ((std::set<int>{made.schema.fields[0].field_id, made.schema.fields[1].field_id,
                             inner.field_id}),
              (std::set<int>{1, 2, 3}));
    EXPECT_EQ(made.properties.at("delta.columnMapping.maxColumnId"), "3");
    EXPECT_FALSE(made.schema.by_id);
    const table::Schema read = ParseSchema(SerializeSchema(made.schema), ColumnMapping::kName);
    EXPECT_EQ(read, made.schema);
}

TEST_F(DefineTest, AnUpgradeKeepsTheNamesOfFiles) {
    const TableMetadata base = TableOf({});
    const TableMetadata made = Run(TableOf({kByName}), &base, Definition::kAlters);
    EXPECT_EQ(made.schema.fields[0].physical_name, "a");
    EXPECT_GT(made.schema.fields[0].field_id, 0);
    EXPECT_EQ(Refusal(TableOf({}), made), ErrorKind::kUnsupported);
}

// An id is never given again, not even when its column is gone.
TEST_F(DefineTest, IdsAreNotUsedAgain) {
    const TableMetadata base = Run(TableOf({kByName}), nullptr, Definition::kCreates);
    TableMetadata dropped = base;
    dropped.schema.fields.pop_back();
    dropped = Run(dropped, &base, Definition::kAlters);
    TableMetadata added = dropped;
    added.schema.fields.push_back(Plain("s", Type(TypeKind::kInt)));
    added = Run(added, &dropped, Definition::kAlters);
    EXPECT_EQ(added.schema.fields.back().field_id, 4);
    const TableMetadata replaced = Run(TableOf({kByName}), &added, Definition::kReplaces);
    EXPECT_EQ(replaced.properties.at("delta.columnMapping.maxColumnId"), "7");
}

TEST_F(DefineTest, WithoutMappingColumnsOnlyCome) {
    const TableMetadata base = TableOf({});
    TableMetadata renamed = base;
    renamed.schema.fields[0].name = "b";
    EXPECT_EQ(Refusal(renamed, base), ErrorKind::kUnsupported);
    TableMetadata dropped = base;
    dropped.schema.fields.pop_back();
    EXPECT_EQ(Refusal(dropped, base), ErrorKind::kUnsupported);
    TableMetadata moved = base;
    std::swap(moved.schema.fields[0], moved.schema.fields[1]);
    EXPECT_EQ(Run(moved, &base, Definition::kAlters).schema, moved.schema);
}

TEST_F(DefineTest, WideningIsWrittenDown) {
    const TableMetadata base = TableOf({kWidens});
    TableMetadata wider = base;
    wider.schema.fields[0].type = Type(TypeKind::kLong);
    const std::vector<std::string> path = {"s", "element", "x"};
    table::EditField(wider.schema.fields, path,
                     [](Field& field) { field.type = Type(TypeKind::kInt); });
    const TableMetadata made = Run(wider, &base, Definition::kAlters);
    const auto& changes = made.schema.fields[0].metadata;
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].second, R"([{"fromType":"integer","toType":"long"}])");
    const Field& inner = made.schema.fields[1].type.children()[0].type.children()[0];
    EXPECT_EQ(inner.metadata.at(0).second, R"([{"fromType":"short","toType":"integer"}])");
}

TEST_F(DefineTest, ElementsOfArraysAreKeptByTheFieldAroundThem) {
    TableMetadata base = TableOf({kWidens});
    base.schema.fields[0].type = Type::Array(Type(TypeKind::kInt), true);
    TableMetadata wider = base;
    wider.schema.fields[0].type = Type::Array(Type(TypeKind::kLong), true);
    const TableMetadata made = Run(wider, &base, Definition::kAlters);
    EXPECT_EQ(made.schema.fields[0].metadata.at(0).second,
              R"([{"fromType":"integer","toType":"long","fieldPath":"element"}])");
}

TEST_F(DefineTest, OnlyWhatLosesNothingWidens) {
    const TableMetadata base = TableOf({kWidens});
    for (const Type& type : {Type(TypeKind::kShort), Type(TypeKind::kString),
                             Type(TypeKind::kFloat), Type::Decimal(9, 0)}) {
        TableMetadata other = base;
        other.schema.fields[0].type = type;
        EXPECT_EQ(Refusal(other, base), ErrorKind::kInvalidInput) << type.ToString();
    }
    TableMetadata wider = TableOf({});
    wider.schema.fields[0].type = Type(TypeKind::kLong);
    EXPECT_EQ(Refusal(wider, TableOf({})), ErrorKind::kUnsupported);
}

TEST(ColumnRulesTest, TheyStandInTheSchemaAsSparkWritesThem) {
    const std::string json =
        R"({"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":)"
        R"({"delta.invariants":"{\"expression\":{\"expression\":\"a > 3\"}}",)"
        R"("delta.identity.start":5,"delta.identity.step":-1,"delta.identity.highWaterMark":2,)"
        R"("delta.identity.allowExplicitInsert":true}},)"
        R"({"name":"b","type":"long","nullable":true,"metadata":)"
        R"({"delta.generationExpression":"a * 2"}},)"
        R"({"name":"c","type":"string","nullable":true,"metadata":{"CURRENT_DEFAULT":"'x'"}}]})";
    const table::Schema schema = ParseSchema(json, ColumnMapping::kNone);
    const table::ColumnRules& rules = schema.fields[0].rules;
    EXPECT_EQ(rules.invariant, "a > 3");
    EXPECT_EQ(rules.identity, (table::IdentitySequence{5, -1, 2, true}));
    EXPECT_EQ(schema.fields[1].rules.generated_as, "a * 2");
    EXPECT_EQ(schema.fields[2].rules.default_value, "'x'");
    EXPECT_TRUE(schema.fields[0].metadata.empty());
    EXPECT_EQ(ParseSchema(SerializeSchema(schema), ColumnMapping::kNone), schema);
    EXPECT_NE(SerializeSchema(schema).find(R"("delta.identity.highWaterMark":2)"),
              std::string::npos);
}

}  // namespace
}  // namespace tarn::delta
