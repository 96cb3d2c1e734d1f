#include "delta/features.h"

#include <gtest/gtest.h>

#include "delta/schema_change.h"
#include "delta/schema_json.h"
#include "delta/testing/log_lines.h"

namespace tarn::delta {
namespace {

Protocol WithReader(const std::string& feature) {
    const std::vector<std::string> features{feature};
    return {3, 7, features, features};
}

TEST(ReaderFeaturesTest, WhatTarnReadsIsReadByEveryNameOfIt) {
    for (const char* name : {"columnMapping", "deletionVectors", "timestampNtz", "typeWidening",
                             "typeWidening-preview", "v2Checkpoint", "vacuumProtocolCheck"}) {
        EXPECT_NO_THROW(CheckReadable(WithReader(name))) << name;
    }
}

TEST(ReaderFeaturesTest, UnknownOnesAreRefusedByTheirName) {
    for (const char* name : {"fromTheFuture", "columnmapping", "catalogManaged",
                             "catalogOwned-preview", "redirectReaderWriter-preview"}) {
        try {
            CheckReadable(WithReader(name));
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
            EXPECT_NE(error.message().find(name), std::string::npos) << error.message();
        }
    }
}

TEST(ReaderFeaturesTest, WriterFeaturesDoNotMatterToReaders) {
    EXPECT_NO_THROW(CheckReadable({1, 7, std::nullopt, std::vector<std::string>{"fromTheFuture"}}));
    EXPECT_NO_THROW(CheckReadable({1, 99, std::nullopt, std::nullopt}));
}

TEST(ReaderFeaturesTest, LegacyVersionsImplyWhatTheyAreFor) {
    EXPECT_FALSE(HasReaderFeature({1, 5, std::nullopt, std::nullopt}, "columnMapping"));
    EXPECT_TRUE(HasReaderFeature({2, 5, std::nullopt, std::nullopt}, "columnMapping"));
    EXPECT_FALSE(HasReaderFeature({2, 5, std::nullopt, std::nullopt}, "deletionVectors"));
    EXPECT_FALSE(HasReaderFeature(WithReader("deletionVectors"), "columnMapping"));
}

TEST(ReaderFeaturesTest, VersionThreeMustListItsFeatures) {
    EXPECT_EQ(KindOf([] { CheckReadable({3, 7, std::nullopt, std::nullopt}); }),
              ErrorKind::kCorrupt);
    EXPECT_EQ(KindOf([] { CheckReadable({4, 7, std::nullopt, std::nullopt}); }),
              ErrorKind::kUnsupported);
}

table::Type TypeNamed(const std::string& name) {
    return ParseSchema(R"({"type":"struct","fields":[)" + FieldJson("a", name) + "]}",
                       ColumnMapping::kNone)
        .fields.front()
        .type;
}

TEST(TypeChangesTest, OnlyWhatLosesNothingIsWider) {
    const std::pair<const char*, const char*> wider[] = {{"byte", "short"},
                                                         {"byte", "long"},
                                                         {"integer", "long"},
                                                         {"float", "double"},
                                                         {"integer", "double"},
                                                         {"date", "timestamp_ntz"},
                                                         {"integer", "decimal(10,0)"},
                                                         {"long", "decimal(20,0)"},
                                                         {"decimal(5,2)", "decimal(7,4)"},
                                                         {"decimal(5,2)", "decimal(9,2)"},
                                                         {"string", "string"}};
    for (const auto& [from, to] : wider) {
        EXPECT_TRUE(CanWiden(TypeNamed(from), TypeNamed(to))) << from << " " << to;
    }
    const std::pair<const char*, const char*> not_wider[] = {{"long", "integer"},
                                                             {"long", "double"},
                                                             {"double", "float"},
                                                             {"date", "timestamp"},
                                                             {"integer", "decimal(9,0)"},
                                                             {"long", "string"},
                                                             {"decimal(5,2)", "decimal(6,4)"},
                                                             {"decimal(5,2)", "decimal(5,1)"}};
    for (const auto& [from, to] : not_wider) {
        EXPECT_FALSE(CanWiden(TypeNamed(from), TypeNamed(to))) << from << " " << to;
    }
}

class TypeChangesTableTest : public ForeignLog {
protected:
    ErrorKind KindWith(const std::string& changes) {
        PutLog(0, Lines({R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                         R"("readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}})",
                         MetadataLine(R"({"name":"a","type":"long","nullable":true,"metadata":)"
                                      R"({"delta.typeChanges":)" +
                                      changes + "}}")}));
        return Refusal();
    }
};

TEST_F(TypeChangesTableTest, AChangeThatTarnDoesNotKnowIsRefused) {
    EXPECT_EQ(KindWith(R"([{"fromType":"string","toType":"long"}])"), ErrorKind::kUnsupported);
    EXPECT_EQ(KindWith(R"([{"fromType":"future","toType":"long"}])"), ErrorKind::kUnsupported);
    EXPECT_EQ(KindWith(R"([{"toType":"long"}])"), ErrorKind::kCorrupt);
}

TEST_F(TypeChangesTableTest, WideningIsRead) {
    PutLog(0,
           Lines({R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                  R"("readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}})",
                  MetadataLine(R"({"name":"a","type":"long","nullable":true,"metadata":)"
                               R"({"delta.typeChanges":[{"fromType":"short","toType":"integer"},)"
                               R"({"fromType":"integer","toType":"long"}]}})")}));
    EXPECT_NO_THROW(Latest());
}

Protocol Raised(const Protocol& from,
                const std::vector<std::pair<std::string, std::string>>& properties) {
    table::TableMetadata described;
    described.properties.insert(properties.begin(), properties.end());
    return RequiredProtocol(from, described);
}

TEST(RaisedProtocolTest, LegacyVersionsBecomeTheFeaturesThatTheyImply) {
    EXPECT_EQ(Raised({}, {{"delta.minWriterVersion", "3"}}), (Protocol{1, 3, {}, {}}));
    const Protocol listed =
        Raised({}, {{"delta.minReaderVersion", "3"}, {"delta.minWriterVersion", "7"}});
    EXPECT_EQ(listed, (Protocol{3, 7, std::vector<std::string>{},
                                std::vector<std::string>{"appendOnly", "invariants"}}));
    EXPECT_EQ(Raised({}, {{"delta.minReaderVersion", "2"}, {"delta.minWriterVersion", "5"}}),
              (Protocol{2, 5, {}, {}}));
}

// Nobody minds the property of a table whose list lacks the feature: rows were deleted from a table
// that had just been made append-only.
TEST(RaisedProtocolTest, AppendOnlyNeedsItsFeature) {
    const std::vector<std::string> vectors{"deletionVectors"};
    const Protocol listed{3, 7, vectors, vectors};
    EXPECT_TRUE(HasWriterFeature(Raised(listed, {{"delta.appendOnly", "true"}}), "appendOnly"));
    EXPECT_EQ(Raised(listed, {{"delta.appendOnly", "false"}}), listed);
    EXPECT_EQ(Raised({}, {{"delta.appendOnly", "true"}}), Protocol{});
    EXPECT_EQ(Raised({1, 1, {}, {}}, {{"delta.appendOnly", "true"}}), (Protocol{1, 2, {}, {}}));
}

// Spark could not open the table any more: "enabled in metadata but not listed in protocol".
TEST(RaisedProtocolTest, ColumnsWithoutNullsAreInvariants) {
    const std::vector<std::string> vectors{"deletionVectors"};
    const Protocol listed{3, 7, vectors, vectors};
    table::TableMetadata described;
    described.schema.fields = {
        FieldOf("m", table::Type::Map(table::Type(table::TypeKind::kInt),
                                      table::Type(table::TypeKind::kInt), true))};
    EXPECT_EQ(RequiredProtocol(listed, described), listed) << "keys are never NULL";
    table::Field inner = FieldOf("x", table::Type(table::TypeKind::kInt));
    inner.nullable = false;
    described.schema.fields.push_back(FieldOf("s", table::Type::Struct({inner})));
    EXPECT_TRUE(HasWriterFeature(RequiredProtocol(listed, described), "invariants"));
    EXPECT_EQ(RequiredProtocol({}, described), Protocol{});
}

TEST(RaisedProtocolTest, VariantsNeedTheirFeatureUnderOneName) {
    table::TableMetadata described;
    table::Field field;
    field.name = "v";
    field.type = table::Type(table::TypeKind::kVariant);
    described.schema.fields.push_back(field);
    EXPECT_EQ(RequiredProtocol({}, described).reader_features,
              std::vector<std::string>{"variantType"});
    const std::vector<std::string> preview = {"variantType-preview", "variantShredding-preview"};
    const Protocol old{3, 7, preview, preview};
    EXPECT_EQ(RequiredProtocol(old, described), old);
    described.properties = {{"delta.enableVariantShredding", "true"}};
    EXPECT_EQ(RequiredProtocol(old, described), old);
    EXPECT_EQ(RequiredProtocol({}, described).reader_features,
              (std::vector<std::string>{"variantType", "variantShredding"}));
}

TEST(RaisedProtocolTest, LowerAndImpossibleVersionsAreRefused) {
    const std::vector<std::pair<std::string, std::string>> wrong[] = {
        {{"delta.minWriterVersion", "1"}},
        {{"delta.minWriterVersion", "8"}},
        {{"delta.minWriterVersion", "x"}},
        {{"delta.minReaderVersion", "2"}},
        {{"delta.minReaderVersion", "3"}, {"delta.minWriterVersion", "5"}},
        {{"delta.feature.domainMetadata", "off"}}};
    for (const auto& properties : wrong) {
        EXPECT_EQ(KindOf([&] { (void)Raised({}, properties); }), ErrorKind::kInvalidInput)
            << properties.front().first << properties.front().second;
    }
}

TEST(RaisedProtocolTest, AFeatureBringsWhatItStandsOn) {
    const Protocol tracked = Raised({}, {{"delta.feature.rowTracking", "supported"}});
    EXPECT_TRUE(HasWriterFeature(tracked, "rowTracking"));
    EXPECT_TRUE(HasWriterFeature(tracked, "domainMetadata"));
    const Protocol iceberg = Raised({}, {{"delta.feature.icebergCompatV1", "supported"}});
    EXPECT_TRUE(HasReaderFeature(iceberg, "columnMapping"));
}

}  // namespace
}  // namespace tarn::delta
