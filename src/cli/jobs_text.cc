#include "cli/jobs_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/text_table.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

Json TimeJson(const std::optional<TimestampUs>& time) {
    return time ? Json(FormatTimestamp(*time)) : Json();
}

std::string Seconds(DurationUs duration) {
    constexpr double kMicros = 1e6;
    return fmt::format("{:.1f} s", static_cast<double>(duration.count()) / kMicros);
}

std::string SpanText(DurationUs span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
    if (seconds % 86'400 == 0) return fmt::format("{} d", seconds / 86'400);
    if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
    return seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} s", seconds);
}

std::string ShortTime(TimestampUs time) {
    constexpr size_t kToSeconds = 19;
    std::string text = FormatTimestamp(time).substr(0, kToSeconds);
    text[text.find('T')] = ' ';
    return text;
}

template <typename Began, typename Ended>
std::string Took(const Began& started, const Ended& finished) {
    return started && finished ? Seconds(*finished - *started) : "";
}

std::vector<engine::ColumnInfo> TextColumns(const std::vector<std::string>& names) {
    std::vector<engine::ColumnInfo> columns;
    for (const std::string& name : names) columns.push_back({name, "VARCHAR"});
    return columns;
}

std::vector<std::string> SensorNames(const pipeline::Job& job) {
    std::vector<std::string> names;
    for (const pipeline::JobSensor& sensor : job.sensors) names.push_back(sensor.Name());
    return names;
}

Json TasksJson(const pipeline::Job& job) {
    Json tasks = Json::array();
    for (const pipeline::JobTask& task : job.tasks) {
        tasks.push_back({{"name", task.name},
                         {"verb", task.verb},
                         {"depends_on", task.depends_on},
                         {"run_if", pipeline::NameOf(task.run_if)},
                         {"pool", task.pool.empty() ? Json() : Json(task.pool)},
                         {"retries", (task.retries ? *task.retries : job.retries).count}});
    }
    return tasks;
}

}  // namespace

std::string LocalText(TimestampUs time, const TimeZone& zone) {
    const LocalSeconds local = zone.ToLocal(time);
    const auto offset = local.time_since_epoch() -
                        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
    return fmt::format("{} {}{:02}:{:02}", ShortTime(TimestampUs(local.time_since_epoch())),
                       minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

std::string PlanText(const pipeline::Job& job) {
    std::string text;
    if (job.plan.cron) text = fmt::format("{} in {}", job.plan.cron_text, job.plan.zone.name());
    if (job.plan.every) text = "every " + SpanText(*job.plan.every);
    if (job.sensors.empty()) return text.empty() ? "by hand" : text;
    return text + (text.empty() ? "on " : ", once ") + Join(SensorNames(job), ", ");
}

Json JsonOf(const ShownJob& shown) {
    const pipeline::Job& job = *shown.job;
    Json alerts = Json::array();
    for (const pipeline::JobAlert& alert : job.alerts)
        alerts.push_back({{"on", pipeline::NameOf(alert.event)}, {"by", alert.Channel()}});
    return {{"job", job.name},
            {"description", job.description},
            {"owner", job.owner},
            {"tags", job.tags},
            {"schedule", PlanText(job)},
            {"timezone", job.plan.zone.name()},
            {"sensors", SensorNames(job)},
            {"next", TimeJson(shown.next)},
            {"paused", shown.memory.is_paused},
            {"last_run", shown.last ? JsonOf(*shown.last) : Json()},
            {"max_active_runs", job.max_active_runs},
            {"parameters", job.parameters},
            {"alerts", alerts},
            {"tasks", TasksJson(job)}};
}

Json JsonOf(const catalog::JobRunRecord& run) {
    return {{"run", run.number},
            {"run_id", run.run_id},
            {"job", run.job},
            {"scheduled", FormatTimestamp(run.scheduled)},
            {"trigger", catalog::NameOf(run.trigger)},
            {"reason", run.reason},
            {"state", catalog::NameOf(run.state)},
            {"parameters", run.parameters.empty() ? Json::object() : Json::parse(run.parameters)},
            {"interval_start", FormatTimestamp(run.interval_start)},
            {"interval_end", FormatTimestamp(run.interval_end)},
            {"started", TimeJson(run.started)},
            {"finished", TimeJson(run.finished)},
            {"cancel_asked", run.cancel_asked},
            {"late", run.is_late},
            {"error", run.error_message}};
}

Json JsonOf(const catalog::JobTaskRecord& task) {
    return {{"task", task.task},
            {"verb", task.verb},
            {"state", catalog::NameOf(task.state)},
            {"attempts", task.attempt},
            {"started", TimeJson(task.started)},
            {"finished", TimeJson(task.finished)},
            {"exit_code", task.exit_code ? Json(*task.exit_code) : Json()},
            {"error_kind", task.error_kind},
            {"error", task.error_message},
            {"output", task.output}};
}

std::string JobTable(const std::vector<ShownJob>& jobs) {
    std::vector<engine::TextRow> rows;
    for (const ShownJob& one : jobs) {
        const std::string next = one.memory.is_paused ? "paused"
                                 : one.next           ? LocalText(*one.next, one.job->plan.zone)
                                                      : "";
        rows.push_back({one.job->name, PlanText(*one.job), next,
                        one.last ? std::string(catalog::NameOf(one.last->state)) : "",
                        one.last ? ShortTime(one.last->scheduled) : "", one.job->owner});
    }
    return TextTable(TextColumns({"job", "runs", "next", "last", "for (UTC)", "owner"}), rows);
}

std::string RunTable(const std::vector<catalog::JobRunRecord>& runs) {
    std::vector<engine::TextRow> rows;
    for (const catalog::JobRunRecord& run : runs) {
        rows.push_back({std::to_string(run.number), run.job, ShortTime(run.scheduled),
                        std::string(catalog::NameOf(run.trigger)),
                        std::string(catalog::NameOf(run.state)), Took(run.started, run.finished),
                        run.error_message.empty() ? run.reason : run.error_message});
    }
    return TextTable(TextColumns({"run", "job", "for (UTC)", "trigger", "state", "took", "words"}),
                     rows);
}

std::string TaskTable(const std::vector<catalog::JobTaskRecord>& tasks) {
    std::vector<engine::TextRow> rows;
    for (const catalog::JobTaskRecord& task : tasks) {
        rows.push_back({task.task, task.verb, std::string(catalog::NameOf(task.state)),
                        std::to_string(task.attempt), Took(task.started, task.finished),
                        task.error_message});
    }
    return TextTable(TextColumns({"task", "verb", "state", "attempts", "took", "error"}), rows);
}

std::string JobText(const ShownJob& shown) {
    const pipeline::Job& job = *shown.job;
    std::string text = job.name + (shown.memory.is_paused ? " (paused)" : "") + "\n";
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) text += fmt::format("  {:<14}{}\n", key, value);
    };
    add("is for", job.description);
    add("owner", job.owner);
    add("runs", PlanText(job));
    add("next", shown.next ? LocalText(*shown.next, job.plan.zone) : "");
    add("timeout", SpanText(job.timeout));
    add("service level", job.service_level ? SpanText(*job.service_level) : "");
    std::vector<std::string> parameters;
    for (const auto& [name, value] : job.parameters) parameters.push_back(name + "=" + value);
    add("parameters", Join(parameters, ", "));
    for (const pipeline::JobAlert& alert : job.alerts)
        add("alert", fmt::format("by {} on {}", alert.Channel(), pipeline::NameOf(alert.event)));
    for (const pipeline::JobTask& task : job.tasks) {
        std::string line = task.verb;
        if (!task.depends_on.empty()) line += " after " + Join(task.depends_on, ", ");
        if (task.run_if != pipeline::RunIf::kAllSucceeded)
            line += fmt::format(" if {}", pipeline::NameOf(task.run_if));
        if (!task.pool.empty()) line += fmt::format(", {} of pool {}", task.slots, task.pool);
        add("task", fmt::format("{}: {}", task.name, line));
    }
    return text;
}

}  // namespace tarn::cli
