#include "serve/request_log.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tarn::serve {
namespace {

RequestRecord RecordOf(int status, const std::string& failure = "") {
    RequestRecord record;
    record.id = "1";
    record.target = "/v1/a?x=\xff\n\x1b[31m";
    record.status = status;
    record.failure = failure;
    record.duration = DurationUs(1500);
    return record;
}

size_t LinesOf(RequestLogLevel level, const RequestRecord& record) {
    size_t lines = 0;
    RequestLog log(level, [&](std::string_view) { ++lines; });
    log.Started(record);
    log.Finished(record);
    return lines;
}

TEST(RequestLogTest, ALineIsOneLineOfJsonWhateverTheCallerSent) {
    const std::string line = FormatRequestLine(RecordOf(500, "cannot read\n/part-1.parquet"));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["failure"], "cannot read\n/part-1.parquet");
    EXPECT_EQ(json["ms"], 1.5);
}

TEST(RequestLogTest, TheLevelChoosesTheRequests) {
    EXPECT_EQ(LinesOf(RequestLogLevel::kFailures, RecordOf(200)), 0U);
    EXPECT_EQ(LinesOf(RequestLogLevel::kFailures, RecordOf(400)), 0U);
    EXPECT_EQ(LinesOf(RequestLogLevel::kFailures, RecordOf(499, "gone")), 0U);
    EXPECT_EQ(LinesOf(RequestLogLevel::kFailures, RecordOf(410, "no version")), 1U);
    EXPECT_EQ(LinesOf(RequestLogLevel::kFailures, RecordOf(503)), 1U);
    EXPECT_EQ(LinesOf(RequestLogLevel::kAll, RecordOf(200)), 1U);
}

}  // namespace
}  // namespace tarn::serve
