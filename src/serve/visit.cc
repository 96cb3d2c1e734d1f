#include "serve/visit.h"

#include "base/check.h"

namespace tarn::serve {

namespace {

constexpr std::string_view kRetrySeconds = "1";

}  // namespace

Visit::Visit(std::shared_ptr<net::HttpExchange> exchange, const std::string& caller,
             const VisitParts& parts)
    : exchange_(std::move(exchange)), parts_(parts) {
    record_.id = NewUuid(parts_.clock, parts_.random);
    record_.endpoint = "none";
    record_.method = Request().method;
    record_.target = Request().target;
    record_.peer = Request().peer;
    record_.caller = caller;
    record_.started = parts_.clock.Now();
    arrived_ = parts_.clock.Monotonic();
    parts_.metrics.RequestStarted();
}

Visit::~Visit() {
    if (!finished_) Finish(ProblemOfStatus(500, "the request ended without an answer"));
}

void Visit::Begin(std::string endpoint) {
    Check(!begun_, "a visit begins once");
    begun_ = true;
    record_.endpoint = std::move(endpoint);
    parts_.observer.Started(record_);
}

void Visit::Finish(net::HttpResponse response) {
    Check(!finished_, "a visit ends once");
    if (!begun_) Begin(record_.endpoint);
    finished_ = true;
    response.Set("X-Request-Id", record_.id);
    response.Set("X-Content-Type-Options", "nosniff");
    if (response.status == 503) response.Set("Retry-After", std::string(kRetrySeconds));
    record_.status = response.status;
    record_.duration = parts_.clock.Monotonic() - arrived_;
    parts_.metrics.RequestFinished(record_);
    parts_.observer.Finished(record_);
    exchange_->Respond(std::move(response));
}

void Visit::Finish(const Problem& problem) {
    Finish(ToResponse(problem, "urn:uuid:" + record_.id));
}

}  // namespace tarn::serve
