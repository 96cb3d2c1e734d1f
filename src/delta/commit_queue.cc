#include "delta/commit_queue.h"

#include <algorithm>
#include <vector>

namespace tarn::delta {

// The time in which a line is committed for; ends whatever happens, with nobody left in between.
class CommitQueue::Turn {
public:
    Turn(Line& line, Place& first, CommitGroup& group, std::unique_lock<std::mutex>& lock)
        : line_(line), first_(first), group_(group), lock_(lock) {
        line_.is_busy = true;
        lock_.unlock();
    }
    ~Turn() {
        lock_.lock();
        group_.Abandon();
        for (Place* place : line_.places) {
            place->is_left = place == &first_ || place->waiting.IsSettled();
            if (!place->waiting.outcome) continue;
            const auto* committed = std::get_if<table::Committed>(&*place->waiting.outcome);
            if (committed != nullptr) line_.known_end = committed->version;
        }
        std::erase_if(line_.places, [](const Place* place) { return place->is_left; });
        line_.is_busy = false;
        line_.moved.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Line& line_;
    Place& first_;
    CommitGroup& group_;
    std::unique_lock<std::mutex>& lock_;
};

std::shared_ptr<CommitQueue::Line> CommitQueue::LineOf(const std::string& root) {
    std::shared_ptr<Line>& line = lines_[root];
    if (!line) line = std::make_shared<Line>();
    return line;
}

void CommitQueue::Lead(Line& line, Place& first, const std::string& root,
                       std::unique_lock<std::mutex>& lock) {
    std::vector<WaitingChange*> changes;
    for (Place* place : line.places) {
        if (changes.size() == CommitGroup::kMaxChanges) break;
        if (place == &first || CommitGroup::MayShare(first.waiting.change, place->waiting.change)) {
            changes.push_back(&place->waiting);
        }
    }
    const table::Version known_end = line.known_end;
    CommitGroup group(store_, clock_, random_, root);
    const Turn turn(line, first, group, lock);
    group.Commit(changes, known_end);
}

CommitQueue::Settled CommitQueue::Commit(const std::string& root, Rebase& change) {
    change.Store();
    Place mine{WaitingChange(change)};
    std::unique_lock lock(mutex_);
    const std::shared_ptr<Line> line = LineOf(root);
    line->places.push_back(&mine);
    line->moved.wait(
        lock, [&] { return mine.is_left || (!line->is_busy && line->places.front() == &mine); });
    if (!mine.is_left) Lead(*line, mine, root, lock);
    const auto found = lines_.find(root);
    if (found != lines_.end() && found->second == line && line->places.empty()) {
        lines_.erase(found);
    }
    WaitingChange& waiting = mine.waiting;
    if (waiting.failure) throw Error(*std::move(waiting.failure));
    return {*std::move(waiting.outcome), waiting.is_first_of_commit};
}

}  // namespace tarn::delta
