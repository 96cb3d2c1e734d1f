// Is a number unlike those that were measured before: by their median and by how far they usually
// lie from it, which a few odd ones among them do not move. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace tarn::quality {

enum class AnomalyDirection { kBoth, kDrop, kSpike };

struct AnomalyRule {
    double sensitivity = 3;         // deviations from the median that are usual
    double training_days = 30;      // older points are not looked at
    size_t min_points = 7;          // with fewer nothing is judged
    double min_change_percent = 1;  // of the median; a smaller change is no anomaly
    bool by_weekday = false;        // only points of the same day of the week (UTC) count
    AnomalyDirection direction = AnomalyDirection::kBoth;
};

struct HistoryPoint {
    double value = 0;
    TimestampUs at{};
};

struct AnomalyVerdict {
    std::optional<double> value;  // nothing: there was nothing to measure
    size_t points = 0;            // that it was judged by
    size_t min_points = 0;
    bool is_judged = false;
    bool is_anomaly = false;
    double median = 0;
    double deviation = 0;  // usual distance from the median, as a standard deviation
    double low = 0;        // what is usual
    double high = 0;
};

// A value that cannot be measured is an anomaly where earlier ones could be, and there are enough.
AnomalyVerdict JudgeAnomaly(std::optional<double> value, TimestampUs now,
                            const std::vector<HistoryPoint>& history, const AnomalyRule& rule);

// The numbers that made the verdict: "1200 is not within 960 to 1040: 14 earlier runs have the
// median 1000 and the deviation 13.3".
std::string WordsOf(const AnomalyVerdict& verdict);

}  // namespace tarn::quality
