#include "cli/lineage_delivery.h"

#include <utility>

#include "base/text.h"
#include "cli/version.h"

namespace tarn::cli {

namespace {

// "http://host/" and "api/v1/lineage" to one address.
std::string AddressOf(std::string url, const std::string& endpoint) {
    while (url.ends_with('/')) url.pop_back();
    if (endpoint.empty()) return url;
    return url + (endpoint.starts_with('/') ? "" : "/") + endpoint;
}

}  // namespace

LineageDelivery::LineageDelivery(const catalog::LakeConfig& config,
                                 const pipeline::Environment& environment) {
    const catalog::OpenLineageConfig& said = config.openlineage;
    const auto told = [&](const char* name, const std::string& fallback) {
        const auto value = environment(name);
        return value && !value->empty() ? *value : fallback;
    };
    options_.lake = config.name;
    options_.version = std::string_view(kProgramVersion).substr(sizeof("tarn ") - 1);
    options_.job_namespace = told("OPENLINEAGE_NAMESPACE",
                                  said.job_namespace.empty() ? config.name : said.job_namespace);
    if (EqualsIgnoreCase(told("OPENLINEAGE_DISABLED", ""), "true")) return;
    if (!said.file.empty()) file_ = std::make_unique<pipeline::EventFile>(said.file);
    const std::string url = told("OPENLINEAGE_URL", said.url);
    if (url.empty()) return;
    net::HttpPost to;
    to.url = AddressOf(url, told("OPENLINEAGE_ENDPOINT", said.endpoint));
    to.headers = {{"User-Agent", kProgramVersion}};
    origin_ = net::OriginOf(to.url);
    const std::string key = told(said.api_key_env.c_str(), told("OPENLINEAGE_API_KEY", ""));
    if (!key.empty()) to.headers.emplace_back("Authorization", "Bearer " + key);
    server_ = std::make_unique<net::PostQueue>(std::move(to));
}

void LineageDelivery::Send(std::string event) {
    if (file_) file_->Send(event);
    if (server_) server_->Add(std::move(event));
}

pipeline::LineageEventOptions LineageDelivery::Options() {
    pipeline::LineageEventOptions options = options_;
    if (file_ || server_) options.sink = this;
    return options;
}

std::string LineageDelivery::Finish() {
    std::string words;
    if (file_ && !file_->Trouble().empty())
        words += "lineage events were lost: " + file_->Trouble() + "\n";
    if (!server_) return words;
    server_->End();
    const net::PostQueue::Counts counts = server_->Told();
    if (counts.lost > 0) {
        words += fmt::format("{} of {} lineage events did not reach {}{}\n", counts.lost,
                             counts.lost + counts.delivered, origin_,
                             counts.trouble.empty() ? "" : ": " + counts.trouble);
    }
    return words;
}

}  // namespace tarn::cli
