#include "engine/duck/change_builder.h"

#include <nlohmann/json.hpp>

#include "engine/duck/client_state.h"

namespace tarn::engine::duck {

ChangeBuilder::ChangeBuilder(duckdb::ClientContext& client, std::string operation) {
    change_.operation = std::move(operation);
    const ClientState& state = ClientState::Of(client);
    change_.parameters = state.parameters;
    const ExecuteOptions* options = state.options;
    if (options == nullptr) return;
    if (options->transaction) change_.transactions.push_back(*options->transaction);
    change_.transactions.insert(change_.transactions.end(), options->offsets.begin(),
                                options->offsets.end());
    change_.commit_info = options->commit_info;
}

void ChangeBuilder::SetMode(std::string_view mode) {
    change_.parameters.emplace("mode", nlohmann::json(mode).dump());
}

// Delta's own writers give the list as text within the text.
void ChangeBuilder::SetPartitioning(const std::vector<std::string>& columns) {
    change_.parameters["partitionBy"] = nlohmann::json(nlohmann::json(columns).dump()).dump();
}

void ChangeBuilder::SetMetric(const std::string& name, uint64_t value) {
    change_.metrics[name] = std::to_string(value);
}

void ChangeBuilder::SetWritten(std::vector<table::DataFile> files, uint64_t rows) {
    uint64_t bytes = 0;
    for (const table::DataFile& file : files) bytes += file.size_bytes;
    SetMetric("numFiles", files.size());
    SetMetric("numOutputRows", rows);
    SetMetric("numOutputBytes", bytes);
    change_.add = std::move(files);
}

// Delta's own names: a MERGE speaks of its target.
void ChangeBuilder::SetCounts(const RowCounts& counts) {
    const std::string of = change_.operation == "MERGE" ? "TargetRows" : "";
    const auto name = [&](const char* what) {
        return of.empty() ? std::string("num") + what + "Rows" : "num" + of + what;
    };
    if (!of.empty()) SetMetric(name("Inserted"), counts.inserted);
    if (!of.empty() || change_.operation == "UPDATE") SetMetric(name("Updated"), counts.updated);
    if (!of.empty() || change_.operation == "DELETE") SetMetric(name("Deleted"), counts.deleted);
    SetMetric(name("Copied"), counts.copied);
}

void ChangeBuilder::SetHidden(std::vector<table::RowDeletion> hidden) {
    if (!hidden.empty()) SetMetric("numDeletionVectorsUpdated", hidden.size());
    change_.delete_rows = std::move(hidden);
}

void ChangeBuilder::SetRecorded(std::vector<table::ChangeDataFile> files) {
    SetMetric("numAddedChangeFiles", files.size());
    change_.change_data = std::move(files);
}

void ChangeBuilder::SetRemoved(std::vector<table::DataFile> files) {
    SetMetric("numRemovedFiles", files.size());
    change_.remove = std::move(files);
}

}  // namespace tarn::engine::duck
