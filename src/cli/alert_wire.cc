#include "cli/alert_wire.h"

#include "base/child_process.h"
#include "base/error.h"
#include "net/http_message.h"
#include "net/outbound.h"

namespace tarn::cli {

namespace {

constexpr std::chrono::seconds kMostCommandTime{60};

// RFC 5322, section 3.3: "Mon, 02 Mar 2026 06:00:00 +0000".
std::string MailDate(TimestampUs time) {
    std::string text = net::FormatHttpDate(time);
    text.replace(text.rfind("GMT"), 3, "+0000");
    return text;
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
