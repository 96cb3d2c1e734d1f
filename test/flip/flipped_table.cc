#include "flip/flipped_table.h"

#include <iostream>

#include <fmt/core.h>

#include "engine/test_sql.h"

namespace tarn {

size_t flip_stride = 29;

namespace {

constexpr int64_t kTimeoutMs = 10'000;

}  // namespace

const delta::LogState& FlippedTable::State() {
    snapshot_ = session_->Snapshot({"main", "t"});
    root_ = snapshot_->Location();
    return dynamic_cast<const delta::Snapshot&>(*snapshot_).State();
}

void FlippedTable::Remember(const std::string& text) {
    storage::ListOptions all;
    all.recursive = true;
    for (const auto& info : lake_.store.List(root_, all))
        files_[info.location.substr(root_.size())] = lake_.store.Get(info.location);
    expected_ = Answer(root_);
    ASSERT_NE(expected_.find(text), std::string::npos) << expected_;
    ASSERT_EQ(AnswerWith("", ""), expected_);
}

std::string FlippedTable::Answer(const std::string& root) {
    engine::ExecuteOptions options;
    options.timeout_ms = kTimeoutMs;
    try {
        std::string text;
        for (const engine::TextRow& row :
             session_->Query("SELECT * FROM delta.`" + root + "` ORDER BY ALL", options)) {
            for (const auto& value : row) text += value.value_or("NULL") + "|";
            text += "\n";
        }
        return text;
    } catch (const Error& error) {
        message_ = error.what();
        return std::string(TraitsOf(error.kind()).name);
    }
}

std::string FlippedTable::AnswerWith(const std::string& changed, const std::string& bytes) {
    const std::string root = fmt::format("{}-{}", root_, ++copies_);
    for (const auto& [name, content] : files_) {
        lake_.store.Put(root + name, name == changed ? bytes : content);
    }
    std::string answer = Answer(root);
    for (const auto& [name, content] : files_) lake_.store.Delete(root + name);
    return answer;
}

void FlippedTable::Judge(const std::string& where, const std::string& answer, Guard guard) {
    const bool is_refusal = answer == "Corrupt" || answer == "Unsupported" || answer == "NotFound";
    const bool is_error = answer.find('|') == std::string::npos && !answer.empty();
    const bool is_right =
        is_refusal || (guard == Guard::kChecksum ? answer == expected_ : !is_error);
    (is_refusal ? refused_ : answer == expected_ ? same_ : other_)++;
    if (is_right) return;
    ADD_FAILURE() << where << ": " << answer.substr(0, 200)
                  << (is_error ? " (" + message_ + ")" : "");
}

void FlippedTable::FlipAndCut(
    const std::function<bool(const std::string& name)>& chosen,
    const std::function<Guard(const std::string& name, size_t at, bool is_cut)>& guard_of) {
    for (const auto& [name, bytes] : files_) {
        if (!chosen(name)) continue;
        size_t start = 0;
        for (const int mask : {0x01, 0x80, 0xff, 0}) {
            start = (start + flip_stride / 4) % flip_stride;
            for (size_t at = start; at < bytes.size(); at += flip_stride) {
                std::string changed = bytes;
                if (mask == 0) {
                    changed.resize(at);
                } else {
                    changed[at] = static_cast<char>(changed[at] ^ mask);
                }
                const std::string what = mask == 0 ? "cut" : fmt::format("^{:02x}", mask);
                Judge(fmt::format("{} at byte {} {}", name, at, what), AnswerWith(name, changed),
                      guard_of ? guard_of(name, at, mask == 0) : Guard::kNone);
                if (HasFatalFailure()) return;
            }
        }
    }
    std::cout << same_ << " same answers, " << other_ << " others, " << refused_ << " refusals\n";
}

}  // namespace tarn
