#include "ingest/table_landing.h"

#include "base/check.h"
#include "base/text.h"
#include "quality/contract_guard.h"

namespace tarn::ingest {

namespace {

std::string QuotedTable(const engine::TableName& name) {
    return QuoteName(name.schema) + "." + QuoteName(name.name);
}

}  // namespace

TableLanding::TableLanding(const IngestRequest& request, IngestParts& parts,
                           const SourceConfig& source, const TableConfig& table,
                           TableReport& report)
    : request_(request),
      parts_(parts),
      source_(source),
      table_(table),
      report_(report),
      name_(parts.session.ResolveName(table.table)),
      app_id_(source.AppId(table)) {
    if (parts.contracts != nullptr && parts.contracts->Covers(name_))
        held_.emplace(parts, table.on_broken_contract, name_, app_id_, report);
}

void TableLanding::Run() {
    found_ = Discover(parts_.store, source_.root, table_.patterns);
    report_.files_found = found_.size();
    Outcome outcome = Outcome::kBeginAnew;
    while (outcome == Outcome::kBeginAnew) {
        FilePlan plan = MakePlan();
        outcome = Outcome::kLanded;
        while (!plan.land.empty() && outcome == Outcome::kLanded) {
            request_.cancel.ThrowIfCancelled();
            std::vector<FoundFile> batch = TakeBatch(plan.land, table_.batch);
            EnsureTable(batch);
            outcome = LandBatch(std::move(batch));
        }
    }
    if (held_) held_->CleanQuarantine(state_.batch_ids, state_.next_number);
}

FilePlan TableLanding::MakePlan() {
    OpenLedger();
    std::vector<FoundFile> candidates;
    for (const FoundFile& file : found_) {
        if (!failed_.contains(file.path)) candidates.push_back(file);
    }
    FilePlan plan = PlanFiles(candidates, state_, table_.reload,
                              [this](const FoundFile& file) { return HashOfFile(file); });
    report_.files_known = plan.known - report_.files_landed;
    report_.files_kept = plan.kept.size();
    report_.files_refused = plan.refused.size();
    const auto listed = [](std::vector<std::string>& paths) {
        paths.resize(std::min(paths.size(), TableReport::kMaxListed));
        return std::move(paths);
    };
    report_.kept = listed(plan.kept);
    report_.refused = listed(plan.refused);
    files_total_ = report_.files_landed + plan.land.size();
    bytes_total_ = report_.bytes_read;
    for (const FoundFile& file : plan.land) bytes_total_ += file.size_bytes;
    return plan;
}

table::SnapshotPtr TableLanding::FindTable() {
    try {
        return parts_.session.Snapshot(name_);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
        return nullptr;
    }
}

void TableLanding::OpenLedger() {
    const table::SnapshotPtr snapshot = FindTable();
    schema_.reset();
    state_ = LedgerState();
    if (!snapshot) return;
    schema_ = FieldSchema::OfTable(snapshot->Metadata().schema, table_.table);
    ledger_ = std::make_unique<Ledger>(parts_.store, snapshot->Location(), app_id_);
    state_ =
        ledger_->Load(snapshot->TransactionVersion(app_id_).value_or(0),
                      [this](const std::set<std::string>& ids) { return BatchesWithRows(ids); });
}

void TableLanding::EnsureTable(const std::vector<FoundFile>& files) {
    if (schema_) {
        if (table_.schema_policy == SchemaPolicy::kAccept) AcceptFields(files);
        return;
    }
    FieldSchema fields;
    if (table_.fields.empty()) {
        fields = DiscoverFields(parts_.store, files, MakeOptions().read, table_.infer_types);
    } else {
        std::vector<LandingField> given;
        for (const std::string& field : table_.fields)
            given.push_back({field, ColumnOf(field), FieldType::kString});
        fields = FieldSchema(std::move(given));
    }
    parts_.session.Run("CREATE SCHEMA IF NOT EXISTS " + QuoteName(name_.schema));
    try {
        parts_.session.Run(fields.CreateStatement(QuotedTable(name_)));
    } catch (const Error& error) {
        // Another ingest made it first; its schema is the table's.
        if (error.kind() != ErrorKind::kAlreadyExists) throw;
    }
    OpenLedger();
    Check(schema_.has_value(), "a table that was created is there");
}

void TableLanding::AcceptFields(const std::vector<FoundFile>& files) {
    const FieldSchema found =
        DiscoverFields(parts_.store, files, MakeOptions().read, table_.infer_types);
    std::vector<LandingField> fresh = schema_->NewIn(found);
    while (!fresh.empty()) {
        const size_t missing = fresh.size();
        try {
            parts_.session.Run(FieldSchema::AddStatement(QuotedTable(name_), fresh));
            for (const LandingField& field : fresh) report_.columns_added.push_back(field.column);
            OpenLedger();
            return;
        } catch (const Error&) {
            // Another ingest may have added some of them.
            OpenLedger();
            fresh = schema_->NewIn(found);
            if (fresh.size() >= missing) throw;
        }
    }
}

LandingOptions TableLanding::MakeOptions() const {
    LandingOptions options;
    options.rescues = table_.schema_policy != SchemaPolicy::kReject;
    options.read.format = table_.format;
    options.read.csv = table_.csv;
    options.read.fields = table_.fields;
    options.cancel = request_.cancel;
    return options;
}

TableLanding::Outcome TableLanding::LandBatch(std::vector<FoundFile> files) {
    const BatchFacts facts{table_.source_system, request_.pipeline_version, table_.schema_version,
                           NewUuid(parts_.clock, parts_.random), parts_.clock.Now()};
    const int64_t number = state_.next_number;
    LandingOptions options = MakeOptions();
    options.on_progress = [this](const LandingProgress& progress) { Tell(progress); };
    const auto claim = [&](const std::vector<LandedFile>& landed) {
        ledger_->Write({number, facts.batch_id, landed});
    };
    // A batch that is held is claimed once it is known to land.
    if (!held_) options.on_end = claim;
    LandingRows rows(parts_.store, parts_.clock, *schema_, facts, std::move(files),
                     std::move(options));
    engine::ExecuteOptions execute;
    execute.inputs = {{kInput, &rows}};
    execute.transaction = table::AppTransaction{app_id_, number};
    execute.commit_info = {
        {"source", source_.name}, {"batchId", facts.batch_id}, {"buildId", request_.build_id}};
    try {
        std::string from = kInput;
        if (held_) {
            from = held_->Admit(rows, {facts.batch_id, number, facts.started});
            execute.inputs.clear();
            claim(rows.Landed());
        }
        const engine::StatementStats stats = parts_.session.Run(
            fmt::format("INSERT INTO {} BY NAME SELECT * FROM {}", QuotedTable(name_), from),
            execute);
        if (!stats.written.empty()) report_.table_version = stats.written.back().version.number;
        report_.files_written += stats.files_written;
        report_.bytes_written += stats.bytes_written;
    } catch (const Error& error) {
        return Recover(error, rows, facts.batch_id);
    }
    state_.batch_ids.insert(facts.batch_id);
    ++state_.next_number;
    Account(rows.Landed());
    return Outcome::kLanded;
}

// The batch's commit failed, lost a race, or its answer was lost: what the table says decides.
TableLanding::Outcome TableLanding::Recover(const Error& error, const LandingRows& rows,
                                            const std::string& batch_id) {
    if (error.kind() == ErrorKind::kCancelled) throw error;
    if (rows.FailedFile()) {
        Fail(*rows.FailedFile(), error.message());
        if (report_.files_failed > kMaxFailedFiles) {
            throw Error(ErrorKind::kUnavailable,
                        "more than {} files of {} cannot be landed; the last one is {}: {}",
                        kMaxFailedFiles, table_.table, *rows.FailedFile(), error.message());
        }
        return Outcome::kBeginAnew;
    }
    if (error.kind() != ErrorKind::kConflict && error.kind() != ErrorKind::kUnavailable)
        throw error;
    OpenLedger();
    if (state_.batch_ids.contains(batch_id)) {
        Account(rows.Landed());
        return Outcome::kLanded;
    }
    if (error.kind() != ErrorKind::kConflict || ++conflicts_ > kMaxConflicts) throw error;
    return Outcome::kBeginAnew;
}

void TableLanding::Account(const std::vector<LandedFile>& landed) {
    conflicts_ = 0;
    if (held_) held_->Confirm();
    ++report_.commits;
    report_.has_no_fields = schema_->Fields().empty();
    report_.files_landed += landed.size();
    for (const LandedFile& file : landed) {
        report_.rows_landed += file.rows;
        report_.rows_marked += file.rows_marked;
        report_.bytes_read += file.size_bytes;
        if (!file.first_mark) continue;
        ++report_.files_marked;
        if (report_.marked.size() < TableReport::kMaxListed) {
            report_.marked.push_back({file.path, file.rows_marked, *file.first_mark});
        }
    }
}

void TableLanding::Tell(const LandingProgress& progress) const {
    if (!request_.on_progress) return;
    request_.on_progress({source_.name, table_.table, report_.files_landed + progress.files_done,
                          files_total_, report_.rows_landed + progress.rows,
                          report_.bytes_read + progress.bytes, bytes_total_});
}

void TableLanding::Fail(const std::string& path, const std::string& why) {
    failed_[path] = why;
    ++report_.files_failed;
    if (report_.failed.size() < TableReport::kMaxListed) report_.failed.emplace_back(path, why);
}

std::set<std::string> TableLanding::BatchesWithRows(const std::set<std::string>& batch_ids) {
    std::set<std::string> present;
    for (const std::string& id : batch_ids) {
        engine::ExecuteOptions options;
        options.parameters = {table::Value(id)};
        const auto rows = parts_.session.Query(
            fmt::format("SELECT 1 FROM {} WHERE batch_id = $1 LIMIT 1", QuotedTable(name_)),
            options);
        if (!rows.empty()) present.insert(id);
    }
    return present;
}

std::optional<std::string> TableLanding::HashOfFile(const FoundFile& file) {
    try {
        return StoredBytes(parts_.store.OpenReader(file.location)).FinishHash();
    } catch (const Error& error) {
        Fail(file.path, error.message());
        return std::nullopt;
    }
}

}  // namespace tarn::ingest
