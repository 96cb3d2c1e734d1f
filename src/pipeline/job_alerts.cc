#include "pipeline/job_alerts.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::string Headline(const Job& job, const catalog::JobRunRecord& run, const AlertFacts& facts) {
    const std::string name = fmt::format("job {}, run {}", job.name, run.number);
    switch (facts.event) {
        case AlertEvent::kFailure:
            return name + " failed";
        case AlertEvent::kSuccess:
            return name + " succeeded";
        case AlertEvent::kRetry:
            return fmt::format("{}: task {} failed and is tried again", name, facts.task);
        case AlertEvent::kLate:
            return name + " missed its service level";
    }
    return name;
}

Json ToldOf(const std::string& lake, const Job& job, const catalog::JobRunRecord& run,
            const AlertFacts& facts, const JobValues& values) {
    std::string output = facts.output;
    if (output.size() > JobAlerts::kMostOutputBytes) {
        output.erase(0, output.size() - JobAlerts::kMostOutputBytes);
        output.erase(0, output.find('\n') + 1);
    }
    const std::string error = values.Masked(facts.error);
    const std::string headline = Headline(job, run, facts);
    return {{"event", NameOf(facts.event)},
            {"headline", headline},
            {"text", error.empty() ? headline : headline + ": " + error},
            {"lake", lake},
            {"job", job.name},
            {"owner", job.owner},
            {"run_id", run.run_id},
            {"run_number", run.number},
            {"trigger", NameOf(run.trigger)},
            {"scheduled", FormatTimestamp(run.scheduled)},
            {"task", facts.task},
            {"attempt", facts.attempt},
            {"error", error},
            {"output", values.Masked(output)}};
}

std::string MailBody(const Json& told) {
    std::string body = told["text"].get<std::string>() + "\n\n";
    for (const char* key : {"lake", "job", "owner", "run_id", "scheduled", "task", "error"}) {
        if (!told[key].get<std::string>().empty())
            body += fmt::format("{}: {}\n", key, told[key].get<std::string>());
    }
    const std::string output = told["output"];
    if (!output.empty()) body += "\nThe last lines of the task:\n\n" + output;
    return body;
}

}  // namespace

std::function<void()> JobAlerts::Prepared(const JobAlert& alert,
                                          const std::optional<MailServer>& mail, const Json& told,
                                          JobValues& values) {
    if (const auto* hook = std::get_if<WebhookAlert>(&alert.how)) {
        std::vector<std::pair<std::string, std::string>> headers;
        for (const auto& [name, value] : hook->headers)
            headers.emplace_back(name, values.Fill(value, alert.spot));
        const std::string body = hook->body.empty()
                                     ? told.dump(-1, ' ', false, Json::error_handler_t::replace)
                                     : values.Fill(hook->body, alert.spot);
        return [&wire = wire_, url = values.Fill(hook->url, alert.spot), headers, body] {
            wire.Webhook(url, headers, body);
        };
    }
    if (const auto* how = std::get_if<MailAlert>(&alert.how)) {
        MailServer server = mail.value();
        server.user = values.Fill(server.user, alert.spot);
        server.password = values.Fill(server.password, alert.spot);
        const std::string subject =
            how->subject.empty()
                ? fmt::format("[{}] {}", lake_, told["headline"].get<std::string>())
                : values.Fill(how->subject, alert.spot);
        const std::string body =
            how->body.empty() ? MailBody(told) : values.Fill(how->body, alert.spot);
        return [&wire = wire_, server, to = how->to, subject, body] {
            wire.Mail(server, to, subject, body);
        };
    }
    const auto& command = std::get<CommandAlert>(alert.how);
    return [&wire = wire_, line = values.Fill(command.command, alert.spot),
            input = told.dump(-1, ' ', false, Json::error_handler_t::replace)] {
        wire.Command(line, input);
    };
}

void JobAlerts::Send(const Piece& piece, Clock& clock, JobObserver& observer) {
    for (int tried = 1;; ++tried) {
        try {
            return piece.send();
        } catch (const Error& error) {
            const bool is_last = tried == kTries || !TraitsOf(error.kind()).retryable;
            if (is_last) return observer.OnEvent(piece.what + ": " + error.message());
            clock.Sleep(std::chrono::seconds(tried));
        }
    }
}

void JobAlerts::Drain(Queue& queue, Clock& clock, JobObserver& observer) {
    while (true) {
        Piece piece;
        {
            const std::lock_guard lock(queue.mutex);
            queue.is_drained = queue.waiting.empty();
            if (queue.is_drained) return;
            piece = std::move(queue.waiting.front());
            queue.waiting.pop_front();
        }
        Send(piece, clock, observer);
    }
}

void JobAlerts::Queued(Piece piece) {
    {
        const std::lock_guard lock(queue_->mutex);
        if (queue_->waiting.size() >= kMostWaiting)
            return observer_.OnEvent(piece.what + ": too many are waiting");
        queue_->waiting.push_back(std::move(piece));
        if (!queue_->is_drained) return;
        queue_->is_drained = false;
    }
    executor_.Run([queue = queue_, &clock = clock_, &observer = observer_] {
        Drain(*queue, clock, observer);
    });
}

void JobAlerts::Tell(const Job& job, const std::optional<MailServer>& mail,
                     const catalog::JobRunRecord& run, const AlertFacts& facts, JobValues& values) {
    const Json told = ToldOf(lake_, job, run, facts, values);
    values.Set("alert", told);
    for (const JobAlert& alert : job.alerts) {
        if (alert.event != facts.event) continue;
        const std::string what =
            fmt::format("job {}: the alert by {} was not sent", job.name, alert.Channel());
        try {
            Queued({what, Prepared(alert, mail, told, values)});
        } catch (const Error& error) {
            observer_.OnEvent(what + ": " + values.Masked(error.message()));
        }
    }
}

}  // namespace tarn::pipeline
