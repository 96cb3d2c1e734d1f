#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/cancel.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/build_text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"
#include "pipeline/build.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Runs the models of the lake in the order of their references, each with its tests.
A node that fails ends what depends on it; the rest goes on. What is up to date is left alone.

Examples:
  tarn build                        everything
  tarn build -s +gold.delay_by_route   a model and all that it reads
  tarn build --full-refresh -s silver.flights
  tarn build --vars '{since: 2013-06-01}' --format json
)";

struct BuildFlags {
    std::string lake;
    std::vector<std::string> select;
    bool full_refresh = false;
    std::string vars;
    std::string target;
    std::string format = "table";
};

// Prints a line a node as it ends. Told on the building thread, read by the drawing one.
class LinePrinter final : public pipeline::BuildObserver {
public:
    explicit LinePrinter(bool quiet) : quiet_(quiet) {}

    void Use(WorkWatch* watch) { watch_ = watch; }
    std::string Label() const {
        const std::lock_guard lock(mutex_);
        return label_;
    }

    void OnPlan(const std::vector<std::string>& ids) override {
        for (const std::string& id : ids) width_ = std::max(width_, id.size());
        if (!quiet_) Say(fmt::format("{} node{}\n", ids.size(), ids.size() == 1 ? "" : "s"));
    }
    void OnNodeStart(const std::string& id, size_t index, size_t count) override {
        const std::lock_guard lock(mutex_);
        label_ = fmt::format("[{}/{}] {}", index + 1, count, id);
    }
    void OnNodeEnd(const pipeline::NodeReport& report, size_t index, size_t count) override {
        if (!quiet_) Say(NodeText(report, index, count, width_));
    }

private:
    void Say(const std::string& text) {
        if (watch_ != nullptr) watch_->Say(std::cout, text);
    }

    const bool quiet_;
    WorkWatch* watch_ = nullptr;
    size_t width_ = 0;
    mutable std::mutex mutex_;
    std::string label_;
};

nlohmann::ordered_json VarsOf(const std::string& text) {
    if (text.empty()) return nlohmann::ordered_json::object();
    const YamlNode vars = YamlNode::Parse(text, "--vars");
    if (!vars.IsMap()) throw vars.Mistake("expected `{key: value}`");
    return nlohmann::ordered_json::parse(vars.ToJson());
}

int RunBuild(const BuildFlags& flags, Interrupts& interrupts) {
    pipeline::BuildRequest request;
    request.select = flags.select;
    request.full_refresh = flags.full_refresh;
    request.vars = VarsOf(flags.vars);
    request.target = flags.target;
    request.purpose = "tarn build";
    for (const std::string& one : flags.select) request.purpose += " -s " + one;
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect("tarn build");
    const bool as_json = flags.format == "json";
    LinePrinter printer(as_json);
    const CancelToken cancel;
    WatchOptions options{.on_interrupt = [&] {
        cancel.Cancel();
        session->Cancel();
    }};
    if (isatty(STDERR_FILENO)) {
        options.progress = [&] { return session->Progress(); };
        options.label = [&] { return printer.Label(); };
    }
    const auto environment = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    std::optional<WorkWatch> watch(std::in_place, interrupts, std::move(options));
    printer.Use(&*watch);
    const pipeline::BuildParts parts{lake->catalog(), *session, lake->store(), lake->clock(),
                                     lake->random(),  printer,  cancel,        environment};
    const pipeline::BuildReport report =
        RefuseBeforeWork([&] { return pipeline::Build(request, parts); });
    watch.reset();
    std::cout << (as_json ? BuildJson(report).dump(2) + "\n" : BuildSummaryText(report));
    if (cancel.IsCancelled()) return kCancelled;
    return report.HasFailed() ? kFailed : kDone;
}

}  // namespace

void AddBuildCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<BuildFlags>();
    CLI::App* build = app.add_subcommand("build", "Build the lake's models and run their tests");
    build->footer(kExamples);
    AddLakeOption(*build, flags->lake);
    build
        ->add_option("-s,--select", flags->select,
                     "only these: NAME, +NAME with what it reads, NAME+ with what reads it")
        ->type_name("NODE");
    build->add_flag("--full-refresh", flags->full_refresh, "incremental models from scratch");
    build->add_option("--vars", flags->vars, "variables of the models, as YAML")->type_name("YAML");
    build->add_option("-t,--target", flags->target, "the output of a dbt project's profile")
        ->type_name("NAME");
    AddReportFormatOption(*build, flags->format);
    build->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunBuild(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
