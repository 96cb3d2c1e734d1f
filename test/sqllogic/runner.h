// Runs the records of an SQL logic test over a lakehouse of its own, in this process.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/compose.h"
#include "sqllogic/script.h"

namespace tarn::sqllogic {

enum class Store { kDisk, kMemory };

struct Failure {
    int line = 0;
    std::string what;
};

class Runner {
public:
    // `folder` is empty and the caller's to remove.
    Runner(Store store, std::string folder);
    ~Runner();

    // The first records that did not hold; empty: all did. Stops after a handful.
    std::vector<Failure> Run(const std::vector<Record>& records);

private:
    static constexpr size_t kMostFailures = 5;

    void Open();
    std::optional<std::string> Apply(const StatementRecord& record);
    std::optional<std::string> Apply(const QueryRecord& record);
    engine::Session& Current();
    std::string Filled(std::string sql) const;

    Store store_;
    std::string folder_;
    std::unique_ptr<cli::Lake> lake_;
    std::map<std::string, std::unique_ptr<engine::Session>> sessions_;
    std::string connection_ = "main";
};

}  // namespace tarn::sqllogic
