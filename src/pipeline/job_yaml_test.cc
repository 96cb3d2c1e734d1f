#include "pipeline/job_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/kind_of.h"
#include "pipeline/job_graph.h"
#include "pipeline/job_verbs.h"

namespace tarn::pipeline {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

JobBook Parse(const std::string& text) { return ParseJobs({{"jobs/a.yml", text}}); }

// A job `a` with a task `t`, and what else is said of them.
std::string WithJob(const std::string& job, const std::string& task = "sql: select 1") {
    return "jobs:\n  - name: a\n" + (job.empty() ? "" : "    " + job + "\n") +
           "    tasks:\n      - {name: t, " + task + "}\n";
}

// "line:column: message" of the mistake.
std::string MistakeIn(const std::string& text) {
    try {
        Parse(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << error.what();
        EXPECT_EQ(error.spot().file, "jobs/a.yml");
        return fmt::format("{}:{}: {}", error.spot().line, error.spot().column, error.message());
    }
    return "nothing is wrong";
}

TEST(JobYaml, AWholeJobIsRead) {
    const JobBook book = Parse(R"(jobs:
  - name: nightly
    description: all
    owner: mia
    tags: [x]
    schedule: {cron: 30 6 * * MON-FRI, timezone: Europe/Berlin}
    start: 2026-03-01
    end: 2026-12-31 06:00
    catch_up: all
    catch_up_limit: 7
    max_active_runs: 2
    timeout: 2 hours
    service_level: 90 minutes
    retries: {count: 3, delay: 10s, factor: 3, most_delay: 5m, jitter: 0}
    parameters: {day: today, n: 7}
    env: {A: b}
    sensors:
      - table_fresh: {table: silver.events, within: 1 hour, column: at}
      - files: landing/*.csv
      - time: "07:30"
      - table_changed: bronze.x
    after: [other, {job: third, when: done}]
    alerts:
      - {on: [failure, retry], webhook: "http://x/y"}
      - {on: late, email: [a@x, b@x]}
      - command: echo
    tasks:
      - {name: land, ingest: all, pool: p, slots: 2}
      - name: build
        build: {select: [+gold], exclude: x, vars: {a: 1}, full_refresh: true}
        depends_on: land
        timeout: 30s
        retries: 1
        run_if: all_done
  - {name: other, schedule: "@daily", tasks: [{name: t, sql: select 1}]}
  - {name: third, schedule: {every: 15 minutes}, tasks: [{name: t, command: [ls, -l]}]}
pools: [{name: p, slots: 3}]
mail: {server: "smtp://h:25", from: t@x}
)");
    ASSERT_THAT(book.Names(), ElementsAre("nightly", "other", "third"));
    const Job& job = book.jobs[0];
    EXPECT_EQ(job.plan.zone.name(), "Europe/Berlin");
    EXPECT_EQ(FormatTimestamp(*job.plan.start), "2026-02-28T23:00:00.000000Z");
    EXPECT_EQ(FormatTimestamp(*job.plan.end), "2026-12-31T05:00:00.000000Z");
    EXPECT_EQ(job.catch_up, CatchUp::kAll);
    EXPECT_EQ(job.retries.count, 3);
    EXPECT_EQ(PauseAfter(job.retries, 1), seconds(10));
    EXPECT_EQ(PauseAfter(job.retries, 3), seconds(90));
    EXPECT_EQ(PauseAfter(job.retries, 9), minutes(5));
    EXPECT_EQ(job.parameters.at("n"), "7");
    ASSERT_EQ(job.sensors.size(), 6U);
    EXPECT_EQ(job.sensors[0].Name(), "freshness of silver.events");
    EXPECT_EQ(std::get<TimeOfDay>(job.sensors[2].what).minute, 450);
    EXPECT_FALSE(std::get<JobEnded>(job.sensors[5].what).succeeded);
    ASSERT_EQ(job.alerts.size(), 4U);
    EXPECT_EQ(job.alerts[1].event, AlertEvent::kRetry);
    EXPECT_EQ(job.alerts[3].event, AlertEvent::kFailure);
    EXPECT_EQ(job.tasks[1].run_if, RunIf::kAllDone);
    EXPECT_EQ(job.tasks[1].retries->count, 1);
    EXPECT_THAT(ProgramOf("build", job.tasks[1].saying).arguments,
                ElementsAre("build", "--select", "+gold", "--exclude", "x", "--full-refresh",
                            "--vars", "{\"a\":1}"));
    EXPECT_THAT(ProgramOf("ingest", job.tasks[0].saying).arguments, ElementsAre("ingest"));
    EXPECT_EQ(*book.jobs[2].plan.every, minutes(15));
    EXPECT_FALSE(ProgramOf("command", book.jobs[2].tasks[0].saying).is_tarn);
}

TEST(JobYaml, EveryVerbIsAProgram) {
    const auto program = [](const std::string& task) {
        const Job job = Parse(WithJob("", task)).jobs[0];
        return ProgramOf(job.tasks[0].verb, job.tasks[0].saying);
    };
    EXPECT_THAT(program("maintain: [a.b]").arguments, ElementsAre("table", "maintain", "a.b"));
    EXPECT_THAT(program("contract_check: all").arguments, ElementsAre("contract", "check"));
    EXPECT_THAT(program("source_freshness: s").arguments,
                ElementsAre("source", "freshness", "-s", "s"));
    EXPECT_THAT(program("operation: {macro: m, args: {a: 1}}").arguments,
                ElementsAre("run-operation", "m", "--args", "{\"a\":1}"));
    EXPECT_THAT(program("tarn: [docs, generate]").arguments, ElementsAre("docs", "generate"));
    EXPECT_EQ(program("sql: select 1").input, "select 1\n;\n");
    EXPECT_EQ(program("export: {table: a.b, to: out.csv}").input,
              "COPY (FROM a.b) TO 'out.csv' (FORMAT csv);\n");
    EXPECT_EQ(program("export: {query: select 1, to: \"o'x\", format: json}").input,
              "COPY (select 1) TO 'o''x' (FORMAT json);\n");
    EXPECT_TRUE(program("command: ls | wc").is_shell);
}

TEST(JobYaml, MistakesSayWhereAndWhatIsMeant) {
    EXPECT_THAT(MistakeIn("job: []"), HasSubstr("1:1: unknown key `job`: did you mean `jobs`?"));
    EXPECT_THAT(MistakeIn(WithJob("shedule: \"@daily\"")),
                HasSubstr("3:5: unknown key `shedule`: did you mean `schedule`?"));
    EXPECT_THAT(MistakeIn(WithJob("schedule: {cron: \"* * * *\"}")), HasSubstr("3:22: "));
    EXPECT_THAT(MistakeIn(WithJob("schedule: 0 0 30 2 *")), HasSubstr("never comes"));
    EXPECT_THAT(MistakeIn(WithJob("schedule: {cron: \"@daily\", timezone: Europe/Berln}")),
                HasSubstr("3:42: there is no time zone `Europe/Berln`, did you mean "
                          "`Europe/Berlin`?"));
    EXPECT_THAT(MistakeIn(WithJob("schedule: {cron: \"@daily\", every: 1h}")), HasSubstr("either"));
    EXPECT_THAT(MistakeIn(WithJob("schedule: {every: soon}")), HasSubstr("3:23: "));
    EXPECT_THAT(MistakeIn(WithJob("start: 2026-02-30")), HasSubstr("3:12: "));
    EXPECT_THAT(MistakeIn(WithJob("retries: 101")), HasSubstr("0 to 100"));
    EXPECT_THAT(MistakeIn(WithJob("catch_up: lats")), HasSubstr("last"));
    EXPECT_THAT(MistakeIn(WithJob("sensors: [{time: \"25:00\"}]")), HasSubstr("3:22: "));
    EXPECT_THAT(MistakeIn(WithJob("sensors: [{time: \"06:00\"}]")), HasSubstr("start nothing"));
    EXPECT_THAT(MistakeIn(WithJob("sensors: [{table_changed: events}]")),
                HasSubstr("silver.events"));
    EXPECT_THAT(MistakeIn(WithJob("after: b")), HasSubstr("there is no job `b`"));
    EXPECT_THAT(MistakeIn(WithJob("alerts: [{on: failure}]")), HasSubstr("one of `webhook`"));
    EXPECT_THAT(MistakeIn(WithJob("alerts: [{email: a@x}]")), HasSubstr("needs `mail:`"));
    EXPECT_THAT(MistakeIn(WithJob("", "buidl: all")),
                HasSubstr("4:19: unknown key `buidl`: did you mean `build`?"));
    EXPECT_THAT(MistakeIn(WithJob("", "sql: a, build: b")), HasSubstr("two verbs"));
    EXPECT_THAT(MistakeIn(WithJob("", "depends_on: []")), HasSubstr("nothing to do"));
    EXPECT_THAT(MistakeIn(WithJob("", "sql: a, depends_on: u")),
                HasSubstr("4:39: there is no task `u`"));
    EXPECT_THAT(MistakeIn(WithJob("", "sql: a, depends_on: t")), HasSubstr("t -> t"));
    EXPECT_THAT(MistakeIn(WithJob("", "sql: a, pool: p")), HasSubstr("there is no pool `p`"));
    EXPECT_THAT(MistakeIn("jobs: [{name: a b, tasks: [{name: t, sql: x}]}]"),
                HasSubstr("is no name"));
    EXPECT_THAT(MistakeIn("jobs: [{name: a, tasks: []}]"), HasSubstr("at least one task"));
    EXPECT_THAT(MistakeIn(WithJob("") + "  - {name: a, tasks: [{name: t, sql: x}]}\n"),
                HasSubstr("stands twice"));
    EXPECT_THAT(
        MistakeIn(WithJob("", "sql: a, pool: p, slots: 3") + "pools: [{name: p, slots: 2}]\n"),
        HasSubstr("wait for ever"));
}

TEST(JobYaml, CirclesAreNamed) {
    EXPECT_THAT(MistakeIn(R"(jobs:
  - {name: a, after: b, tasks: [{name: t, sql: x}]}
  - {name: b, after: a, tasks: [{name: t, sql: x}]}
)"),
                HasSubstr("jobs wait for each other: a -> b -> a"));
    EXPECT_THAT(MistakeIn(R"(jobs:
  - name: a
    tasks:
      - {name: t, sql: x, depends_on: v}
      - {name: u, sql: x, depends_on: t}
      - {name: v, sql: x, depends_on: u}
)"),
                HasSubstr("t -> v -> u -> t"));
}

TEST(JobYaml, JobsOfAllFilesKnowEachOther) {
    const JobBook book = ParseJobs({{"jobs/a.yml", WithJob("after: b")},
                                    {"jobs/b.yml", "jobs: [{name: b, tasks: [{name: t, sql: x}]}]"},
                                    {"jobs/c.yml", ""}});
    EXPECT_THAT(book.Names(), ElementsAre("a", "b"));
}

TEST(JobYaml, LimitsAreKept) {
    std::string tasks;
    for (size_t i = 0; i <= JobLimits::kMostTasks; ++i)
        tasks += fmt::format("      - {{name: t{}, sql: x}}\n", i);
    EXPECT_THAT(MistakeIn("jobs:\n  - name: a\n    tasks:\n" + tasks), HasSubstr("at most"));
}

TEST(JobYaml, TasksStandBehindThoseTheyDependOn) {
    const JobBook book = Parse(R"(jobs:
  - name: a
    tasks:
      - {name: c, sql: x, depends_on: [b, a]}
      - {name: a, sql: x}
      - {name: b, sql: x, depends_on: a}
)");
    EXPECT_THAT(TaskOrder(book.jobs[0]), ElementsAre("a", "b", "c"));
}

TEST(JobYaml, TimesAreOfTheZoneUnlessTheySayMore) {
    const TimeZone berlin = FindTimeZone("Europe/Berlin");
    const auto text = [&](const char* time) {
        const auto parsed = ParseJobTime(time, berlin);
        return parsed ? FormatTimestamp(*parsed).substr(0, 19) : "none";
    };
    EXPECT_EQ(text("2026-07-01"), "2026-06-30T22:00:00");
    EXPECT_EQ(text("2026-07-01 06:30"), "2026-07-01T04:30:00");
    EXPECT_EQ(text("2026-07-01T06:30:15"), "2026-07-01T04:30:15");
    EXPECT_EQ(text("2026-07-01T06:30Z"), "2026-07-01T06:30:00");
    EXPECT_EQ(text("2026-07-01 06:30:00-05:30"), "2026-07-01T12:00:00");
    for (const char* wrong : {"", "2026", "2026-07", "2026-13-01", "2026-02-29", "2026-07-01Z",
                              "2026-07-01 24:00", "2026-07-01 6", "2026-07-01 06:30 x",
                              "2026-07-01x06:30", "1969-01-01", "2026-07-01 06:30+1"})
        EXPECT_EQ(text(wrong), "none") << wrong;
}

}  // namespace
}  // namespace tarn::pipeline
