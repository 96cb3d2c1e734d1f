#include "net/http_connections.h"

namespace tarn::net {

void HttpConnections::Add(uint64_t id, const std::shared_ptr<HttpConnection>& connection) {
    const std::lock_guard lock(mutex_);
    connections_.emplace(id, connection);
}

void HttpConnections::Remove(uint64_t id) {
    const std::lock_guard lock(mutex_);
    connections_.erase(id);
    if (connections_.empty()) emptied_.notify_all();
}

size_t HttpConnections::Size() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
}

std::vector<std::shared_ptr<HttpConnection>> HttpConnections::Alive() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<HttpConnection>> alive;
    for (const auto& [id, weak] : connections_) {
        if (auto connection = weak.lock()) alive.push_back(std::move(connection));
    }
    return alive;
}

void HttpConnections::DrainAll() {
    draining_ = true;
    for (const auto& connection : Alive()) connection->Drain();
}

void HttpConnections::DisconnectAll() {
    for (const auto& connection : Alive()) connection->Disconnect();
}

bool HttpConnections::WaitEmpty(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, timeout, [&] { return connections_.empty(); });
}

void HttpConnections::WaitEmpty() {
    std::unique_lock lock(mutex_);
    emptied_.wait(lock, [&] { return connections_.empty(); });
}

}  // namespace tarn::net
