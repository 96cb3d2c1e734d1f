#include "catalog/lease.h"

#include <optional>

#include <unistd.h>

#include "base/error.h"
#include "catalog/process_identity.h"
#include "catalog/store.h"

namespace tarn::catalog {

namespace {

struct Holder {
    std::string machine;
    ProcessIdentity process;
    std::string purpose;
    int64_t since_us = 0;
    int64_t expires_us = 0;
};

std::optional<Holder> SelectHolder(Connection& connection, const std::string& name) {
    const auto rows = connection.Query(
        "SELECT holder, host, process, process_started, purpose, since_us, expires_us FROM leases "
        "WHERE name = ?1",
        {name});
    if (rows.empty()) return std::nullopt;
    const Cells& row = rows.front();
    return Holder{TextOf(row.at(0)),
                  {TextOf(row.at(1)), IntOf(row.at(2)), TextOf(row.at(3))},
                  TextOf(row.at(4)),
                  IntOf(row.at(5)),
                  IntOf(row.at(6))};
}

std::string HostName() {
    char name[256] = {};
    return gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

}  // namespace

std::unique_ptr<Lease> Lease::Acquire(Store& store, Clock& clock, Random& random,
                                      const std::string& name, const LeaseOptions& options) {
    const std::string token = NewUuid(clock, random);
    const ProcessIdentity self = ProcessIdentity::OfThis();
    store.Write([&](Connection& connection) {
        const int64_t now = ToUnixUs(clock.Now());
        const auto held = SelectHolder(connection, name);
        if (held && held->expires_us > now && !held->process.IsGone()) {
            throw Error(ErrorKind::kConflict,
                        "another process holds the {} of this lake: process {} on {} ({}) since "
                        "{}: wait for it, or end it",
                        name, held->process.process, held->machine, held->purpose,
                        FormatTimestamp(TimestampUs(DurationUs(held->since_us))))
                .With("holder", std::to_string(held->process.process));
        }
        connection.Execute("DELETE FROM leases WHERE name = ?1", {name});
        connection.Execute(
            "INSERT INTO leases (name, token, holder, host, process, process_started, purpose, "
            "since_us, expires_us)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            {name, token, HostName(), self.host, self.process, self.started, options.purpose, now,
             now + options.time_to_live.count()});
    });
    return std::unique_ptr<Lease>(new Lease(store, clock, name, token, options));
}

Lease::Lease(Store& store, Clock& clock, std::string name, std::string token, LeaseOptions options)
    : store_(store),
      clock_(clock),
      name_(std::move(name)),
      token_(std::move(token)),
      options_(std::move(options)) {
    if (options_.heartbeat) thread_ = std::thread([this] { Beat(); });
}

Lease::~Lease() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }
    try {
        store_.Write([&](Connection& connection) {
            connection.Execute("DELETE FROM leases WHERE name = ?1 AND token = ?2",
                               {name_, token_});
        });
    } catch (const std::exception&) {
        // It expires by itself, or at once when this process ends.
        lost_ = true;
    }
}

void Lease::Renew() {
    int64_t changed = 0;
    store_.Write([&](Connection& connection) {
        const int64_t expires = ToUnixUs(clock_.Now() + options_.time_to_live);
        changed =
            connection.Execute("UPDATE leases SET expires_us = ?3 WHERE name = ?1 AND token = ?2",
                               {name_, token_, expires});
    });
    if (changed == 0) lost_ = true;
    ThrowIfLost();
}

void Lease::ThrowIfLost() const {
    if (!lost_) return;
    throw Error(ErrorKind::kConflict, "another process has taken over the {} of this lake", name_);
}

void Lease::Beat() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, options_.time_to_live / 3, [this] { return stop_; })) {
        lock.unlock();
        try {
            Renew();
        } catch (const Error&) {
            // Lost is seen by ThrowIfLost; a store that is busy now is asked again at the next
            // beat.
        }
        lock.lock();
        if (lost_) return;
    }
}

}  // namespace tarn::catalog
