#include "catalog/contract_log.h"

#include "catalog/store.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view kAnnounced = "announced";
constexpr std::string_view kPublished = "published";

ContractAct ActOf(const Cells& row) {
    return {TextOf(row.at(0)), TextOf(row.at(1)), TextOf(row.at(2)),
            TimestampUs(DurationUs(IntOf(row.at(3)))), TextOf(row.at(4))};
}

std::vector<ContractAct> Select(Store& store, const std::string& tail, const Cells& parameters) {
    std::vector<ContractAct> acts;
    store.Read([&](Connection& connection) {
        const std::string sql = "SELECT name, version, text, at_us, by_whom FROM contracts " + tail;
        for (const Cells& row : connection.Query(sql, parameters)) acts.push_back(ActOf(row));
    });
    return acts;
}

std::optional<ContractAct> First(std::vector<ContractAct> acts) {
    if (acts.empty()) return std::nullopt;
    return std::move(acts.front());
}

void Insert(Store& store, std::string_view act, const ContractAct& said) {
    store.Write([&](Connection& connection) {
        connection.Execute(
            "INSERT INTO contracts (name, act, version, text, at_us, by_whom) VALUES (?1, ?2, ?3, "
            "?4, ?5, ?6)",
            {said.name, std::string(act), said.version, said.text, ToUnixUs(said.at), said.by});
    });
}

}  // namespace

std::optional<ContractAct> ContractLog::Published(const std::string& name) {
    return First(Select(store_, "WHERE name = ?1 AND act = ?2 ORDER BY number DESC LIMIT 1",
                        {name, std::string(kPublished)}));
}

std::optional<ContractAct> ContractLog::Announced(const std::string& name,
                                                  const std::string& text) {
    return First(Select(store_,
                        "WHERE name = ?1 AND act = ?2 AND text = ?3 ORDER BY number LIMIT 1",
                        {name, std::string(kAnnounced), text}));
}

std::vector<ContractAct> ContractLog::AllPublished() {
    return Select(
        store_,
        "WHERE number IN (SELECT max(number) FROM contracts WHERE act = ?1 GROUP BY name) "
        "ORDER BY name",
        {std::string(kPublished)});
}

void ContractLog::Announce(const ContractAct& act) { Insert(store_, kAnnounced, act); }

void ContractLog::Publish(const ContractAct& act) { Insert(store_, kPublished, act); }

}  // namespace tarn::catalog
