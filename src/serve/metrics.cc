#include "serve/metrics.h"

#include <algorithm>
#include <array>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace tarn::serve {

namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   30};

std::string KnownMethod(const std::string& method) {
    static constexpr std::array<std::string_view, 7> kMethods{"GET",    "HEAD",    "POST", "PUT",
                                                              "DELETE", "OPTIONS", "PATCH"};
    return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end() ? method : "other";
}

template <typename Builder>
auto& Register(Builder builder, const std::string& name, const std::string& help,
               prometheus::Registry& registry) {
    return builder.Name(name).Help(help).Register(registry);
}

double Seconds(DurationUs duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        Register(prometheus::BuildCounter(), "tarn_http_requests_total",
                 "Requests by endpoint, method and status.", registry);
    prometheus::Family<prometheus::Histogram>& durations =
        Register(prometheus::BuildHistogram(), "tarn_http_request_duration_seconds",
                 "From a request's arrival to its answer.", registry);
    prometheus::Family<prometheus::Histogram>& queued =
        Register(prometheus::BuildHistogram(), "tarn_query_queue_seconds",
                 "How long queries waited.", registry);
    prometheus::Family<prometheus::Counter>& scanned =
        Register(prometheus::BuildCounter(), "tarn_query_bytes_scanned_total",
                 "Bytes of tables read.", registry);
    prometheus::Family<prometheus::Counter>& rows =
        Register(prometheus::BuildCounter(), "tarn_query_rows_returned_total",
                 "Rows given to callers.", registry);
    prometheus::Family<prometheus::Gauge>& refreshed =
        Register(prometheus::BuildGauge(), "tarn_endpoint_refreshed_timestamp_seconds",
                 "Commit time of the oldest table in the endpoint's last answer.", registry);
    prometheus::Gauge& in_flight =
        Register(prometheus::BuildGauge(), "tarn_http_requests_in_flight", "Requests under way.",
                 registry)
            .Add({});
    prometheus::Gauge& running = Register(prometheus::BuildGauge(), "tarn_queries_running",
                                          "Queries in the engine.", registry)
                                     .Add({});
    prometheus::Gauge& waiting = Register(prometheus::BuildGauge(), "tarn_queries_queued",
                                          "Queries that wait for the engine.", registry)
                                     .Add({});
    prometheus::Family<prometheus::Gauge>& build =
        Register(prometheus::BuildGauge(), "tarn_build_info",
                 "Always 1; the label tells the version.", registry);
};

Metrics::Metrics(const std::string& tarn_version) : families_(std::make_unique<Families>()) {
    families_->build.Add({{"version", tarn_version}}).Set(1);
}
Metrics::~Metrics() = default;

void Metrics::RequestStarted() { families_->in_flight.Increment(); }

void Metrics::RequestFinished(const RequestRecord& record) {
    const prometheus::Labels endpoint{{"endpoint", record.endpoint}};
    families_->in_flight.Decrement();
    families_->requests
        .Add({{"endpoint", record.endpoint},
              {"method", KnownMethod(record.method)},
              {"status", std::to_string(record.status)}})
        .Increment();
    families_->durations.Add(endpoint, kSeconds).Observe(Seconds(record.duration));
    if (record.tables.empty()) return;
    families_->queued.Add(endpoint, kSeconds).Observe(Seconds(record.queued));
    families_->scanned.Add(endpoint).Increment(static_cast<double>(record.bytes_scanned));
    families_->rows.Add(endpoint).Increment(static_cast<double>(record.rows));
    TimestampUs oldest = record.tables.front().refreshed_at;
    for (const TableStamp& table : record.tables) oldest = std::min(oldest, table.refreshed_at);
    families_->refreshed.Add(endpoint).Set(Seconds(oldest.time_since_epoch()));
}

void Metrics::QueriesRunning(size_t running, size_t queued) {
    families_->running.Set(static_cast<double>(running));
    families_->waiting.Set(static_cast<double>(queued));
}

std::string Metrics::Text() const {
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace tarn::serve
