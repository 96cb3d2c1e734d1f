#include "quality/contract_publication.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace tarn::quality {

Publication JudgePublication(const Contract& was, const Contract& is,
                             std::optional<TimestampUs> announced, TimestampUs now) {
    Publication publication;
    publication.diff = Diff(was, is);
    std::vector<std::string>& refusals = publication.refusals;
    if (!publication.diff.version_fits) {
        refusals.push_back(
            fmt::format("version {} does not say what changes: {}", is.version,
                        publication.diff.IsBreaking()
                            ? "a breaking change raises the first number of " + was.version
                            : "it is the version in force"));
    }
    if (!publication.diff.IsBreaking()) return publication;
    const auto notice = std::chrono::days(was.policy.notice_days);
    if (was.policy.notice_days > 0 && !announced) {
        refusals.push_back(
            fmt::format("it breaks what others rely on and was not announced: announce it, and "
                        "publish it {} days later",
                        was.policy.notice_days));
    } else if (announced && *announced + notice > now) {
        refusals.push_back(fmt::format(
            "its notice of {} days ends at {}: publish it then", was.policy.notice_days,
            FormatTimestamp(
                std::chrono::time_point_cast<TimestampUs::duration>(*announced + notice))));
    }
    for (const std::string& who : was.policy.approval_required_from) {
        const bool approves =
            std::any_of(is.approved_by.begin(), is.approved_by.end(),
                        [&](const std::string& one) { return EqualsIgnoreCase(one, who); });
        if (!approves) {
            refusals.push_back(fmt::format(
                "{0} has not approved it: with their word, add `approved_by: [{0}]`", who));
        }
    }
    return publication;
}

}  // namespace tarn::quality
