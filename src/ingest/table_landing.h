// One table of one source: its files into its commits. Used by Run only. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "ingest/file_plan.h"
#include "ingest/held_landing.h"
#include "ingest/ingest.h"
#include "ingest/ledger.h"

namespace tarn::ingest {

class TableLanding {
public:
    // How often a table's landing begins anew because another one committed first, or a file could
    // not be read.
    static constexpr int kMaxConflicts = 1;
    static constexpr size_t kMaxFailedFiles = 100;

    // Both outlive it; `report` is filled as the work goes on.
    TableLanding(const IngestRequest& request, IngestParts& parts, const SourceConfig& source,
                 const TableConfig& table, TableReport& report);

    // Lands all files that are due. Throws what ends the table's run.
    void Run();

private:
    enum class Outcome { kLanded, kBeginAnew };

    FilePlan MakePlan();
    void OpenLedger();
    void EnsureTable(const std::vector<FoundFile>& files);
    // Gives fields of the files that have none a column.
    void AcceptFields(const std::vector<FoundFile>& files);
    table::SnapshotPtr FindTable();
    Outcome LandBatch(std::vector<FoundFile> files);
    Outcome Recover(const Error& error, const LandingRows& rows, const std::string& batch_id);
    void Account(const std::vector<LandedFile>& landed);
    void Tell(const LandingProgress& progress) const;
    void Fail(const std::string& path, const std::string& why);
    std::set<std::string> BatchesWithRows(const std::set<std::string>& batch_ids);
    std::optional<std::string> HashOfFile(const FoundFile& file);
    LandingOptions MakeOptions() const;

    const IngestRequest& request_;
    IngestParts& parts_;
    const SourceConfig& source_;
    const TableConfig& table_;
    TableReport& report_;
    engine::TableName name_;
    std::string app_id_;
    std::vector<FoundFile> found_;
    std::map<std::string, std::string> failed_;  // path, why
    std::optional<FieldSchema> schema_;          // once the table is known to exist
    std::unique_ptr<Ledger> ledger_;
    LedgerState state_;
    std::optional<HeldLanding> held_;  // where a contract in force is about the table
    int conflicts_ = 0;
    size_t files_total_ = 0;
    uint64_t bytes_total_ = 0;
};

}  // namespace tarn::ingest
