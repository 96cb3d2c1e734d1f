#include "pipeline/backfill.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tarn::pipeline {
namespace {

TimestampUs TimeOf(int64_t us) { return TimestampUs(std::chrono::microseconds(us)); }

}  // namespace

BatchMarks::BatchMarks(std::string id, const Committed& committed) : id_(std::move(id)) {
    life_ = committed(id_).value_or(0);
    while (spans_.size() < kMaxSpans) {
        const std::string span = SpanId(life_, spans_.size());
        const auto from = committed(span + ":from");
        const auto until = committed(span + ":until");
        if (!from || !until) return;
        spans_.push_back({TimeOf(*from), TimeOf(*until)});
    }
}

std::string BatchMarks::SpanId(int64_t life, size_t at) const {
    return fmt::format("{}:{}:{}", id_, life, at);
}

std::vector<Batch> BatchMarks::Known() const {
    std::vector<Batch> known = spans_;
    std::sort(known.begin(), known.end(),
              [](const Batch& a, const Batch& b) { return a.start < b.start; });
    std::vector<Batch> joined;
    for (const Batch& span : known) {
        if (!joined.empty() && span.start <= joined.back().end) {
            joined.back().end = std::max(joined.back().end, span.end);
        } else {
            joined.push_back(span);
        }
    }
    return joined;
}

bool BatchMarks::Knows(const Batch& batch) const {
    const std::vector<Batch> known = Known();
    return std::any_of(known.begin(), known.end(), [&](const Batch& span) {
        return span.start <= batch.start && batch.end <= span.end;
    });
}

std::optional<TimestampUs> BatchMarks::Done() const {
    if (spans_.empty()) return std::nullopt;
    for (const Batch& span : Known()) {
        if (span.start <= spans_[0].start && spans_[0].end <= span.end) return span.end;
    }
    return spans_[0].end;
}

std::vector<table::AppTransaction> BatchMarks::With(const Batch& batch, bool is_new) const {
    const auto span = [&](int64_t life, size_t at) -> std::vector<table::AppTransaction> {
        return {{SpanId(life, at) + ":from", ToUnixUs(batch.start)},
                {SpanId(life, at) + ":until", ToUnixUs(batch.end)}};
    };
    if (is_new || spans_.empty()) {
        std::vector<table::AppTransaction> marks = span(life_ + 1, 0);
        marks.push_back({id_, life_ + 1});
        return marks;
    }
    if (Knows(batch)) return {};
    for (size_t i = 0; i < spans_.size(); ++i) {
        if (spans_[i].start <= batch.start && batch.start <= spans_[i].end)
            return {{SpanId(life_, i) + ":until", ToUnixUs(batch.end)}};
    }
    if (spans_.size() >= kMaxSpans) {
        throw Error(ErrorKind::kLimitExceeded,
                    "the intervals that are made lie in more than {} spans with gaps between them: "
                    "`tarn backfill` from the first one on fills the gaps, --full-refresh begins "
                    "anew",
                    kMaxSpans);
    }
    return span(life_, spans_.size());
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
