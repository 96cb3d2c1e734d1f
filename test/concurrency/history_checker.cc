#include "concurrency/history_checker.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace tarn::concurrency {
namespace {

// Rows that a statement says it changed, when it makes `after` of what it read.
int64_t Affected(const Operation& operation, const Rows& read, const Rows& after) {
    switch (operation.kind) {
        case OperationKind::kDelete:
        case OperationKind::kUpdate:
            return static_cast<int64_t>(read.size());
        default:
            return static_cast<int64_t>(after.size());
    }
}

bool ChangesNoRow(const std::string& operation) {
    return operation == "OPTIMIZE" || operation.starts_with("VACUUM");
}

class Checker {
public:
    Checker(const std::vector<SeenVersion>& versions, bool is_write_serializable)
        : versions_(versions),
          is_write_serializable_(is_write_serializable),
          model_(versions.front().rows) {}

    std::vector<std::string> Run(const std::vector<Done>& history) {
        std::multimap<int64_t, const Done*> by_version;
        for (const Done& done : history) by_version.emplace(done.told.version, &done);
        NoteWhatWritersKnew(history);
        for (size_t i = 1; i < versions_.size(); ++i) {
            const SeenVersion& seen = versions_[i];
            const auto [from, to] = by_version.equal_range(seen.version);
            if (from == to && !ChangesNoRow(seen.operation)) {
                Fail(seen, "nobody made it");
            }
            for (auto at = from; at != to; ++at) Apply(*at->second, seen);
            if (model_ != seen.rows) Fail(seen, "it has other rows than the statements left");
            model_ = seen.rows;
        }
        if (!by_version.empty() && by_version.rbegin()->first > versions_.back().version) {
            Fail(versions_.back(), "a statement is said to stand behind it");
        }
        return std::move(flaws_);
    }

private:
    // What a statement stands on is no older than what its writer was told before.
    void NoteWhatWritersKnew(const std::vector<Done>& history) {
        std::map<std::pair<int, int>, int64_t> told;
        for (const Done& done : history) {
            told[{done.told.writer, done.told.number}] = done.told.version;
        }
        int64_t known = -1;
        int writer = -1;
        for (const auto& [statement, version] : told) {
            if (statement.first != writer) known = versions_.front().version;
            writer = statement.first;
            known_[statement] = known;
            known = std::max(known, version);
        }
    }

    // The ids of the range that the statement did not see, though they are there: blind appends
    // that landed behind what it stands on.
    std::set<int64_t> Missed(const Done& done, const SeenVersion& seen, const Rows& there) {
        if (!is_write_serializable_) return {};
        std::map<int64_t, std::set<int64_t>> appended;  // by version
        for (const Row& row : there) {
            const auto at = appended_at_.find(row.id);
            if (at == appended_at_.end()) continue;
            if (at->second > known_.at({done.told.writer, done.told.number}))
                appended[at->second].insert(row.id);
        }
        std::set<int64_t> missed;
        for (auto at = appended.rbegin(); at != appended.rend(); ++at) {
            const bool is_missed = std::any_of(there.begin(), there.end(), [&](const Row& row) {
                return at->second.contains(row.id) &&
                       std::binary_search(seen.rows.begin(), seen.rows.end(), row);
            });
            // Of what it has seen it has seen all that came before.
            if (!is_missed) break;
            missed.insert(at->second.begin(), at->second.end());
        }
        return missed;
    }

    void Apply(const Done& done, const SeenVersion& seen) {
        const Operation& operation = done.operation;
        simulation::SplitRows split = SplitBy(operation, model_);
        const std::set<int64_t> missed = Missed(done, seen, split.read);
        const auto is_missed = [&](const Row& row) { return missed.contains(row.id); };
        std::copy_if(split.read.begin(), split.read.end(), std::back_inserter(split.others),
                     is_missed);
        std::erase_if(split.read, is_missed);
        const Rows after = operation.Apply(split.read);
        const int64_t affected = Affected(operation, split.read, after);
        const bool tells_rows = MeetingOf(operation) != Meeting::kUpkeep;
        if (tells_rows && done.told.rows_affected != affected) {
            Fail(seen, fmt::format("writer {} was told of {} rows, not of {}: {}", done.told.writer,
                                   done.told.rows_affected, affected, ToSql(operation)));
        }
        model_ = std::move(split.others);
        model_.insert(model_.end(), after.begin(), after.end());
        std::sort(model_.begin(), model_.end());
        if (!operation.ReadsNothing()) return;
        for (const Row& row : operation.fresh) appended_at_[row.id] = seen.version;
    }

    void Fail(const SeenVersion& seen, const std::string& what) {
        flaws_.push_back(fmt::format("version {} ({}): {}", seen.version, seen.operation, what));
    }

    const std::vector<SeenVersion>& versions_;
    const bool is_write_serializable_;
    Rows model_;
    std::map<int64_t, int64_t> appended_at_;        // version, by id
    std::map<std::pair<int, int>, int64_t> known_;  // version, by writer and number
    std::vector<std::string> flaws_;
};

}  // namespace

std::vector<std::string> FindFlaws(const std::vector<Done>& history,
                                   const std::vector<SeenVersion>& versions,
                                   bool is_write_serializable) {
    return Checker(versions, is_write_serializable).Run(history);
}

}  // namespace tarn::concurrency
