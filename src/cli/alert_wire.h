// Alerts of jobs on their way: HTTP and mail through net, commands through the shell.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "pipeline/job_ports.h"

namespace tarn::cli {

class NetAlertWire final : public pipeline::AlertWire {
public:
    NetAlertWire(std::string lake_root, Clock& clock, Random& random)
        : root_(std::move(lake_root)), clock_(clock), random_(random) {}

    void Webhook(const std::string& url,
                 const std::vector<std::pair<std::string, std::string>>& headers,
                 const std::string& body) override;
    void Mail(const pipeline::MailServer& server, const std::vector<std::string>& to,
              const std::string& subject, const std::string& text) override;
    void Command(const std::string& command, const std::string& input) override;

private:
    const std::string root_;
    Clock& clock_;
    Random& random_;
};

}  // namespace tarn::cli
