#include "ingest/ingest.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "ingest/table_landing.h"

namespace tarn::ingest {

namespace {

struct Selected {
    const SourceConfig* source;
    const TableConfig* table;
};

// A table may be named without its schema.
bool Names(const std::string& name, const SourceConfig& source, const TableConfig& table) {
    return name == source.name || name == table.table || table.table.ends_with("." + name);
}

std::vector<Selected> Select(const IngestRequest& request) {
    std::vector<Selected> selected;
    std::vector<std::string> known;
    std::vector<bool> used(request.only.size(), false);
    for (const SourceConfig& source : request.sources) {
        known.push_back(source.name);
        for (const TableConfig& table : source.tables) {
            known.push_back(table.table);
            bool is_wanted = request.only.empty();
            for (size_t i = 0; i < request.only.size(); ++i) {
                if (!Names(request.only[i], source, table)) continue;
                used[i] = true;
                is_wanted = true;
            }
            if (is_wanted) selected.push_back({&source, &table});
        }
    }
    for (size_t i = 0; i < request.only.size(); ++i) {
        if (used[i]) continue;
        const auto nearest = NearestWord(request.only[i], known);
        throw Error(
            ErrorKind::kInvalidInput, "no source and no table of a source is called `{}`{}",
            request.only[i],
            nearest ? fmt::format(": did you mean `{}`?", *nearest)
                    : fmt::format("; known are {}", known.empty() ? "none" : Join(known, ", ")));
    }
    return selected;
}

double Seconds(DurationUs duration) { return static_cast<double>(duration.count()) / 1e6; }

// The table's landing as a run of node "ingest:<source>.<schema>.<table>" in the run log.
class RecordedRun {
public:
    RecordedRun(catalog::RunLog* log, const IngestRequest& request, const Selected& selected)
        : log_(log) {
        if (log_ == nullptr) return;
        run_.build_id = request.build_id;
        run_.node = fmt::format("ingest:{}.{}", selected.source->name, selected.table->table);
        run_.kind = catalog::RunKind::kIngest;
        run_.target = selected.table->table;
        run_ = log_->Start(run_);
    }

    void Finish(const TableReport& report) {
        if (log_ == nullptr) return;
        run_.state = catalog::RunState::kSucceeded;
        run_.target_version = report.table_version;
        run_.rows_in = report.rows_landed;
        run_.rows_written = report.rows_landed - report.rows_quarantined;
        run_.rows_quarantined = report.rows_quarantined;
        run_.files_written = static_cast<int64_t>(report.files_written);
        run_.bytes_written = static_cast<int64_t>(report.bytes_written);
        if (!report.Succeeded()) {
            run_.state = catalog::RunState::kFailed;
            run_.error_kind =
                TraitsOf(report.error ? report.error->kind() : ErrorKind::kInvalidInput).name;
            run_.error_message = report.error
                                     ? report.error->message()
                                     : fmt::format("{} files refused, {} could not be read",
                                                   report.files_refused, report.files_failed);
        }
        if (report.error && report.error->kind() == ErrorKind::kCancelled)
            run_.state = catalog::RunState::kCancelled;
        log_->Finish(run_);
        std::vector<catalog::QualityRecord> checks = report.contract_checks;
        if (report.rows_landed > 0) checks.push_back(Parseable(report));
        for (catalog::QualityRecord& check : checks) {
            check.run_number = run_.number;
            check.node = run_.node;
            check.table = run_.target;
            if (report.table_version) check.versions[run_.target] = *report.table_version;
        }
        log_->AppendQuality(checks);
    }
    const std::string& RunId() const { return run_.run_id; }

private:
    catalog::QualityRecord Parseable(const TableReport& report) const {
        catalog::QualityRecord check;
        check.rule = "parseable";
        check.action = "warn";
        check.severity = "warning";
        check.rows_checked = report.rows_landed;
        check.rows_failed = report.rows_marked;
        check.passed = report.rows_marked == 0;
        check.threshold = "= 0";
        if (!report.marked.empty()) {
            const MarkedFile& first = report.marked.front();
            check.sample = "{\"source_path\":";
            AppendJsonString(check.sample, first.path);
            check.sample += fmt::format(",\"source_line\":{},\"_error_class\":", first.first.line);
            AppendJsonString(check.sample, first.first.error_class);
            check.sample += '}';
        }
        return check;
    }

    catalog::RunLog* log_;
    catalog::RunRecord run_;
};

TableReport LandTable(const IngestRequest& request, IngestParts& parts, const Selected& selected) {
    TableReport report;
    report.source = selected.source->name;
    report.table = selected.table->table;
    const DurationUs begun = parts.clock.Monotonic();
    RecordedRun run(parts.run_log, request, selected);
    report.run_id = run.RunId();
    try {
        TableLanding(request, parts, *selected.source, *selected.table, report).Run();
    } catch (const Error& error) {
        report.error = error;
    }
    report.seconds = Seconds(parts.clock.Monotonic() - begun);
    run.Finish(report);
    if (report.error && report.error->kind() == ErrorKind::kCancelled) throw *report.error;
    return report;
}

}  // namespace

bool IngestReport::Succeeded() const {
    return std::all_of(tables.begin(), tables.end(),
                       [](const TableReport& table) { return table.Succeeded(); });
}

IngestReport Run(const IngestRequest& request, IngestParts& parts) {
    IngestRequest named = request;
    if (named.build_id.empty()) named.build_id = NewUuid(parts.clock, parts.random);
    const std::vector<Selected> selected = Select(named);
    IngestReport report;
    report.build_id = named.build_id;
    const DurationUs begun = parts.clock.Monotonic();
    for (const Selected& one : selected) report.tables.push_back(LandTable(named, parts, one));
    report.seconds = Seconds(parts.clock.Monotonic() - begun);
    return report;
}

}  // namespace tarn::ingest
