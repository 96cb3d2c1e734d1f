// Which versions of data contracts were announced to those who read the tables, and which is in
// force. Only ever added to. Thread-safe, many processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace tarn::catalog {

class Store;

struct ContractAct {
    std::string name;  // the contract's
    std::string version;
    std::string text;  // the whole file, as it was then
    TimestampUs at{};
    std::string by;  // who did it
};

class ContractLog {
public:
    explicit ContractLog(Store& store) : store_(store) {}

    // The version in force; nothing: none was ever published.
    std::optional<ContractAct> Published(const std::string& name);
    // When exactly this text was announced first.
    std::optional<ContractAct> Announced(const std::string& name, const std::string& text);
    // All versions in force, by name.
    std::vector<ContractAct> AllPublished();

    void Announce(const ContractAct& act);
    void Publish(const ContractAct& act);

private:
    Store& store_;
};

}  // namespace tarn::catalog
