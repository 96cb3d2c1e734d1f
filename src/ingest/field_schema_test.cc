#include "ingest/field_schema.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::ingest {
namespace {

using table::Type;
using table::TypeKind;

table::Field FieldOfType(std::string name, TypeKind kind) {
    table::Field field;
    field.name = std::move(name);
    field.type = Type(kind);
    return field;
}

table::Schema BronzeSchema(std::vector<table::Field> fields) {
    const std::vector<std::pair<std::string, TypeKind>> metadata = {
        {"raw_payload", TypeKind::kString},   {"raw_bytes", TypeKind::kBinary},
        {"source_system", TypeKind::kString}, {"source_path", TypeKind::kString},
        {"source_line", TypeKind::kLong},     {"ingestion_timestamp", TypeKind::kTimestamp},
        {"ingestion_date", TypeKind::kDate},  {"pipeline_version", TypeKind::kString},
        {"schema_version", TypeKind::kInt},   {"checksum", TypeKind::kString},
        {"batch_id", TypeKind::kString},      {"_rescued_data", TypeKind::kString},
        {"_error_class", TypeKind::kString},  {"_error_detail", TypeKind::kString}};
    for (const auto& [name, kind] : metadata) fields.push_back(FieldOfType(name, kind));
    return {fields};
}

TEST(FieldSchema, NamesThatCollideWithMetadataGetAnUnderscore) {
    for (const char* name :
         {"checksum", "CHECKSUM", "checksum_", "checksum__", "_error_class", "tailnum", "a_"}) {
        EXPECT_EQ(FieldOf(ColumnOf(name)), name);
    }
    EXPECT_EQ(ColumnOf("checksum"), "checksum_");
    EXPECT_EQ(ColumnOf("checksum_"), "checksum__");
    EXPECT_EQ(ColumnOf("a_"), "a_");
}

TEST(FieldSchema, NamesThatATableCannotHaveGetUnderscores) {
    EXPECT_EQ(ColumnOf("dep time (local);"), "dep_time__local__");
    EXPECT_EQ(ColumnOf("raw payload"), "raw_payload_");
    const FieldSchema made({{"dep time", "dep_time", FieldType::kString}});
    EXPECT_EQ(made.Find("dep time", 9), 0);
    const FieldSchema read =
        FieldSchema::OfTable(BronzeSchema({FieldOfType("dep_time", TypeKind::kString),
                                           FieldOfType("checksum_", TypeKind::kString)}),
                             "bronze.x");
    EXPECT_EQ(read.Find("dep time", 0), 0);
    // A table that was made elsewhere may have the source's own spelling, by column mapping.
    const FieldSchema mapped = FieldSchema::OfTable(
        BronzeSchema({FieldOfType("dep time", TypeKind::kString)}), "bronze.x");
    EXPECT_EQ(mapped.Find("dep time", 9), 0);
    EXPECT_EQ(read.Find("dep_time", 0), 0);
    EXPECT_EQ(read.Find("checksum", 0), 1);
    EXPECT_EQ(read.Find("checksum_", 1), -1);
}

TEST(FieldSchema, OnlyWhatCannotBeAColumnIsRefused) {
    EXPECT_TRUE(IsColumnName("a b\n"));
    EXPECT_FALSE(IsColumnName(""));
    EXPECT_FALSE(IsColumnName(std::string(256, 'x')));
    EXPECT_FALSE(IsColumnName("\xff"));
}

TEST(FieldSchema, ReadsATableThatExists) {
    const FieldSchema schema =
        FieldSchema::OfTable(BronzeSchema({FieldOfType("dep_time", TypeKind::kString),
                                           FieldOfType("batch_id_", TypeKind::kLong)}),
                             "bronze.x");
    ASSERT_EQ(schema.Fields().size(), 2U);
    EXPECT_EQ(schema.Fields()[1].name, "batch_id");
    EXPECT_EQ(schema.Fields()[1].type, FieldType::kLong);
    EXPECT_EQ(schema.Find("batch_id", 0), 1);
    EXPECT_EQ(schema.Find("dep_time", 0), 0);
    EXPECT_EQ(schema.Find("DEP_TIME", 0), -1);
}

TEST(FieldSchema, RefusesTablesThatAreNotBronze) {
    table::Schema lacking = BronzeSchema({});
    lacking.fields.pop_back();
    EXPECT_THROW(FieldSchema::OfTable(lacking, "b.x"), Error);
    EXPECT_THROW(FieldSchema::OfTable(BronzeSchema({FieldOfType("d", TypeKind::kDate)}), "b.x"),
                 Error);
}

TEST(FieldSchema, NewFieldsAreThoseThatHaveNoColumn) {
    const auto fields = [](const std::vector<std::string>& names) {
        std::vector<LandingField> all;
        for (const std::string& name : names)
            all.push_back({name, ColumnOf(name), FieldType::kString});
        return FieldSchema(std::move(all));
    };
    const std::vector<LandingField> fresh =
        fields({"a", "dep_time"}).NewIn(fields({"A", "b", "dep time", "checksum"}));
    ASSERT_EQ(fresh.size(), 2U);
    EXPECT_EQ(fresh[0].column, "b");
    EXPECT_EQ(fresh[1].column, "checksum_");
    EXPECT_EQ(FieldSchema::AddStatement("b.x", fresh),
              "ALTER TABLE b.x ADD COLUMNS (\"b\" VARCHAR, \"checksum_\" VARCHAR)");
    std::vector<std::string> many;
    for (size_t i = 1; i < FieldSchema::kMaxFields; ++i) many.push_back("f" + std::to_string(i));
    EXPECT_EQ(fields(many).NewIn(fields({"x", "y"})).size(), 1U);
}

TEST(FieldSchema, CreateStatementQuotesNames) {
    const FieldSchema schema({{"say \"hi\"", "say \"hi\"", FieldType::kString}});
    const std::string statement = schema.CreateStatement("b.x");
    EXPECT_NE(statement.find("\"say \"\"hi\"\"\" VARCHAR"), std::string::npos);
    EXPECT_NE(statement.find("PARTITIONED BY (source_system, ingestion_date)"), std::string::npos);
    EXPECT_NE(statement.find("'delta.appendOnly' = 'true'"), std::string::npos);
}

TEST(FieldDiscovery, KeepsTheOrderOfFirstSight) {
    FieldDiscovery discovery(false);
    for (const char* name : {"b", "a", "b", "c", "A", "", "a\n", "checksum", "CHECKSUM"})
        discovery.See(name, "1", false);
    const FieldSchema schema = discovery.Finish();
    std::vector<std::string> columns;
    for (const LandingField& field : schema.Fields()) columns.push_back(field.column);
    EXPECT_EQ(columns, (std::vector<std::string>{"b", "a", "c", "a_", "checksum_"}));
    EXPECT_EQ(schema.Fields()[0].type, FieldType::kString);
}

TEST(FieldDiscovery, InfersTheNarrowestType) {
    FieldDiscovery discovery(true);
    const auto see = [&](const char* name, std::vector<const char*> texts) {
        for (const char* text : texts) discovery.See(name, text, text == nullptr);
    };
    see("long", {"1", "-20"});
    see("LONG", {"rescued"});
    see("double", {"1", "2.5", "1e3"});
    see("boolean", {"true", "false"});
    see("mixed", {"1", "true"});
    see("code", {"007", "12"});
    see("na", {"1", "NA"});
    std::vector<FieldType> types;
    const FieldSchema schema = discovery.Finish();
    for (const LandingField& field : schema.Fields()) types.push_back(field.type);
    EXPECT_EQ(types,
              (std::vector<FieldType>{FieldType::kLong, FieldType::kDouble, FieldType::kBoolean,
                                      FieldType::kString, FieldType::kString, FieldType::kString}));
}

TEST(FieldDiscovery, FieldsAreBounded) {
    FieldDiscovery discovery(false);
    for (size_t i = 0; i < FieldSchema::kMaxFields + 10; ++i)
        discovery.See("f" + std::to_string(i), "", false);
    EXPECT_EQ(discovery.Finish().Fields().size(), FieldSchema::kMaxFields);
}

}  // namespace
}  // namespace tarn::ingest
