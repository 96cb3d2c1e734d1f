#include <atomic>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/cancel.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"
#include "cli/version.h"
#include "ingest/ingest.h"
#include "ingest/report_text.h"
#include "quality/contract_guard.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Lands every file of sources/*.yml in its bronze table exactly once: a file that landed is
known by its path, size and content. Lines that cannot be read land too, marked.

Examples:
  tarn ingest                       all sources of the nearest lake upward
  tarn ingest flights --lake my-lake
  tarn ingest --format json
)";

struct IngestFlags {
    std::string lake;
    std::vector<std::string> only;
    std::string format = "table";
};

// What the bar shows, set by the working thread and read by the drawing one.
class Shown {
public:
    void Set(const ingest::IngestProgress& progress) {
        const std::lock_guard lock(mutex_);
        label_ = fmt::format("{} {}/{} files", progress.table, progress.files_done,
                             progress.files_total);
        part_ = progress.bytes_total == 0 ? -1
                                          : static_cast<double>(progress.bytes_done) /
                                                static_cast<double>(progress.bytes_total);
    }
    std::string Label() const {
        const std::lock_guard lock(mutex_);
        return label_;
    }
    double Part() const {
        const std::lock_guard lock(mutex_);
        return part_;
    }

private:
    mutable std::mutex mutex_;
    std::string label_;
    double part_ = -1;
};

nlohmann::ordered_json ReportJson(const ingest::IngestReport& report) {
    nlohmann::ordered_json tables = nlohmann::ordered_json::array();
    for (const ingest::TableReport& table : report.tables) {
        nlohmann::ordered_json one{{"source", table.source},
                                   {"table", table.table},
                                   {"files_found", table.files_found},
                                   {"files_landed", table.files_landed},
                                   {"files_known", table.files_known},
                                   {"files_kept", table.files_kept},
                                   {"files_refused", table.files_refused},
                                   {"files_failed", table.files_failed},
                                   {"columns_added", table.columns_added},
                                   {"files_marked", table.files_marked},
                                   {"rows_landed", table.rows_landed},
                                   {"rows_marked", table.rows_marked},
                                   {"rows_quarantined", table.rows_quarantined},
                                   {"broken_promises", table.broken_promises},
                                   {"bytes_read", table.bytes_read},
                                   {"commits", table.commits},
                                   {"seconds", table.seconds}};
        one["table_version"] = nullptr;
        if (table.table_version) one["table_version"] = *table.table_version;
        one["error"] = nullptr;
        if (table.error) {
            one["error"] = {{"kind", TraitsOf(table.error->kind()).name},
                            {"message", table.error->message()}};
        }
        tables.push_back(std::move(one));
    }
    return {
        {"build_id", report.build_id}, {"seconds", report.seconds}, {"tables", std::move(tables)}};
}

int RunIngest(const IngestFlags& flags, Interrupts& interrupts) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    ingest::IngestRequest request;
    request.sources = ingest::LoadSources(lake->store(), lake->config().root);
    if (request.sources.empty()) {
        std::cout << "no sources: describe one in sources/*.yml\n";
        return kDone;
    }
    request.only = flags.only;
    request.pipeline_version = kProgramVersion;
    const auto session = lake->Connect("tarn ingest");
    Shown shown;
    request.on_progress = [&](const ingest::IngestProgress& progress) { shown.Set(progress); };
    const CancelToken cancel = request.cancel;
    WatchOptions watch{.on_interrupt = [&] {
        cancel.Cancel();
        session->Cancel();
    }};
    if (isatty(STDERR_FILENO)) {
        watch.progress = [&] { return shown.Part(); };
        watch.label = [&] { return shown.Label(); };
    }
    const quality::ContractGuard contracts(lake->catalog());
    ingest::IngestParts parts{*session,       lake->store(),           lake->clock(),
                              lake->random(), &lake->catalog().Runs(), &contracts};
    std::optional<WorkWatch> watching(std::in_place, interrupts, std::move(watch));
    const ingest::IngestReport report =
        RefuseBeforeWork([&] { return ingest::Run(request, parts); });
    watching.reset();
    if (flags.format == "json") {
        std::cout << ReportJson(report).dump(2) << "\n";
    } else {
        for (const std::string& line : ingest::SummaryLines(report)) std::cout << line << "\n";
    }
    if (cancel.IsCancelled()) return kCancelled;
    return report.Succeeded() ? kDone : kFailed;
}

}  // namespace

void AddIngestCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<IngestFlags>();
    CLI::App* ingest =
        app.add_subcommand("ingest", "Land new files of the lake's sources in bronze");
    ingest->footer(kExamples);
    AddLakeOption(*ingest, flags->lake);
    ingest->add_option("NAME", flags->only, "sources or tables (default: all)")->type_name("");
    AddReportFormatOption(*ingest, flags->format);
    ingest->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunIngest(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
