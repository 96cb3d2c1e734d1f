// Tells people and programs how runs of jobs go: by webhook, mail and command, as the job says. An
// alert that cannot be sent is told to the observer, tried again a few times, and fails nothing.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/executor.h"
#include "catalog/job_log.h"
#include "pipeline/job.h"
#include "pipeline/job_ports.h"
#include "pipeline/job_values.h"

namespace tarn::pipeline {

// What is told: also what templates know as `alert`.
struct AlertFacts {
    AlertEvent event = AlertEvent::kFailure;
    std::string task{};  // of a retry; of a failure the first one that failed
    int64_t attempt = 0;
    std::string error{};
    std::string output{};  // the last lines of the task
};

class JobAlerts {
public:
    static constexpr int kTries = 3;
    static constexpr size_t kMostOutputBytes = 4096;
    static constexpr size_t kMostWaiting = 1000;  // more are not sent, and that is told

    // All outlive it, and what the executor has of it. Sends there, one after the other.
    JobAlerts(const std::string& lake, AlertWire& wire, Executor& executor, Clock& clock,
              JobObserver& observer)
        : lake_(lake), wire_(wire), executor_(executor), clock_(clock), observer_(observer) {}

    // Tells all of the job's alerts for that event. `values` are those of the run: their secrets
    // are masked in what is told, but for the addresses and headers.
    void Tell(const Job& job, const std::optional<MailServer>& mail,
              const catalog::JobRunRecord& run, const AlertFacts& facts, JobValues& values);

private:
    struct Piece {
        std::string what;
        std::function<void()> send;
    };
    struct Queue {
        std::mutex mutex;
        std::deque<Piece> waiting;
        bool is_drained = true;
    };

    static void Drain(Queue& queue, Clock& clock, JobObserver& observer);
    static void Send(const Piece& piece, Clock& clock, JobObserver& observer);
    void Queued(Piece piece);
    std::function<void()> Prepared(const JobAlert& alert, const std::optional<MailServer>& mail,
                                   const nlohmann::ordered_json& told, JobValues& values);

    const std::string lake_;
    AlertWire& wire_;
    Executor& executor_;
    Clock& clock_;
    JobObserver& observer_;
    const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
};

}  // namespace tarn::pipeline
