#include "pipeline/job_values.h"

#include "pipeline/template_settings.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

Json ParametersOf(const Job& job, const catalog::JobRunRecord& run) {
    Json parameters = Json::object();
    for (const auto& [name, value] : job.parameters) parameters[name] = value;
    if (!run.parameters.empty()) parameters.update(Json::parse(run.parameters));
    return parameters;
}

Json RunValues(const catalog::JobRunRecord& run) {
    return {{"id", run.run_id},
            {"number", run.number},
            {"job", run.job},
            {"trigger", NameOf(run.trigger)},
            {"reason", run.reason},
            {"scheduled", FormatTimestamp(run.scheduled)},
            {"interval_start", FormatTimestamp(run.interval_start)},
            {"interval_end", FormatTimestamp(run.interval_end)},
            {"files", run.files.empty() ? Json::array() : Json::parse(run.files)}};
}

}  // namespace

JobValues::JobValues(const Job& job, const catalog::JobRunRecord& run, JobEnvironment environment)
    : environment_(std::move(environment)),
      context_{{"job",
                {{"name", job.name},
                 {"owner", job.owner},
                 {"description", job.description},
                 {"tags", job.tags}}},
               {"params", ParametersOf(job, run)},
               {"run", RunValues(run)}},
      jinja_(*this, {"env_var"}) {}

void JobValues::Set(const std::string& name, Json value) { context_[name] = std::move(value); }

Json JobValues::Call(const std::string& /*object*/, const std::string& /*member*/,
                     const Json& positional, const Json& named) {
    TemplateSettings settings;
    settings.environment = [this](const std::string& name) {
        auto value = environment_ ? environment_(name) : std::nullopt;
        const std::lock_guard lock(mutex_);
        if (value && !value->empty()) secrets_.insert(*value);
        return value;
    };
    return EnvVarOf(settings, positional, named);
}

std::string JobValues::Fill(const std::string& text, const TextSpot& spot) {
    const bool is_template =
        text.find("{{") != std::string::npos || text.find("{%") != std::string::npos;
    if (!is_template) return text;
    try {
        return jinja_.Render(spot.file, text, context_);
    } catch (const Error& error) {
        // Lines of a text within YAML are not those of the file.
        throw Error(error.kind(), "in a template of `{}`: {}",
                    context_["job"]["name"].get<std::string>(), error.message())
            .At(spot);
    }
}

Json JobValues::Fill(const Json& value, const TextSpot& spot) {
    if (value.is_string()) return Fill(value.get<std::string>(), spot);
    Json filled = value;
    if (value.is_structured()) {
        for (auto& [key, one] : filled.items()) one = Fill(one, spot);
    }
    return filled;
}

std::map<std::string, std::string> JobValues::Fill(const std::map<std::string, std::string>& texts,
                                                   const TextSpot& spot) {
    std::map<std::string, std::string> filled;
    for (const auto& [name, text] : texts) filled[name] = Fill(text, spot);
    return filled;
}

std::string JobValues::Masked(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    std::string masked(text);
    for (const std::string& secret : secrets_) {
        for (size_t at = masked.find(secret); at != std::string::npos;
             at = masked.find(secret, at + 3))
            masked.replace(at, secret.size(), "***");
    }
    return masked;
}

}  // namespace tarn::pipeline
