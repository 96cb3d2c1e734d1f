#include "pipeline/job.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace tarn::pipeline {
namespace {

template <typename... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

template <typename Things>
auto* FindNamed(const Things& things, std::string_view name) {
    const auto found = std::find_if(things.begin(), things.end(),
                                    [&](const auto& one) { return one.name == name; });
    return found == things.end() ? nullptr : &*found;
}

}  // namespace

DurationUs PauseAfter(const RetryPlan& plan, int64_t attempt) {
    const double grown =
        static_cast<double>(plan.delay.count()) *
        std::pow(plan.factor, static_cast<double>(std::max<int64_t>(attempt, 1) - 1));
    return DurationUs(
        static_cast<int64_t>(std::min(grown, static_cast<double>(plan.most_delay.count()))));
}

std::string_view NameOf(RunIf condition) {
    static constexpr std::array<std::string_view, 3> kNames{"all_succeeded", "all_done",
                                                            "on_failure"};
    return kNames.at(static_cast<size_t>(condition));
}

std::string_view NameOf(AlertEvent event) {
    static constexpr std::array<std::string_view, 4> kNames{"failure", "success", "retry", "late"};
    return kNames.at(static_cast<size_t>(event));
}

std::string_view JobAlert::Channel() const {
    if (std::holds_alternative<WebhookAlert>(how)) return "webhook";
    return std::holds_alternative<MailAlert>(how) ? "e-mail" : "command";
}

std::string JobSensor::Name() const {
    return std::visit(Match{[](const TableChanged& one) { return "table " + one.table; },
                            [](const TableFresh& one) { return "freshness of " + one.table; },
                            [](const FilesArrived& one) { return "files " + one.pattern; },
                            [](const TimeOfDay& one) {
                                return fmt::format("time {:02}:{:02}", one.minute / 60,
                                                   one.minute % 60);
                            },
                            [](const JobEnded& one) { return "job " + one.job; }},
                      what);
}

bool JobSensor::IsEvent() const {
    return !std::holds_alternative<TableFresh>(what) && !std::holds_alternative<TimeOfDay>(what);
}

const JobTask* Job::Find(std::string_view task) const { return FindNamed(tasks, task); }

bool Job::HasEvents() const {
    return std::any_of(sensors.begin(), sensors.end(),
                       [](const JobSensor& one) { return one.IsEvent(); });
}

const Job* JobBook::Find(std::string_view job) const { return FindNamed(jobs, job); }
const JobPool* JobBook::FindPool(std::string_view pool) const { return FindNamed(pools, pool); }

std::vector<std::string> JobBook::Names() const {
    std::vector<std::string> names;
    for (const Job& job : jobs) names.push_back(job.name);
    return names;
}

}  // namespace tarn::pipeline
