#include "pipeline/job_settings.h"

#include "pipeline/job_verbs.h"

namespace tarn::pipeline {
namespace {

std::vector<Setting> Schedules() {
    return {
        {"jobs", "list of jobs", "", "names are unique over all files"},
        {"jobs[].name", "word", "required", "letters, digits, `_`, `-` and `.`"},
        {"jobs[].description", "text", "", "what it is for"},
        {"jobs[].owner", "text", "", "who answers for it; alerts say it"},
        {"jobs[].tags", "list of words", "", "free words"},
        {"jobs[].schedule", "a plan, or the map below", "none",
         "a plan alone is its `cron`; without one the job runs by its events, or when asked"},
        {"jobs[].schedule.cron", "five fields, or @daily and its like", "this or every",
         "minute, hour, day of the month, month, day of the week; `*`, names, ranges, steps, "
         "lists"},
        {"jobs[].schedule.every", "span", "this or cron",
         "counted from `start`, else from midnight UTC of 1 January 1970; clocks that change do "
         "not matter to it"},
        {"jobs[].schedule.timezone", "IANA name", "UTC",
         "whose clocks `cron`, `start`, `end` and sensors of time mean"},
        {"jobs[].start", "time", "none", "no run is for a time before it"},
        {"jobs[].end", "time", "none", "no run is for this time or one behind it"},
        {"jobs[].catch_up", "none, last, all", "last",
         "which times run late that passed while no scheduler ran, or the job was paused"},
        {"jobs[].catch_up_limit", "1 to 1000", "24", "of `all`: the latest ones"},
        {"jobs[].after", "a job, or a list of jobs or maps", "none",
         "an event: that job ended well since the last run"},
        {"jobs[].after[].job", "job", "required", "which one"},
        {"jobs[].after[].when", "succeeded, done", "succeeded", "done: however it went"},
        {"jobs[].sensors", "list of maps, one key each", "none",
         "all must hold before a run; without `schedule` their events start it"},
        {"jobs[].sensors[].table_changed", "schema.table", "",
         "an event: the table has a new version"},
        {"jobs[].sensors[].table_fresh", "map", "", "the table is no older than that"},
        {"jobs[].sensors[].table_fresh.table", "schema.table", "required", ""},
        {"jobs[].sensors[].table_fresh.within", "span", "required", ""},
        {"jobs[].sensors[].table_fresh.column", "column", "none",
         "a time of its rows, the latest counts; none: the table's last commit"},
        {"jobs[].sensors[].files", "pattern", "",
         "an event: files arrived whose path from the lake's folder it matches (`*`, `?`, `**`); "
         "run.files has them"},
        {"jobs[].sensors[].time", "HH:MM", "",
         "the clocks of the day show this time or a later one"},
    };
}

std::vector<Setting> Runs() {
    return {
        {"jobs[].max_active_runs", "1 to 100", "1", "further runs wait"},
        {"jobs[].max_parallel_tasks", "1 to 100", "4", "of one run"},
        {"jobs[].timeout", "span", "24 hours", "of a whole run, from its start"},
        {"jobs[].service_level", "span", "none",
         "how long after its time a run may end; later is told by alerts `on: late`"},
        {"jobs[].retries", "0 to 100, or a map", "0", "of tasks that say none themselves"},
        {"jobs[].retries.count", "0 to 100", "required", "how often a failed task is tried again"},
        {"jobs[].retries.delay", "span", "60s", "before the first time"},
        {"jobs[].retries.factor", "1 to 10", "2", "each pause is so many times the one before"},
        {"jobs[].retries.most_delay", "span", "1 hour", "no pause is longer"},
        {"jobs[].retries.jitter", "0 to 1", "0.1",
         "chance makes a pause shorter or longer by up to this part"},
        {"jobs[].parameters", "map of names and values", "",
         "templates name them params.NAME; `tarn jobs run --param` changes them"},
        {"jobs[].env", "map of names and texts", "", "environment of its tasks; templates"},
        {"jobs[].alerts", "list", "", "whom to tell; each has one of webhook, email, command"},
        {"jobs[].alerts[].on", "failure, success, retry, late, or a list", "failure",
         "when it is told"},
        {"jobs[].alerts[].webhook", "URL, or a map", "", "a JSON body is posted to it"},
        {"jobs[].alerts[].webhook.url", "template", "required", "http or https"},
        {"jobs[].alerts[].webhook.headers", "map of templates", "", ""},
        {"jobs[].alerts[].webhook.body", "template", "all that is known",
         "`{{ alert.text | tojson }}`"},
        {"jobs[].alerts[].email", "address, a list, or a map", "", "needs `mail`"},
        {"jobs[].alerts[].email.to", "address or list", "required", ""},
        {"jobs[].alerts[].email.subject", "template", "a standard one", ""},
        {"jobs[].alerts[].email.body", "template", "a standard one", ""},
        {"jobs[].alerts[].command", "template", "",
         "for /bin/sh; the alert as JSON is its standard input"},
    };
}

std::vector<Setting> Tasks() {
    std::vector<Setting> settings{
        {"jobs[].tasks", "list of tasks", "required", "each has one verb"},
        {"jobs[].tasks[].name", "word", "required", "unique in its job"},
    };
    static const std::vector<std::string> keys = [] {
        std::vector<std::string> all;
        for (const JobVerb& verb : JobVerbs())
            all.push_back("jobs[].tasks[]." + std::string(verb.name));
        return all;
    }();
    for (size_t i = 0; i < keys.size(); ++i) {
        settings.push_back(
            {keys[i], JobVerbs()[i].saying, i == 0 ? "one of these" : "", JobVerbs()[i].meaning});
    }
    const std::vector<Setting> rest{
        {"jobs[].tasks[].depends_on", "task, or a list", "none", "they end before it starts"},
        {"jobs[].tasks[].run_if", "all_succeeded, all_done, on_failure", "all_succeeded",
         "how those must have gone; else the task is skipped. With on_failure and no depends_on: "
         "any other task failed"},
        {"jobs[].tasks[].timeout", "span", "the run's", "then it is ended, which is a failure"},
        {"jobs[].tasks[].retries", "as of the job", "the job's", ""},
        {"jobs[].tasks[].pool", "pool", "none", "waits until the pool has slots for it"},
        {"jobs[].tasks[].slots", "1 to the pool's", "1", "how many of them it takes"},
        {"jobs[].tasks[].env", "map of names and texts", "", "beside the job's; templates"},
        {"pools", "list of pools", "", "slots that tasks of all jobs share"},
        {"pools[].name", "word", "required", ""},
        {"pools[].slots", "1 to 10000", "required", ""},
        {"pools[].description", "text", "", ""},
        {"mail", "map", "none", "where mails go out; at most once over all files"},
        {"mail.server", "smtp://host:port or smtps://host:port", "required", ""},
        {"mail.from", "address", "required", ""},
        {"mail.user", "template", "none", "login, where the server wants one"},
        {"mail.password", "template", "none", "`{{ env_var('SMTP_PASSWORD') }}`"},
        {"mail.tls", "true, false", "false", "refuse a server that does not encrypt (STARTTLS)"},
    };
    settings.insert(settings.end(), rest.begin(), rest.end());
    return settings;
}

}  // namespace

const std::vector<Setting>& JobSettings() {
    static const std::vector<Setting> settings = [] {
        std::vector<Setting> all = Schedules();
        for (const auto& part : {Runs(), Tasks()}) all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return settings;
}

}  // namespace tarn::pipeline
