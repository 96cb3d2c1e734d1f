#include "catalog/table_defaults.h"

#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

// Makes of a description what it is told.
class PlainFormat final : public table::TableFormat {
public:
    std::string_view Name() const override { return "plain"; }
    bool Exists(const std::string&) override { return true; }
    table::SnapshotPtr Load(const std::string&, const table::AsOf&,
                            const table::SnapshotPtr&) override {
        return nullptr;
    }
    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr&,
                                                       table::Definition) override {
        return std::make_shared<const table::TableMetadata>(wanted);
    }
    std::optional<std::string> PropertyMeant(const std::string&) const override { return {}; }
    table::CommitOutcome Create(const std::string&, const table::TableMetadata&,
                                const table::Change&) override {
        return table::Committed{table::Version{0}};
    }
    table::CommitOutcome Commit(const table::SnapshotPtr&, const table::Change&) override {
        return table::Committed{table::Version{1}};
    }
    table::Version Checkpoint(const table::SnapshotPtr&) override { return {}; }
    table::FeatureTrace TraceOf(const table::SnapshotPtr&, const std::string&, bool) override {
        return {};
    }
    void ForgetVersions(const table::SnapshotPtr&, const table::FeatureDrop&) override {}
    int64_t FileRetentionMs(const table::Snapshot&) override { return 0; }
    table::FilesInUse InUseSince(const table::SnapshotPtr&, int64_t) override { return {}; }
    std::vector<std::string> RemovedFiles(const table::SnapshotPtr&) override { return {}; }
    std::vector<table::HistoryEntry> History(const std::string&, size_t) override { return {}; }
    std::vector<table::ChangedFile> Changes(const std::string&, table::Version, table::Version,
                                            table::ChangeScope) override {
        return {};
    }
};

TEST(TableDefaults, NewTablesGetThemAndTheCreatorWins) {
    PlainFormat inner;
    DefaultingFormat format(inner, {{"a", "default"}, {"b", "default"}});
    table::TableMetadata metadata;
    metadata.properties = {{"b", "chosen"}, {"c", "chosen"}};
    const auto made = format.Define(metadata, nullptr, table::Definition::kCreates);
    EXPECT_EQ(made->properties, (std::map<std::string, std::string>{
                                    {"a", "default"}, {"b", "chosen"}, {"c", "chosen"}}));
    const auto altered = format.Define(metadata, nullptr, table::Definition::kAlters);
    EXPECT_EQ(altered->properties, metadata.properties);
    EXPECT_EQ(format.Name(), "plain");
}

}  // namespace
}  // namespace tarn::catalog
