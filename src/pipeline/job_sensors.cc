#include "pipeline/job_sensors.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"

namespace tarn::pipeline {
namespace {

struct OneAnswer {
    bool holds = false;
    std::string reason{};
    std::string cursor{};  // of an event
    std::string first{};   // the cursor of one that was never looked at
    std::vector<std::string> files{};
};

using Cursor = std::optional<std::string>;

OneAnswer CountedEvent(std::optional<int64_t> number, const Cursor& cursor,
                       const std::string& what) {
    const int64_t current = number.value_or(-1);
    OneAnswer answer;
    answer.cursor = std::to_string(current);
    answer.first = answer.cursor;
    // A table that was made anew begins at 0 again.
    answer.holds = cursor && current >= 0 && answer.cursor != *cursor;
    answer.reason = fmt::format("{} {}", what, current);
    return answer;
}

OneAnswer FilesEvent(const FilesArrived& sensor, const Cursor& cursor, SensorWorld& world) {
    std::set<std::string> known;
    if (cursor) {
        for (std::string& mark : Split(*cursor, ' ')) known.insert(std::move(mark));
    }
    OneAnswer answer;
    std::vector<std::string> marks;
    size_t count = 0;
    for (const SeenFile& file : world.Files(sensor.pattern)) {
        constexpr size_t kMarkBytes = 16;
        marks.push_back(Hash128Hex(file.path + '\0' + file.mark).substr(0, kMarkBytes));
        if (known.contains(marks.back())) continue;
        ++count;
        if (answer.files.size() < JobLimits::kMostFilesTold) answer.files.push_back(file.path);
    }
    answer.cursor = Join(marks, " ");
    answer.holds = count > 0;
    answer.reason = fmt::format("{} new files match {}", count, sensor.pattern);
    return answer;
}

OneAnswer FreshAnswer(const TableFresh& sensor, SensorWorld& world, TimestampUs now) {
    const auto time = world.TableTime(sensor.table, sensor.column);
    OneAnswer answer;
    answer.holds = time && now - *time <= sensor.within;
    if (time) answer.reason = fmt::format("{} is of {}", sensor.table, FormatTimestamp(*time));
    return answer;
}

OneAnswer TimeAnswer(const TimeOfDay& sensor, const TimeZone& zone, TimestampUs now) {
    const LocalSeconds shown = zone.ToLocal(now);
    const auto since = shown - std::chrono::floor<std::chrono::days>(shown);
    return {since >= std::chrono::minutes(sensor.minute),
            fmt::format("it is {:02}:{:02}", sensor.minute / 60, sensor.minute % 60)};
}

OneAnswer Ask(const JobSensor& sensor, const Cursor& cursor, const Job& job, SensorWorld& world,
              catalog::JobLog& log, TimestampUs now) {
    if (const auto* changed = std::get_if<TableChanged>(&sensor.what))
        return CountedEvent(world.TableVersion(changed->table), cursor,
                            changed->table + " is at version");
    if (const auto* files = std::get_if<FilesArrived>(&sensor.what))
        return FilesEvent(*files, cursor, world);
    if (const auto* fresh = std::get_if<TableFresh>(&sensor.what))
        return FreshAnswer(*fresh, world, now);
    if (const auto* time = std::get_if<TimeOfDay>(&sensor.what))
        return TimeAnswer(*time, job.plan.zone, now);
    const auto& ended = std::get<JobEnded>(sensor.what);
    const auto run = ended.succeeded ? log.LastSucceeded(ended.job) : log.LastOver(ended.job);
    return CountedEvent(run ? std::optional<int64_t>(run->number) : std::nullopt, cursor,
                        ended.job + " ended with run");
}

}  // namespace

SensorAnswer AskSensors(const Job& job, const std::map<std::string, std::string>& cursors,
                        SensorWorld& world, catalog::JobLog& log, TimestampUs now) {
    SensorAnswer all;
    std::vector<std::string> reasons;
    for (const JobSensor& sensor : job.sensors) {
        const std::string name = sensor.Name();
        const auto kept = cursors.find(name);
        const Cursor cursor = kept == cursors.end() ? std::nullopt : Cursor(kept->second);
        OneAnswer one = Ask(sensor, cursor, job, world, log, now);
        all.holds = all.holds && one.holds;
        if (one.holds) reasons.push_back(one.reason);
        if (!sensor.IsEvent()) continue;
        all.cursors[name] = one.cursor;
        all.first_cursors[name] = cursor ? *cursor : one.first;
        all.is_first_look = all.is_first_look || !cursor;
        all.files.insert(all.files.end(), one.files.begin(), one.files.end());
    }
    all.files.resize(std::min(all.files.size(), JobLimits::kMostFilesTold));
    all.reason = Join(reasons, "; ");
    return all;
}

}  // namespace tarn::pipeline
