#include "cli/alert_wire.h"

#include <array>

#include "base/child_process.h"
#include "base/error.h"
#include "net/outbound.h"

namespace tarn::cli {

namespace {

constexpr std::chrono::seconds kMostCommandTime{60};

// RFC 5322, section 3.3: "Mon, 02 Mar 2026 06:00:00 +0000".
std::string MailDate(TimestampUs time) {
    static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss rest(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format(
        "{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays.at(std::chrono::weekday(day).c_encoding()),
        static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
        static_cast<int>(date.year()), rest.hours().count(), rest.minutes().count(),
        rest.seconds().count());
}

}  // namespace

void NetAlertWire::Webhook(const std::string& url,
                           const std::vector<std::pair<std::string, std::string>>& headers,
                           const std::string& body) {
    net::HttpPost post;
    post.url = url;
    post.headers = headers;
    post.body = body;
    net::Post(post);
}

void NetAlertWire::Mail(const pipeline::MailServer& server, const std::vector<std::string>& to,
                        const std::string& subject, const std::string& text) {
    net::Mail mail;
    mail.server = server.server;
    mail.needs_tls = server.needs_tls;
    mail.user = server.user;
    mail.password = server.password;
    mail.from = server.from;
    mail.to = to;
    mail.subject = subject;
    mail.text = text;
    mail.date = MailDate(clock_.Now());
    mail.id = NewUuid(clock_, random_);
    net::Send(mail);
}

void NetAlertWire::Command(const std::string& command, const std::string& input) {
    ChildProgram program;
    program.arguments = {"/bin/sh", "-c", command};
    program.folder = root_;
    program.input = input;
    program.timeout = kMostCommandTime;
    const ChildOutcome outcome = RunChild(program, {}, clock_, [](std::string_view) {});
    if (outcome.exit_code != 0)
        throw Error(ErrorKind::kInvalidInput, "the command ended with exit code {}",
                    outcome.exit_code);
}

}  // namespace tarn::cli
