#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"
#include "pipeline/contract_review.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCheckExamples =
    R"(Holds the tables of a lake against contracts/*.yml: columns and types, what rows must be, how
old and how many they are. Changes no table, and leaves each verdict in ops.quality; 1 is the exit
code when a promise is broken.

Examples:
  tarn contract check
  tarn contract check user_interaction_events --format json
)";

constexpr const char* kDiffExamples =
    R"(Says what a version changes, by which rule, and whom it breaks: consumers, who read the
tables, or producers, who write them. With one NAME: the file against the version in force. With
two files: the first against the second. 1 is the exit code when something breaks.

Examples:
  tarn contract diff user_interaction_events
  tarn contract diff old/events.yml contracts/events.yml
)";

constexpr const char* kPublishExamples =
    R"(Makes the version in the file the one in force. A breaking one is refused until it raises
the first number of the version, was announced as long ago as `notice_days` says, and names
everybody of `approval_required_from` under `approved_by`. Published versions decide: what is in
the file alone changes nothing.

Examples:
  tarn contract announce user_interaction_events
  tarn contract publish user_interaction_events
)";

struct ContractFlags {
    std::string lake;
    std::vector<std::string> names;
    std::string format = "table";
};

const pipeline::ContractFile& Named(const std::vector<pipeline::ContractFile>& files,
                                    const std::string& name) {
    std::vector<std::string> names;
    for (const pipeline::ContractFile& file : files) {
        if (file.contract.name == name) return file;
        names.push_back(file.contract.name);
    }
    const auto nearest = NearestWord(name, names);
    throw Error(ErrorKind::kInvalidInput, "contracts/ has no contract `{}`{}", name,
                nearest ? ": did you mean `" + *nearest + "`?" : "");
}

std::vector<pipeline::ContractFile> FilesOf(Lake& lake, const ContractFlags& flags) {
    std::vector<pipeline::ContractFile> all =
        pipeline::LoadContracts(lake.store(), lake.config().root);
    if (flags.names.empty()) return all;
    std::vector<pipeline::ContractFile> some;
    for (const std::string& name : flags.names) some.push_back(Named(all, name));
    return some;
}

Json JsonOf(const quality::TableReview& review) {
    Json promises = Json::array();
    for (const quality::PromiseResult& one : review.results) {
        promises.push_back({{"promise", one.promise.name},
                            {"value", one.value ? Json(*one.value) : Json()},
                            {"must_be", one.promise.must_be},
                            {"kept", one.kept},
                            {"only_warns", one.promise.only_warns},
                            {"rows_failed", one.rows_failed}});
    }
    return {{"contract", review.contract}, {"version", review.version},
            {"table", review.table},       {"kept", review.IsKept()},
            {"breaches", review.breaches}, {"promises", std::move(promises)}};
}

void Print(const quality::TableReview& review) {
    std::cout << fmt::format("{:<6} {} {} of {}\n", review.IsKept() ? "kept" : "broken",
                             review.contract, review.version, review.table);
    for (const std::string& breach : review.breaches) std::cout << "       " << breach << "\n";
    for (const quality::PromiseResult& one : review.results) {
        if (one.kept) continue;
        std::cout << fmt::format("       {}{} is {}, promised is {}\n",
                                 one.promise.only_warns ? "warning: " : "", one.promise.name,
                                 one.value.value_or("NULL"), one.promise.must_be);
    }
}

int RunCheck(const ContractFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect("tarn contract check");
    const auto files = RefuseBeforeWork([&] { return FilesOf(*lake, flags); });
    bool is_kept = true;
    Json all = Json::array();
    for (const pipeline::ContractFile& file : files) {
        const auto reviews =
            pipeline::ReviewContract(file.contract, *session, lake->catalog(), lake->clock());
        pipeline::RecordReviews(reviews, "contract:" + file.contract.name, "",
                                lake->catalog().Runs());
        for (const quality::TableReview& review : reviews) {
            is_kept = is_kept && review.IsKept();
            if (flags.format == "json") {
                all.push_back(JsonOf(review));
            } else {
                Print(review);
            }
        }
    }
    if (flags.format == "json") {
        std::cout << all.dump(1) << "\n";
    } else if (files.empty()) {
        std::cout << "Nothing to do: contracts/ has no contract.\n";
    }
    return is_kept ? kDone : kFailed;
}

std::string Whom(const quality::Breaks& breaks) {
    if (breaks.consumers && breaks.producers) return "consumers, producers";
    if (breaks.consumers) return "consumers";
    return breaks.producers ? "producers" : "nobody";
}

void PrintDiff(const quality::ContractDiff& diff, const std::string& format) {
    if (format == "json") {
        Json changes = Json::array();
        for (const quality::ContractChange& one : diff.changes) {
            changes.push_back(
                {{"rule", one.rule},
                 {"place", one.place},
                 {"was", one.was},
                 {"is", one.is},
                 {"breaks_consumers", one.breaks.consumers},
                 {"breaks_producers", one.breaks.producers},
                 {"likely_rename", one.likely_rename.empty() ? Json() : Json(one.likely_rename)}});
        }
        std::cout << Json{{"breaking", diff.IsBreaking()},
                          {"version_fits", diff.version_fits},
                          {"changes", std::move(changes)}}
                         .dump(1)
                  << "\n";
        return;
    }
    for (const quality::ContractChange& one : diff.changes) {
        std::cout << fmt::format("{:<24} {:<40} breaks {}", one.rule, one.place, Whom(one.breaks));
        if (!one.was.empty() || !one.is.empty())
            std::cout << fmt::format(": {} -> {}", one.was, one.is);
        if (!one.likely_rename.empty())
            std::cout << fmt::format(" (renamed to {}?)", one.likely_rename);
        std::cout << "\n";
    }
    if (diff.changes.empty()) std::cout << "no change\n";
    if (!diff.version_fits)
        std::cout << "the version's number does not say so: a breaking change raises its first "
                     "number, another change any\n";
}

std::string TextOf(Lake& lake, const std::string& path) {
    constexpr uint64_t kMostBytes = 1 << 20;
    return lake.store().Get(std::filesystem::absolute(path).string(), kMostBytes);
}

quality::ContractDiff DiffOf(Lake& lake, const ContractFlags& flags) {
    if (flags.names.size() == 2) {
        return quality::Diff(quality::ParseContract(TextOf(lake, flags.names[0]), flags.names[0]),
                             quality::ParseContract(TextOf(lake, flags.names[1]), flags.names[1]));
    }
    const auto files = FilesOf(lake, flags);
    const pipeline::ContractFile& file = files.front();
    const auto in_force = lake.catalog().Contracts().Published(file.contract.name);
    if (!in_force) {
        throw Error(ErrorKind::kNotFound,
                    "no version of `{0}` is in force: `tarn contract publish {0}` makes this one",
                    file.contract.name);
    }
    return quality::Diff(
        quality::ParseContract(in_force->text, file.contract.name + " " + in_force->version),
        file.contract);
}

int RunDiff(const ContractFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const quality::ContractDiff diff = RefuseBeforeWork([&] { return DiffOf(*lake, flags); });
    PrintDiff(diff, flags.format);
    return diff.IsBreaking() ? kFailed : kDone;
}

catalog::ContractAct ActOf(Lake& lake, const pipeline::ContractFile& file) {
    return {file.contract.name, file.contract.version, file.text, lake.clock().Now(), NameOfUser()};
}

int RunAnnounce(const ContractFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto files = RefuseBeforeWork([&] { return FilesOf(*lake, flags); });
    for (const pipeline::ContractFile& file : files) {
        const auto publication = pipeline::ReviewPublication(file, lake->catalog(), lake->clock());
        auto announced = lake->catalog().Contracts().Announced(file.contract.name, file.text);
        if (!announced) {
            announced = ActOf(*lake, file);
            lake->catalog().Contracts().Announce(*announced);
        }
        std::cout << fmt::format("{} {} is announced since {}\n", file.contract.name,
                                 file.contract.version, FormatTimestamp(announced->at));
        PrintDiff(publication.diff, "table");
    }
    return kDone;
}

int RunPublish(const ContractFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto files = RefuseBeforeWork([&] { return FilesOf(*lake, flags); });
    bool is_refused = false;
    for (const pipeline::ContractFile& file : files) {
        const auto publication = pipeline::ReviewPublication(file, lake->catalog(), lake->clock());
        const std::string name = file.contract.name + " " + file.contract.version;
        const auto in_force = lake->catalog().Contracts().Published(file.contract.name);
        if (in_force && in_force->text == file.text) {
            std::cout << name << " is in force\n";
            continue;
        }
        is_refused = is_refused || !publication.refusals.empty();
        if (publication.refusals.empty()) {
            lake->catalog().Contracts().Publish(ActOf(*lake, file));
            std::cout << name << " is in force now\n";
            continue;
        }
        std::cout << name << " is refused\n";
        for (const std::string& why : publication.refusals) std::cout << "       " << why << "\n";
        PrintDiff(publication.diff, "table");
    }
    return is_refused ? kFailed : kDone;
}

using Run = int (*)(const ContractFlags&);

CLI::App* AddOne(CLI::App& contract, Chosen& chosen, const char* name, const char* meaning,
                 const char* examples, Run run) {
    auto flags = std::make_shared<ContractFlags>();
    CLI::App* command = contract.add_subcommand(name, meaning);
    command->footer(examples);
    AddLakeOption(*command, flags->lake);
    command->callback([flags, run, &chosen] {
        chosen.action = [flags, run](Interrupts&) { return run(*flags); };
    });
    command->add_option("NAME", flags->names, "contracts of the lake; by default all");
    if (run == RunCheck || run == RunDiff) AddReportFormatOption(*command, flags->format);
    return command;
}

}  // namespace

void AddContractCommands(CLI::App& app, Chosen& chosen) {
    CLI::App* contract = app.add_subcommand("contract", "Data contracts and their versions");
    contract->require_subcommand(1);
    AddOne(*contract, chosen, "check", "Hold the tables against their contracts", kCheckExamples,
           RunCheck);
    AddOne(*contract, chosen, "diff", "Say what a version of a contract breaks", kDiffExamples,
           RunDiff)
        ->get_option("NAME")
        ->description("a contract of the lake, or two files")
        ->required()
        ->expected(1, 2);
    AddOne(*contract, chosen, "announce", "Tell those who read the tables of a version to come",
           kPublishExamples, RunAnnounce);
    AddOne(*contract, chosen, "publish", "Put the version in the file in force", kPublishExamples,
           RunPublish);
}

}  // namespace tarn::cli
