#include "delta/iceberg_compat.h"

#include <set>

#include <gtest/gtest.h>

#include "delta/features.h"
#include "delta/snapshot.h"
#include "delta/table_definition.h"
#include "delta/testing/row_changes.h"

namespace tarn::delta {
namespace {

using table::Definition;
using table::Field;
using table::TableMetadata;
using table::Type;
using table::TypeKind;

using Properties = std::map<std::string, std::string>;
const Properties kV1 = {{"delta.enableIcebergCompatV1", "true"}};
const Properties kV2 = {{"delta.enableIcebergCompatV2", "true"}};
const Properties kByName = {{"delta.columnMapping.mode", "name"}};

Properties With(Properties properties, const Properties& more) {
    for (const auto& [key, value] : more) properties[key] = value;
    return properties;
}

Type Ints() { return Type::Array(Type(TypeKind::kInt), true); }

TableMetadata TableOf(const Properties& properties, std::vector<Field> fields) {
    TableMetadata metadata;
    metadata.name = "t";
    metadata.schema.fields = std::move(fields);
    metadata.properties = properties;
    return metadata;
}

class IcebergDefinitionTest : public ::testing::Test {
protected:
    TableMetadata Defined(const TableMetadata& wanted, const TableMetadata* base = nullptr,
                          Definition definition = Definition::kCreates) {
        return Define(wanted, base, definition, [this] { return std::to_string(++names_); });
    }
    ErrorKind Refusal(const Properties& properties, const Type& type) {
        return KindOf([&] { (void)Defined(TableOf(properties, {FieldOf("a", type)})); });
    }
    ErrorKind Refusal(const TableMetadata& wanted, const TableMetadata& base,
                      Definition definition = Definition::kAlters) {
        return KindOf([&] { (void)Defined(wanted, &base, definition); });
    }

private:
    int names_ = 0;
};

TEST_F(IcebergDefinitionTest, ANewTableIsMappedByNameWhereNothingIsSaid) {
    const Type number(TypeKind::kInt);
    for (const Properties& properties : {kV1, kV2}) {
        const TableMetadata made = Defined(TableOf(properties, {FieldOf("a", number)}));
        EXPECT_EQ(made.properties.at("delta.columnMapping.mode"), "name");
        EXPECT_EQ(made.schema.fields[0].field_id, 1);
        const Properties by_id = With(properties, {{"delta.columnMapping.mode", "id"}});
        EXPECT_TRUE(Defined(TableOf(by_id, {FieldOf("a", number)})).schema.by_id);
        EXPECT_EQ(Refusal(With(properties, {{"delta.columnMapping.mode", "none"}}), number),
                  ErrorKind::kInvalidInput);
    }
}

TEST_F(IcebergDefinitionTest, ATableThatIsThereIsNotMappedByItself) {
    const TableMetadata base = TableOf({}, {FieldOf("a", Type(TypeKind::kInt))});
    TableMetadata wanted = base;
    wanted.properties = kV1;
    EXPECT_EQ(Refusal(wanted, base), ErrorKind::kInvalidInput);
    wanted.properties = With(kV1, kByName);
    EXPECT_EQ(Defined(wanted, &base, Definition::kAlters).schema.fields[0].physical_name, "a");
}

TEST_F(IcebergDefinitionTest, OnlyTypesThatIcebergHas) {
    for (const Type& type : {Ints(), Type::Map(Type(TypeKind::kInt), Type(TypeKind::kInt), true),
                             Type::Struct({FieldOf("x", Ints())})}) {
        EXPECT_EQ(Refusal(kV1, type), ErrorKind::kInvalidInput) << type.ToString();
        EXPECT_NO_THROW(Defined(TableOf(kV2, {FieldOf("a", type)}))) << type.ToString();
    }
    for (const Type& type : {Type(TypeKind::kVariant), Type(TypeKind::kVoid),
                             Type::Named(TypeKind::kBinary, "geometry(OGC:CRS84)")}) {
        for (const Properties& properties : {kV1, kV2}) {
            EXPECT_EQ(Refusal(properties, type), ErrorKind::kInvalidInput) << type.ToString();
            EXPECT_EQ(Refusal(properties, Type::Struct({FieldOf("x", type)})),
                      ErrorKind::kInvalidInput);
        }
    }
}

TEST_F(IcebergDefinitionTest, OneVersionAndNoDeletionVectors) {
    const Type number(TypeKind::kInt);
    EXPECT_EQ(Refusal(With(kV1, kV2), number), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(With(kV1, HidesRows()), number), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(With(kV2, HidesRows()), number), ErrorKind::kInvalidInput);
}

TEST_F(IcebergDefinitionTest, ElementsKeysAndValuesHaveIdsOfTheirOwn) {
    const Type deep = Type::Map(Type(TypeKind::kInt),
                                Type::Array(Type::Struct({FieldOf("x", Ints())}), true), true);
    const TableMetadata made =
        Defined(TableOf(kV2, {FieldOf("a", Type(TypeKind::kInt)), FieldOf("m", deep)}));
    const Field& map = made.schema.fields[1];
    const Field& inner = map.type.children()[1].type.children()[0].type.children()[0];
    std::set<int32_t> ids;
    std::set<std::string> parts;
    for (const Field* field : {&made.schema.fields[0], &map, &inner}) {
        ids.insert(field->field_id);
        for (const auto& [part, id] : NestedIdsOf(*field)) {
            ids.insert(id);
            parts.insert(part);
        }
    }
    EXPECT_EQ(parts, (std::set<std::string>{
                         map.physical_name + ".key", map.physical_name + ".value",
                         map.physical_name + ".value.element", inner.physical_name + ".element"}));
    EXPECT_EQ(ids, (std::set<int32_t>{1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(made.properties.at("delta.columnMapping.maxColumnId"), "7");
}

// An id of a part is never given again, like one of a column.
TEST_F(IcebergDefinitionTest, IdsOfPartsStayAndAreNotUsedAgain) {
    const TableMetadata base = Defined(TableOf(kV2, {FieldOf("a", Ints())}));
    TableMetadata wanted = base;
    wanted.schema.fields[0].name = "renamed";
    wanted.schema.fields.push_back(FieldOf("b", Ints()));
    const TableMetadata made = Defined(wanted, &base, Definition::kAlters);
    EXPECT_EQ(NestedIdsOf(made.schema.fields[0]), NestedIdsOf(base.schema.fields[0]));
    EXPECT_EQ(made.schema.fields[1].field_id, 3);
    EXPECT_EQ(NestedIdsOf(made.schema.fields[1]).begin()->second, 4);
    TableMetadata unsaid = base;
    unsaid.properties.erase("delta.columnMapping.maxColumnId");
    unsaid.schema.fields.push_back(FieldOf("b", Type(TypeKind::kInt)));
    EXPECT_EQ(Defined(unsaid, &unsaid, Definition::kAlters).schema.fields[1].field_id, 3);
}

TEST_F(IcebergDefinitionTest, PartitionsKeepTheirNames) {
    TableMetadata base = TableOf(With(kV2, kByName), {FieldOf("a", Type(TypeKind::kInt)),
                                                      FieldOf("b", Type(TypeKind::kInt))});
    TableMetadata wanted = base;
    EXPECT_NO_THROW(Defined(base, &wanted, Definition::kReplaces));
    wanted.partition_columns = {"a"};
    EXPECT_NO_THROW(Defined(wanted, &base, Definition::kReplaces));
    EXPECT_EQ(Refusal(base, wanted, Definition::kReplaces), ErrorKind::kInvalidInput);
    base.partition_columns = {"b"};
    EXPECT_EQ(Refusal(wanted, base, Definition::kReplaces), ErrorKind::kInvalidInput);
    TableMetadata wider = wanted;
    wider.schema.fields[0].type = Type(TypeKind::kLong);
    EXPECT_NO_THROW(Defined(wider, &wanted, Definition::kReplaces));
}

TEST_F(IcebergDefinitionTest, OnlyWhatWidensInIcebergWidens) {
    const Properties widens = With(kByName, {{"delta.enableTypeWidening", "true"}});
    const auto widen = [&](const Properties& properties, const Type& from, const Type& to) {
        const TableMetadata base = Defined(TableOf(With(properties, widens), {FieldOf("a", from)}));
        TableMetadata wanted = base;
        wanted.schema.fields[0].type = to;
        (void)Defined(wanted, &base, Definition::kAlters);
    };
    const std::pair<Type, Type> allowed[] = {{Type(TypeKind::kByte), Type(TypeKind::kLong)},
                                             {Type(TypeKind::kFloat), Type(TypeKind::kDouble)},
                                             {Type::Decimal(5, 2), Type::Decimal(9, 2)}};
    const std::pair<Type, Type> refused[] = {{Type(TypeKind::kInt), Type(TypeKind::kDouble)},
                                             {Type(TypeKind::kDate), Type(TypeKind::kTimestampNtz)},
                                             {Type(TypeKind::kInt), Type::Decimal(10, 0)},
                                             {Type::Decimal(5, 2), Type::Decimal(9, 4)}};
    for (const Properties& properties : {kV1, kV2}) {
        for (const auto& [from, to] : allowed)
            EXPECT_NO_THROW(widen(properties, from, to)) << to.ToString();
        for (const auto& [from, to] : refused) {
            EXPECT_EQ(KindOf([&] { widen(properties, from, to); }), ErrorKind::kInvalidInput)
                << to.ToString();
        }
    }
}

class IcebergCommitTest : public TableFixture {
protected:
    void Create(const Properties& properties, const Type& type = Type(TypeKind::kString)) {
        TableMetadata wanted = EventsTable(properties);
        wanted.schema.fields[1].type = type;
        const auto made = format_.Define(wanted, nullptr, Definition::kCreates);
        ASSERT_TRUE(
            std::holds_alternative<table::Committed>(format_.Create(kRoot, *made, Append({}))));
    }
    table::CommitOutcome Set(const table::SnapshotPtr& base, const Properties& properties) {
        TableMetadata wanted = base->Metadata();
        for (const auto& [key, value] : properties) wanted.properties[key] = value;
        table::Change change;
        change.operation = "SET TBLPROPERTIES";
        change.metadata = format_.Define(wanted, base, Definition::kAlters);
        return format_.Commit(base, change);
    }
    ErrorKind SetKind(const Properties& properties) {
        return KindOf([&] { (void)Set(Latest(), properties); });
    }
    void MustSet(const Properties& properties) {
        ASSERT_TRUE(std::holds_alternative<table::Committed>(Set(Latest(), properties)));
    }
    // A plain table that is not partitioned, with one file.
    void CreateWhole(const Type& type, bool is_counted = true) {
        TableMetadata wanted = EventsTable(kByName);
        wanted.partition_columns.clear();
        wanted.schema.fields[1].type = type;
        const auto made = format_.Define(wanted, nullptr, Definition::kCreates);
        table::DataFile file = NewFile(kRoot, "a");
        file.partition_values.clear();
        if (!is_counted) file.statistics.reset();
        ASSERT_TRUE(
            std::holds_alternative<table::Committed>(format_.Create(kRoot, *made, Append({file}))));
    }
};

TEST_F(IcebergCommitTest, TheFeatureAndColumnMappingAreDemanded) {
    Create(kV2);
    const auto latest = Latest();
    const auto& protocol = *dynamic_cast<const Snapshot&>(*latest).State().protocol;
    EXPECT_TRUE(HasWriterFeature(protocol, "icebergCompatV2"));
    EXPECT_TRUE(HasReaderFeature(protocol, "columnMapping"));
    EXPECT_EQ(KindOf([&] { (void)format_.TraceOf(latest, "columnMapping", false); }),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf([&] { (void)format_.TraceOf(latest, "icebergCompatV2", false); }),
              ErrorKind::kUnsupported);
}

TEST_F(IcebergCommitTest, EveryFileTellsItsRows) {
    Create(kV1);
    MustAppend("a");
    table::DataFile uncounted = NewFile(kRoot, "b");
    uncounted.statistics.reset();
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(Latest(), Append({uncounted})); }),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Latest()->Totals().files, 1U);
}

// Another writer may have left them out.
TEST_F(IcebergCommitTest, NoColumnWithoutIdsOfItsPartsIsWritten) {
    TableMetadata wanted = EventsTable(kByName);
    wanted.schema.fields[1].type = Ints();
    TableMetadata made = *format_.Define(wanted, nullptr, Definition::kCreates);
    made.properties = With(made.properties, kV2);
    EXPECT_EQ(KindOf([&] { (void)format_.Create(kRoot, made, Append({})); }),
              ErrorKind::kInvalidInput);
}

TEST_F(IcebergCommitTest, FilesOfTheSecondVersionAreMarked) {
    Create(kV2, Ints());
    MustAppend("a");
    const auto latest = Latest();
    size_t marked = 0;
    dynamic_cast<const Snapshot&>(*latest).State().files.ForEach([&](const FileView& file) {
        marked += file.extras != nullptr && file.extras->tags.at("ICEBERG_COMPAT_VERSION") == "2";
    });
    EXPECT_EQ(marked, 1U);
}

TEST_F(IcebergCommitTest, FilesOfTheFirstVersionAreNotMarked) {
    Create(kV1);
    MustAppend("a");
    const auto latest = Latest();
    dynamic_cast<const Snapshot&>(*latest).State().files.ForEach([&](const FileView& file) {
        EXPECT_TRUE(file.extras == nullptr || file.extras->tags.empty());
    });
}

TEST_F(IcebergCommitTest, FilesThatAreThereMustHaveWhatIsAskedFor) {
    Create(kByName);
    MustAppend("a");
    EXPECT_EQ(SetKind(kV1), ErrorKind::kUnsupported);  // the partition column
    EXPECT_EQ(SetKind(kV2), ErrorKind::kUnsupported);
}

TEST_F(IcebergCommitTest, AnEmptyTableMayTurnToEither) {
    Create(kByName, Ints());
    EXPECT_EQ(SetKind(kV1), ErrorKind::kInvalidInput);
    MustSet(kV2);
    MustAppend("a");
    MustSet({{"delta.enableIcebergCompatV2", "false"}});
    EXPECT_EQ(SetKind(kV2), ErrorKind::kUnsupported);
}

TEST_F(IcebergCommitTest, IdsOfElementsCannotComeLater) {
    CreateWhole(Ints());
    EXPECT_EQ(SetKind(kV2), ErrorKind::kUnsupported);
}

TEST_F(IcebergCommitTest, FilesWithoutCountsCannotStay) {
    CreateWhole(Type(TypeKind::kString), false);
    EXPECT_EQ(SetKind(kV1), ErrorKind::kUnsupported);
}

TEST_F(IcebergCommitTest, PlainFilesMayStay) {
    CreateWhole(Type(TypeKind::kString));
    MustSet(kV1);
    EXPECT_EQ(SetKind(kV2), ErrorKind::kInvalidInput);  // both
    MustSet(With(kV2, {{"delta.enableIcebergCompatV1", "false"}}));
}

// Its rows lack the partition column, and the switch has not seen them.
TEST_F(IcebergCommitTest, FilesThatComeMeanwhileEndTheSwitch) {
    Create(kByName);
    const auto base = Latest();
    MustAppend("a");
    EXPECT_EQ(std::get<table::Conflict>(Set(base, kV1)).reason,
              table::ConflictReason::kConcurrentAppend);
}

TEST_F(IcebergCommitTest, DeletionVectorsGoFirst) {
    CreateWhole(Type(TypeKind::kString));
    MustSet(HidesRows());
    MustCommit(Hide(*Latest(), {{"a", {1}}}));
    EXPECT_EQ(SetKind(kV2), ErrorKind::kInvalidInput);
    MustSet({{"delta.enableDeletionVectors", "false"}});
    EXPECT_EQ(SetKind(kV1), ErrorKind::kInvalidInput);  // the feature
    EXPECT_EQ(SetKind(kV2), ErrorKind::kInvalidInput);  // the vector
}

TEST_F(IcebergCommitTest, NoFileComesWithADeletionVector) {
    Create(With(kV2, {{"delta.feature.deletionVectors", "supported"}}));
    const auto latest = MustAppend("a");
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(latest, Hide(*latest, {{"a", {1}}})); }),
              ErrorKind::kInvalidInput);
}

// So that the feature can be dropped.
TEST_F(IcebergCommitTest, ATableOfTheFirstVersionThatHasTheFeatureOfVectorsIsWritten) {
    Create(kV1);
    PutLog(1, R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
              R"("readerFeatures":["columnMapping","deletionVectors"],)"
              R"("writerFeatures":["columnMapping","deletionVectors","icebergCompatV1"]}})");
    EXPECT_EQ(MustAppend("a")->Totals().files, 1U);
}

// The mark is for those whose ids and partition columns stand in the file.
TEST_F(IcebergCommitTest, FilesThatAreOnlyNumberedAreNotMarked) {
    CreateWhole(Type(TypeKind::kString));
    MustSet(kV2);
    MustSet({{"delta.enableRowTracking", "true"}});
    const auto latest = Latest();
    size_t numbered = 0;
    dynamic_cast<const Snapshot&>(*latest).State().files.ForEach([&](const FileView& file) {
        numbered += file.extras->base_row_id.has_value();
        EXPECT_TRUE(file.extras->tags.empty());
    });
    EXPECT_EQ(numbered, 1U);
}

TEST_F(IcebergCommitTest, TypesWidenAsInIcebergWhereTheFeatureIsOnlyThere) {
    Create(With(kByName, {{"delta.feature.icebergCompatV1", "supported"},
                          {"delta.enableTypeWidening", "true"}}),
           Type(TypeKind::kInt));
    const auto widen = [&](TypeKind kind) {
        TableMetadata wanted = Latest()->Metadata();
        wanted.schema.fields[1].type = Type(kind);
        table::Change change;
        change.operation = "CHANGE COLUMN";
        change.metadata = format_.Define(wanted, Latest(), Definition::kAlters);
        return format_.Commit(Latest(), change);
    };
    EXPECT_EQ(KindOf([&] { (void)widen(TypeKind::kDouble); }), ErrorKind::kInvalidInput);
    EXPECT_TRUE(std::holds_alternative<table::Committed>(widen(TypeKind::kLong)));
}

}  // namespace
}  // namespace tarn::delta
