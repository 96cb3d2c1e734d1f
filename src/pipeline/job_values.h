// What the templates of a job know (run, params, job, task, alert, env_var), and the texts that
// must not be shown: whatever env_var gave. One thread at a time, but for Masked, which any may
// call.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "catalog/job_log.h"
#include "pipeline/jinja_environment.h"
#include "pipeline/job.h"

namespace tarn::pipeline {

using JobEnvironment = std::function<std::optional<std::string>(const std::string& name)>;

class JobValues : private TemplateHost {
public:
    // For a run of the job.
    JobValues(const Job& job, const catalog::JobRunRecord& run, JobEnvironment environment);

    // A further name, or another meaning of it.
    void Set(const std::string& name, nlohmann::ordered_json value);
    // The text with its templates filled in; `spot` is where it stands. InvalidInput.
    std::string Fill(const std::string& text, const TextSpot& spot);
    // The same of every text in the value, and of every value.
    nlohmann::ordered_json Fill(const nlohmann::ordered_json& value, const TextSpot& spot);
    std::map<std::string, std::string> Fill(const std::map<std::string, std::string>& texts,
                                            const TextSpot& spot);

    // The text with `***` in place of every secret.
    std::string Masked(std::string_view text) const;

private:
    nlohmann::ordered_json Call(const std::string& object, const std::string& member,
                                const nlohmann::ordered_json& positional,
                                const nlohmann::ordered_json& named) override;

    const JobEnvironment environment_;
    nlohmann::ordered_json context_;
    mutable std::mutex mutex_;
    std::set<std::string> secrets_;  // needs the mutex
    JinjaEnvironment jinja_;
};

}  // namespace tarn::pipeline
