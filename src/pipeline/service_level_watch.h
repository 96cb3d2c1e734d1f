// Which tables are behind their service level while a project is built over and over. A table is
// fresh when a round left it up to date with what it reads; how long it may be anything else is its
// `service_level`. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/build.h"

namespace tarn::pipeline {

class ServiceLevelWatch {
public:
    // `since`: from when on tables that never were fresh are waited for.
    explicit ServiceLevelWatch(TimestampUs since) : since_(since) {}

    // What a round says: a line for each table that fell behind its service level in it, and for
    // each that is fresh again. A level that is no span of time ("best effort") is not watched.
    std::vector<std::string> Round(const BuildReport& report, TimestampUs now);

private:
    struct Table {
        TimestampUs fresh;
        bool is_late = false;
    };

    const TimestampUs since_;
    std::map<std::string, Table> tables_;
};

}  // namespace tarn::pipeline
