#include "pipeline/backfill.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tarn::pipeline {
namespace {

TimestampUs TimeOf(int64_t us) { return TimestampUs(std::chrono::microseconds(us)); }

[[noreturn]] void FailManySpans() {
    throw Error(ErrorKind::kLimitExceeded,
                "the intervals that are made lie in more than {} spans with gaps between them: "
                "--full-refresh begins anew",
                BatchMarks::kMaxSpans);
}

}  // namespace

BatchMarks::BatchMarks(std::string id, const Committed& committed) : id_(std::move(id)) {
    life_ = committed(id_).value_or(0);
    while (true) {
        const std::string span = SpanId(life_, spans_.size());
        const auto from = committed(span + ":from");
        const auto until = committed(span + ":until");
        if (!from || !until) break;
        if (spans_.size() == kMaxSpans) FailManySpans();
        spans_.push_back({TimeOf(*from), TimeOf(*until)});
    }
    std::vector<Batch> sorted = spans_;
    std::sort(sorted.begin(), sorted.end(),
              [](const Batch& a, const Batch& b) { return a.start < b.start; });
    for (const Batch& span : sorted) {
        if (!known_.empty() && span.start <= known_.back().end) {
            known_.back().end = std::max(known_.back().end, span.end);
        } else {
            known_.push_back(span);
        }
    }
}

std::string BatchMarks::SpanId(int64_t life, size_t at) const {
    return fmt::format("{}:{}:{}", id_, life, at);
}

bool BatchMarks::Knows(const Batch& batch) const {
    const auto behind =
        std::upper_bound(known_.begin(), known_.end(), batch.start,
                         [](TimestampUs time, const Batch& span) { return time < span.start; });
    return behind != known_.begin() && batch.end <= std::prev(behind)->end;
}

std::optional<TimestampUs> BatchMarks::Done() const {
    for (const Batch& span : known_) {
        if (span.start <= spans_[0].start && spans_[0].end <= span.end) return span.end;
    }
    return std::nullopt;
}

std::vector<table::AppTransaction> BatchMarks::With(const Batch& batch, bool begins,
                                                    TimestampUs now) const {
    std::vector<table::AppTransaction> marks;
    const int64_t life = begins ? life_ + 1 : life_;
    if (begins) marks.push_back({id_, life});
    if (batch.end > now || (!begins && Knows(batch))) return marks;
    size_t at = 0;
    while (!begins && at < spans_.size() &&
           !(spans_[at].start <= batch.start && batch.start <= spans_[at].end))
        ++at;
    const std::string span = SpanId(life, at);
    if (begins || at == spans_.size()) {
        if (at >= kMaxSpans) FailManySpans();
        marks.push_back({span + ":from", ToUnixUs(batch.start)});
    }
    marks.push_back({span + ":until", ToUnixUs(batch.end)});
    return marks;
}

BatchMarks ModelBatches::Marks() {
    const engine::TableName table{node_.model->schema, node_.model->name};
    return {"tarn:" + node_.id + ":batches",
            [&](const std::string& app_id) { return writer_.Committed(table, app_id); }};
}

BatchWish ModelBatches::Wish(TimestampUs now) const {
    BatchWish wish{.now = now};
    if (!request_.event_time_start.empty()) wish.from = ParseInstant(request_.event_time_start);
    if (!request_.event_time_end.empty()) wish.to = ParseInstant(request_.event_time_end);
    return wish;
}

std::vector<Batch> ModelBatches::Asked(TimestampUs now) const {
    return BatchesOf(*node_.config.microbatch, Wish(now));
}

std::vector<Batch> ModelBatches::Due(const BatchMarks& marks, bool is_full, TimestampUs now) const {
    if (!request_.backfill) {
        BatchWish wish = Wish(now);
        if (!is_full) wish.done = marks.Done();
        return BatchesOf(*node_.config.microbatch, wish);
    }
    std::vector<Batch> batches = Asked(now);
    if (!request_.backfill->again)
        std::erase_if(batches, [&](const Batch& batch) { return marks.Knows(batch); });
    const size_t most = request_.backfill->most_batches;
    if (most > 0 && batches.size() > most) batches.resize(most);
    return batches;
}

std::string BatchName(const MicrobatchConfig& config, TimestampUs time) {
    std::string text = FormatTimestamp(time).substr(0, config.size == BatchSize::kHour ? 16 : 10);
    if (text.size() > 10) text[10] = ' ';
    return text;
}

void KeepBackfilled(const Graph& graph, std::vector<size_t>& nodes) {
    std::erase_if(nodes,
                  [&](size_t node) { return !graph.Nodes()[node].config.microbatch.has_value(); });
    if (!nodes.empty()) return;
    throw Error(ErrorKind::kInvalidInput,
                "no selected model is made by intervals: a model with `incremental_strategy: "
                "microbatch` is (event_time, begin and batch_size say by which)");
}

std::vector<BackfillSpan> PlanBackfill(LoadedProject& loaded, const BuildRequest& request,
                                       TableWriter& writer, TimestampUs now) {
    std::vector<size_t> nodes;
    for (const size_t index : loaded.Select(request)) {
        if (const auto node = loaded.inventory().Items()[index].node) nodes.push_back(*node);
    }
    KeepBackfilled(loaded.graph(), nodes);
    std::vector<BackfillSpan> plan;
    for (const size_t at : nodes) {
        const Node& node = loaded.graph().Nodes()[at];
        const MicrobatchConfig& config = *node.config.microbatch;
        ModelBatches batches(request, node, writer);
        const BatchMarks marks = batches.Marks();
        const size_t first = plan.size();
        for (const Batch& batch : batches.Asked(now)) {
            const bool is_known = marks.Knows(batch);
            if (plan.size() == first || plan.back().is_known != is_known)
                plan.push_back({node.id, BatchName(config, batch.start), "", 0, is_known});
            plan.back().until = BatchName(config, batch.end);
            ++plan.back().batches;
        }
    }
    return plan;
}

}  // namespace tarn::pipeline
