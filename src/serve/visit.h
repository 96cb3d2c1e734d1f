// One request inside the doors, from its arrival to its answer: its record, its metrics, its id.
// Used by one thread at a time. A visit that is dropped unanswered answers 500.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "net/http_server.h"
#include "serve/metrics.h"
#include "serve/problem.h"
#include "serve/request_record.h"

namespace tarn::serve {

// What every visit needs; all of it outlives the visits.
struct VisitParts {
    Metrics& metrics;
    RequestObserver& observer;
    Clock& clock;
    Random& random;
};

class Visit {
public:
    Visit(std::shared_ptr<net::HttpExchange> exchange, const std::string& caller,
          const VisitParts& parts);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    const net::HttpRequest& Request() const { return exchange_->Request(); }
    RequestRecord& Record() { return record_; }
    void OnDisconnect(std::function<void()> callback) {
        exchange_->OnDisconnect(std::move(callback));
    }

    // The door knows what is asked for: tells the observer.
    void Begin(std::string endpoint);
    bool IsFinished() const { return finished_; }
    // The end, once.
    void Finish(net::HttpResponse response);
    void Finish(const Problem& problem);

private:
    const std::shared_ptr<net::HttpExchange> exchange_;
    const VisitParts parts_;
    RequestRecord record_;
    DurationUs arrived_{0};
    bool begun_ = false;
    bool finished_ = false;
};

}  // namespace tarn::serve
