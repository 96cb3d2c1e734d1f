// Which intervals a microbatch model has made, as the commits of its own table say, and which are
// to be made: what a build asks, and `tarn backfill`. Not thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/build.h"
#include "pipeline/loaded_project.h"
#include "pipeline/microbatch.h"
#include "pipeline/table_writer.h"
#include "table/change.h"

namespace tarn::pipeline {

// Spans of batches that lie behind one another, as transactions of the table (Delta: `txn`), so
// that a batch is known exactly when it is made and is over. `<id>` has the number of the life that
// the table has, which a full refresh raises; `<id>:<life>:<n>:from` and `...:until` are the ends
// of its n-th span, of which the second one grows.
class BatchMarks {
public:
    static constexpr size_t kMaxSpans = 1000;
    // The version that an application has committed.
    using Committed = std::function<std::optional<int64_t>(const std::string& app_id)>;

    // LimitExceeded: the spans are too many.
    BatchMarks(std::string id, const Committed& committed);

    // Spans without a gap between two batches, oldest first.
    const std::vector<Batch>& Known() const { return known_; }
    bool Knows(const Batch& batch) const;
    // Where the first gap behind the first batch that was made begins.
    std::optional<TimestampUs> Done() const;
    // What the commit that makes the batch adds. `begins`: with it the table begins another life. A
    // batch that is not over at `now` may get further rows, and is not known.
    // LimitExceeded: the spans are too many.
    std::vector<table::AppTransaction> With(const Batch& batch, bool begins, TimestampUs now) const;

private:
    std::string SpanId(int64_t life, size_t at) const;

    std::string id_;
    int64_t life_ = 0;
    std::vector<Batch> spans_;  // by their number
    std::vector<Batch> known_;
};

// The batches of a model.
class ModelBatches {
public:
    // All of it outlives this.
    ModelBatches(const BuildRequest& request, const Node& node, TableWriter& writer)
        : request_(request), node_(node), writer_(writer) {}

    // As the table says now.
    BatchMarks Marks();
    // Those of the span that is asked for, in their order. InvalidInput: BatchesOf.
    std::vector<Batch> Asked(TimestampUs now) const;
    // Those that this run makes, in their order. `is_full`: the table is made anew.
    std::vector<Batch> Due(const BatchMarks& marks, bool is_full, TimestampUs now) const;

private:
    BatchWish Wish(TimestampUs now) const;

    const BuildRequest& request_;
    const Node& node_;
    TableWriter& writer_;
};

// "2024-01-31" or, of hours, "2024-01-31 06:00".
std::string BatchName(const MicrobatchConfig& config, TimestampUs time);

// Batches that lie behind one another and are in one state.
struct BackfillSpan {
    std::string model;
    std::string from;
    std::string until;  // exclusive
    size_t batches = 0;
    bool is_known = false;
};

// What of the span that is asked for is known of each selected model, and what a backfill makes.
// InvalidInput: no selected model is made by intervals.
std::vector<BackfillSpan> PlanBackfill(LoadedProject& loaded, const BuildRequest& request,
                                       TableWriter& writer, TimestampUs now);
// Leaves those nodes that are made by intervals. InvalidInput: there is none.
void KeepBackfilled(const Graph& graph, std::vector<size_t>& nodes);

}  // namespace tarn::pipeline
