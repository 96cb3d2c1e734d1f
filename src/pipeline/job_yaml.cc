#include "pipeline/job_yaml.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "ingest/path_pattern.h"
#include "pipeline/freshness.h"
#include "pipeline/job_graph.h"
#include "pipeline/job_settings.h"
#include "pipeline/job_verbs.h"

namespace tarn::pipeline {
namespace {

using std::chrono::seconds;

// What the checks throw without a place gets the node's.
template <typename Work>
auto AtNode(const YamlNode& node, Work work) {
    try {
        return work();
    } catch (const Error& error) {
        if (!error.spot().file.empty()) throw;
        throw node.Mistake(error.message());
    }
}

void OnlyKnown(const YamlNode& node, std::string_view place) {
    node.OnlyKeys(KeysAt(JobSettings(), place));
}

DurationUs SpanOf(const YamlNode& node) {
    constexpr int64_t kMostDays = 3660;
    const auto span = ParseSpanSeconds(node.AsString());
    if (!span || *span == 0 || *span > kMostDays * 24 * 3600)
        throw node.Mistake(fmt::format(
            "`{}` is no span of time like `30s`, `15 minutes`, `2 hours`", node.AsString()));
    return seconds(*span);
}

int64_t IntWithin(const YamlNode& node, int64_t low, int64_t high) {
    const int64_t value = node.AsInt();
    if (value < low || value > high)
        throw node.Mistake(fmt::format("expected a number from {} to {}", low, high));
    return value;
}

std::string WordOf(const YamlNode& node) {
    constexpr size_t kMostBytes = 128;
    std::string word = node.AsString();
    const bool is_word = !word.empty() && word.size() <= kMostBytes && word.front() != '-' &&
                         std::all_of(word.begin(), word.end(), [](unsigned char c) {
                             return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
                         });
    if (!is_word)
        throw node.Mistake(
            fmt::format("`{}` is no name: use letters, digits, `_`, `-` and `.`", word));
    return word;
}

std::map<std::string, std::string> TextsOf(const YamlNode& node) {
    std::map<std::string, std::string> texts;
    for (const auto& [name, value] : node.Entries()) texts[name] = value.AsString();
    if (texts.size() > JobLimits::kMostParameters)
        throw node.Mistake(fmt::format("at most {} entries", JobLimits::kMostParameters));
    return texts;
}

RetryPlan RetriesOf(const YamlNode& node) {
    RetryPlan plan;
    if (!node.IsMap()) {
        plan.count = IntWithin(node, 0, JobLimits::kMostRetries);
        return plan;
    }
    OnlyKnown(node, "jobs[].retries");
    plan.count = IntWithin(node.At("count"), 0, JobLimits::kMostRetries);
    if (const auto delay = node.Find("delay")) plan.delay = SpanOf(*delay);
    if (const auto most = node.Find("most_delay")) plan.most_delay = SpanOf(*most);
    const auto part = [&](const char* key, double& value, double low, double high) {
        const auto said = node.Find(key);
        if (!said) return;
        value = said->AsDouble();
        if (!(value >= low && value <= high))
            throw said->Mistake(fmt::format("expected a number from {} to {}", low, high));
    };
    constexpr double kMostFactor = 10;
    part("factor", plan.factor, 1, kMostFactor);
    part("jitter", plan.jitter, 0, 1);
    return plan;
}

JobPlan PlanOf(const YamlNode& job) {
    JobPlan plan;
    if (const auto schedule = job.Find("schedule")) {
        const bool is_map = schedule->IsMap();
        if (is_map) OnlyKnown(*schedule, "jobs[].schedule");
        if (is_map && schedule->Has("cron") == schedule->Has("every"))
            throw schedule->Mistake("a schedule has either `cron` or `every`");
        const YamlNode zone =
            is_map && schedule->Has("timezone") ? schedule->At("timezone") : *schedule;
        if (is_map && schedule->Has("timezone"))
            plan.zone = AtNode(zone, [&] { return FindTimeZone(zone.AsString()); });
        if (is_map && schedule->Has("every")) {
            plan.every = SpanOf(schedule->At("every"));
        } else {
            const YamlNode cron = is_map ? schedule->At("cron") : *schedule;
            plan.cron_text = cron.AsString();
            plan.cron = AtNode(cron, [&] { return Cron::Parse(plan.cron_text); });
        }
    }
    const auto time_at = [&](const char* key) -> std::optional<TimestampUs> {
        const auto said = job.Find(key);
        if (!said) return std::nullopt;
        const auto time = ParseJobTime(said->AsString(), plan.zone);
        if (!time)
            throw said->Mistake(
                fmt::format("`{}` is no time like `2026-03-01` or `2026-03-01 "
                            "06:30`",
                            said->AsString()));
        return time;
    };
    plan.start = time_at("start");
    plan.end = time_at("end");
    if (plan.start && plan.end && *plan.end <= *plan.start)
        throw job.At("end").Mistake("`end` does not lie behind `start`");
    return plan;
}

int MinuteOf(const YamlNode& node) {
    int hour = -1;
    int minute = -1;
    char rest = 0;
    const std::string text = node.AsString();
    const bool is_time = std::sscanf(text.c_str(), "%2d:%2d%c", &hour, &minute, &rest) == 2 &&
                         hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
    if (!is_time) throw node.Mistake(fmt::format("`{}` is no time like `06:30`", text));
    return hour * 60 + minute;
}

std::string TableOf(const YamlNode& node) {
    std::string name = node.AsString();
    if (std::count(name.begin(), name.end(), '.') != 1 || name.front() == '.' || name.back() == '.')
        throw node.Mistake(fmt::format("`{}` is no table like `silver.events`", name));
    return name;
}

JobSensor SensorOf(const YamlNode& node) {
    OnlyKnown(node, "jobs[].sensors[]");
    const auto entries = node.Entries();
    if (entries.size() != 1) throw node.Mistake("a sensor has one key");
    const auto& [key, said] = entries.front();
    JobSensor sensor;
    sensor.spot = said.Spot();
    if (key == "table_changed") {
        sensor.what = TableChanged{TableOf(said)};
    } else if (key == "table_fresh") {
        OnlyKnown(said, "jobs[].sensors[].table_fresh");
        sensor.what = TableFresh{TableOf(said.At("table")), SpanOf(said.At("within")),
                                 said.StringOr("column", "")};
    } else if (key == "files") {
        const std::string pattern = said.AsString();
        if (const auto wrong = ingest::PathPattern::Mistake(pattern)) throw said.Mistake(*wrong);
        sensor.what = FilesArrived{pattern};
    } else {
        sensor.what = TimeOfDay{MinuteOf(said)};
    }
    return sensor;
}

std::vector<JobSensor> SensorsOf(const YamlNode& job) {
    std::vector<JobSensor> sensors;
    if (const auto list = job.Find("sensors")) {
        for (const YamlNode& node : list->Items()) sensors.push_back(SensorOf(node));
    }
    if (const auto after = job.Find("after")) {
        for (const YamlNode& node : after->IsList() ? after->Items() : std::vector{*after}) {
            if (node.IsMap()) OnlyKnown(node, "jobs[].after[]");
            const YamlNode name = node.IsMap() ? node.At("job") : node;
            const auto when = node.IsMap() ? node.Find("when") : std::nullopt;
            const bool succeeded = !when || when->AsOneOf({"succeeded", "done"}) == "succeeded";
            sensors.push_back({JobEnded{WordOf(name), succeeded}, name.Spot()});
        }
    }
    std::set<std::string> names;
    for (const JobSensor& sensor : sensors) {
        if (!names.insert(sensor.Name()).second)
            throw Error(ErrorKind::kInvalidInput, "the sensor of {} stands twice", sensor.Name())
                .At(sensor.spot);
    }
    if (sensors.size() > JobLimits::kMostSensors)
        throw job.Mistake(fmt::format("a job has at most {} sensors", JobLimits::kMostSensors));
    return sensors;
}

void AddAlerts(const YamlNode& node, std::vector<JobAlert>& alerts) {
    OnlyKnown(node, "jobs[].alerts[]");
    const int ways = int{node.Has("webhook")} + int{node.Has("email")} + int{node.Has("command")};
    if (ways != 1) throw node.Mistake("an alert has one of `webhook`, `email` and `command`");
    JobAlert alert;
    alert.spot = node.Spot();
    if (const auto hook = node.Find("webhook")) {
        WebhookAlert how;
        if (hook->IsMap()) OnlyKnown(*hook, "jobs[].alerts[].webhook");
        how.url = hook->IsMap() ? hook->At("url").AsString() : hook->AsString();
        if (hook->IsMap()) how.body = hook->StringOr("body", "");
        if (hook->IsMap() && hook->Has("headers")) {
            for (const auto& [name, value] : hook->At("headers").Entries())
                how.headers.emplace_back(name, value.AsString());
        }
        alert.how = how;
    } else if (const auto mail = node.Find("email")) {
        MailAlert how;
        if (mail->IsMap()) OnlyKnown(*mail, "jobs[].alerts[].email");
        how.to = (mail->IsMap() ? mail->At("to") : *mail).AsStrings();
        if (how.to.empty()) throw mail->Mistake("a mail has nobody to go to");
        if (mail->IsMap()) how.subject = mail->StringOr("subject", "");
        if (mail->IsMap()) how.body = mail->StringOr("body", "");
        alert.how = how;
    } else {
        alert.how = CommandAlert{node.At("command").AsString()};
    }
    const auto on = node.Find("on");
    for (const YamlNode& event : !on            ? std::vector<YamlNode>()
                                 : on->IsList() ? on->Items()
                                                : std::vector{*on}) {
        const std::string word = event.AsOneOf({"failure", "success", "retry", "late"});
        for (const AlertEvent one :
             {AlertEvent::kFailure, AlertEvent::kSuccess, AlertEvent::kRetry, AlertEvent::kLate}) {
            if (NameOf(one) != word) continue;
            alert.event = one;
            alerts.push_back(alert);
        }
    }
    if (!on) alerts.push_back(alert);
}

JobTask TaskOf(const YamlNode& node) {
    OnlyKnown(node, "jobs[].tasks[]");
    JobTask task;
    task.spot = node.Spot();
    task.name = WordOf(node.At("name"));
    for (const auto& [key, said] : node.Entries()) {
        const auto verbs = JobVerbNames();
        if (std::find(verbs.begin(), verbs.end(), key) == verbs.end()) continue;
        if (!task.verb.empty())
            throw said.Mistake(
                fmt::format("the task `{}` has two verbs, `{}` and `{}`: make two "
                            "tasks of it",
                            task.name, task.verb, key));
        task.verb = key;
        task.saying = ReadVerb(key, said);
    }
    if (task.verb.empty())
        throw node.Mistake(fmt::format("the task `{}` has nothing to do: give it one of {}",
                                       task.name, Join(JobVerbNames(), ", ")));
    if (const auto before = node.Find("depends_on")) {
        for (const YamlNode& one : before->IsList() ? before->Items() : std::vector{*before}) {
            task.depends_on.push_back(one.AsString());
            task.depends_on_spots.push_back(one.Spot());
        }
    }
    if (const auto condition = node.Find("run_if")) {
        const std::string word = condition->AsOneOf({"all_succeeded", "all_done", "on_failure"});
        if (word == NameOf(RunIf::kAllDone)) task.run_if = RunIf::kAllDone;
        if (word == NameOf(RunIf::kOnFailure)) task.run_if = RunIf::kOnFailure;
    }
    if (const auto timeout = node.Find("timeout")) task.timeout = SpanOf(*timeout);
    if (const auto retries = node.Find("retries")) task.retries = RetriesOf(*retries);
    if (const auto pool = node.Find("pool")) {
        task.pool = pool->AsString();
        task.pool_spot = pool->Spot();
    }
    if (const auto slots = node.Find("slots"))
        task.slots = IntWithin(*slots, 1, JobLimits::kMostSlots);
    if (const auto env = node.Find("env")) task.environment = TextsOf(*env);
    return task;
}

void ReadLimits(const YamlNode& node, Job& job) {
    if (const auto said = node.Find("catch_up")) {
        const std::string word = said->AsOneOf({"none", "last", "all"});
        job.catch_up = word == "none"   ? CatchUp::kNone
                       : word == "last" ? CatchUp::kLast
                                        : CatchUp::kAll;
    }
    if (const auto limit = node.Find("catch_up_limit"))
        job.catch_up_limit = IntWithin(*limit, 1, JobLimits::kMostCatchUp);
    if (const auto most = node.Find("max_active_runs"))
        job.max_active_runs = IntWithin(*most, 1, JobLimits::kMostActiveRuns);
    if (const auto most = node.Find("max_parallel_tasks"))
        job.max_parallel_tasks = IntWithin(*most, 1, JobLimits::kMostActiveRuns);
    if (const auto timeout = node.Find("timeout")) job.timeout = SpanOf(*timeout);
    if (const auto level = node.Find("service_level")) job.service_level = SpanOf(*level);
    if (const auto retries = node.Find("retries")) job.retries = RetriesOf(*retries);
}

Job JobOf(const YamlNode& node) {
    OnlyKnown(node, "jobs[]");
    Job job;
    job.spot = node.Spot();
    job.name = WordOf(node.At("name"));
    job.description = node.StringOr("description", "");
    job.owner = node.StringOr("owner", "");
    if (const auto tags = node.Find("tags")) job.tags = tags->AsStrings();
    job.plan = PlanOf(node);
    job.sensors = SensorsOf(node);
    if (!job.plan.HasTimes() && !job.sensors.empty() && !job.HasEvents())
        throw node.At("sensors").Mistake(
            "these sensors start nothing, they only hold a run back: add a `schedule`, `after`, or "
            "a sensor `table_changed` or `files`");
    ReadLimits(node, job);
    if (const auto parameters = node.Find("parameters")) job.parameters = TextsOf(*parameters);
    if (const auto env = node.Find("env")) job.environment = TextsOf(*env);
    if (const auto alerts = node.Find("alerts")) {
        for (const YamlNode& one : alerts->Items()) AddAlerts(one, job.alerts);
        if (job.alerts.size() > JobLimits::kMostAlerts)
            throw alerts->Mistake(
                fmt::format("a job has at most {} alerts", JobLimits::kMostAlerts));
    }
    const YamlNode tasks = node.At("tasks");
    for (const YamlNode& one : tasks.Items()) {
        job.tasks.push_back(TaskOf(one));
        if (job.tasks.size() > JobLimits::kMostTasks)
            throw one.Mistake(fmt::format("a job has at most {} tasks", JobLimits::kMostTasks));
    }
    if (job.tasks.empty()) throw tasks.Mistake("a job has at least one task");
    return job;
}

void ReadFile(const ingest::YamlFile& file, JobBook& book) {
    const YamlNode root = YamlNode::Parse(file.text, file.name);
    OnlyKnown(root, "");
    if (const auto jobs = root.Find("jobs")) {
        for (const YamlNode& node : jobs->Items()) {
            book.jobs.push_back(JobOf(node));
            if (book.jobs.size() > JobLimits::kMostJobs)
                throw node.Mistake(fmt::format("a lake has at most {} jobs", JobLimits::kMostJobs));
        }
    }
    if (const auto pools = root.Find("pools")) {
        for (const YamlNode& node : pools->Items()) {
            OnlyKnown(node, "pools[]");
            book.pools.push_back({WordOf(node.At("name")),
                                  IntWithin(node.At("slots"), 1, JobLimits::kMostSlots),
                                  node.StringOr("description", ""), node.Spot()});
        }
    }
    if (const auto mail = root.Find("mail")) {
        OnlyKnown(*mail, "mail");
        if (book.mail) throw mail->Mistake("`mail` stands in another file of jobs/ too");
        book.mail = MailServer{mail->At("server").AsString(), mail->At("from").AsString(),
                               mail->StringOr("user", ""), mail->StringOr("password", ""),
                               mail->BoolOr("tls", false)};
        if (!book.mail->server.starts_with("smtp://") && !book.mail->server.starts_with("smtps://"))
            throw mail->At("server").Mistake("expected an address like `smtp://mail.example:587`");
    }
}

}  // namespace

std::optional<TimestampUs> ParseJobTime(std::string_view text, const TimeZone& zone) {
    int y = 0;
    int m = 0;
    int d = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::string all(Trim(text));
    std::optional<seconds> offset;
    constexpr size_t kDateBytes = 10;
    const size_t sign =
        all.size() > kDateBytes ? all.find_first_of("+-Zz", kDateBytes) : std::string::npos;
    if (sign != std::string::npos) {
        const std::string behind = all.substr(sign);
        all.resize(sign);
        int hours = 0;
        int minutes = 0;
        char rest = 0;
        const bool is_zulu = behind == "Z" || behind == "z";
        if (!is_zulu &&
            (std::sscanf(behind.c_str() + 1, "%2d:%2d%c", &hours, &minutes, &rest) != 2 ||
             hours > 23 || minutes > 59))
            return std::nullopt;
        offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
        if (behind.front() == '-') offset = -*offset;
    }
    char mark = 0;
    char rest = 0;
    const int read = std::sscanf(all.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d%c", &y, &m, &d, &mark,
                                 &hour, &minute, &second, &rest);
    constexpr int kDateParts = 3;
    constexpr int kMinuteParts = 6;
    constexpr int kSecondParts = 7;
    const auto is_form = [&](int parts, size_t bytes) {
        return read == parts && all.size() == bytes;
    };
    const bool is_whole = (is_form(kDateParts, kDateBytes) && !offset) ||
                          is_form(kMinuteParts, sizeof("2026-03-01 06:30") - 1) ||
                          is_form(kSecondParts, sizeof("2026-03-01 06:30:00") - 1);
    const std::chrono::year_month_day date{std::chrono::year(y),
                                           std::chrono::month(static_cast<unsigned>(m)),
                                           std::chrono::day(static_cast<unsigned>(d))};
    constexpr int kFirstYear = 1970;
    if (!is_whole || y < kFirstYear || !date.ok() ||
        (read > kDateParts && mark != ' ' && mark != 'T') || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 59)
        return std::nullopt;
    const LocalSeconds local = std::chrono::local_days(date) + std::chrono::hours(hour) +
                               std::chrono::minutes(minute) + seconds(second);
    if (offset) return std::chrono::sys_seconds(local.time_since_epoch() - *offset);
    return zone.ToInstant(local);
}

JobBook ParseJobs(const std::vector<ingest::YamlFile>& files) {
    JobBook book;
    for (const ingest::YamlFile& file : files) ReadFile(file, book);
    CheckBook(book);
    std::sort(book.jobs.begin(), book.jobs.end(),
              [](const Job& a, const Job& b) { return a.name < b.name; });
    return book;
}

JobBook ReadJobs(storage::ObjectStore& store, const std::string& lake_root) {
    return ParseJobs(ingest::ReadYamlFolder(store, lake_root, "jobs", JobLimits::kMostYamlBytes));
}

}  // namespace tarn::pipeline
