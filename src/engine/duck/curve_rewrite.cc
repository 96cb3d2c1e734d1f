#include "engine/duck/curve_rewrite.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <mutex>
#include <numeric>

#include "base/check.h"
#include "duckdb/common/sorting/sort.hpp"
#include "duckdb/parallel/interrupt.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "engine/duck/curve_order.h"
#include "engine/duck/errors.h"
#include "engine/duck/rewrite.h"
#include "engine/duck/row_identity.h"
#include "engine/duck/run_tasks.h"

namespace tarn::engine::duck {
namespace {

// So many rows tell how values are spread.
constexpr uint64_t kSampledRows = 1 << 16;

std::vector<TouchedFile> FilesOf(const upkeep::FileGroup& group) {
    std::vector<TouchedFile> files;
    for (const table::DataFile& file : group.files) files.push_back({file, {}});
    return files;
}

uint64_t RowsOf(const upkeep::FileGroup& group) {
    uint64_t rows = 0;
    for (const table::DataFile& file : group.files) rows += file.LiveRows().value_or(kSampledRows);
    return rows;
}

// Gathers the sort keys of some rows, chosen by chance: values that repeat at even distances
// must not deceive it.
class Sampler {
public:
    // `places`: where the columns stand in the rows that are taken.
    Sampler(const std::vector<CurveColumn>& curve, const std::vector<size_t>& places,
            Random& random, uint64_t rows)
        : curve_(curve),
          places_(places),
          random_(random),
          every_(std::max<uint64_t>(rows / kSampledRows, 1)) {}

    MakeTaker Maker() {
        return [this] { return std::make_unique<Taker>(*this); };
    }
    const std::vector<CurveOrder::KeyRow>& sample() const { return sample_; }

private:
    class Taker final : public RowTaker {
    public:
        explicit Taker(Sampler& to) : to_(to), next_(to.Distance() - 1) {}
        void Take(duckdb::ExecutionContext&, duckdb::DataChunk& rows) override {
            if (next_ >= rows.size()) {
                next_ -= rows.size();
                return;
            }
            std::vector<duckdb::Vector> keys;
            for (size_t i = 0; i < to_.curve_.size(); i++) {
                duckdb::Vector values(to_.curve_[i].type);
                ReadCurveColumn(to_.curve_[i], rows, to_.places_[i], values);
                keys.emplace_back(duckdb::LogicalType::BLOB);
                CurveOrder::SortKeysOf(values, rows.size(), keys.back());
                keys.back().Flatten(rows.size());
            }
            for (; next_ < rows.size(); next_ += to_.Distance()) {
                CurveOrder::KeyRow row;
                for (duckdb::Vector& key : keys) {
                    row.push_back(
                        duckdb::FlatVector::GetData<duckdb::string_t>(key)[next_].GetString());
                }
                mine_.push_back(std::move(row));
            }
            next_ -= rows.size();
        }
        void Finish(duckdb::ExecutionContext&) override {
            const std::lock_guard lock(to_.mutex_);
            std::move(mine_.begin(), mine_.end(), std::back_inserter(to_.sample_));
        }

    private:
        Sampler& to_;
        uint64_t next_;
        std::vector<CurveOrder::KeyRow> mine_;
    };

    uint64_t Distance() { return 1 + random_.Below(2 * every_ - 1); }

    const std::vector<CurveColumn>& curve_;
    const std::vector<size_t>& places_;
    Random& random_;
    const uint64_t every_;
    std::mutex mutex_;
    std::vector<CurveOrder::KeyRow> sample_;
};

// A piece of the curve: rows go in by any number of threads and come out in order by one. Their
// last column is what they are sorted by; it does not come out.
class Piece {
public:
    Piece(duckdb::ClientContext& client, const duckdb::vector<duckdb::LogicalType>& types)
        : given_types_(types.begin(), types.end() - 1),
          sort_(client, OrdersBy(types), types, AllBut(types.size() - 1)),
          sink_(sort_.GetGlobalSinkState(client)) {}

    // One thread's rows.
    class Input {
    public:
        Input(Piece& piece, duckdb::ExecutionContext& execution)
            : piece_(piece), local_(piece.sort_.GetLocalSinkState(execution)) {}
        void Add(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) {
            duckdb::OperatorSinkInput input{*piece_.sink_, *local_, interrupt_};
            piece_.sort_.Sink(execution, rows, input);
        }
        void Finish(duckdb::ExecutionContext& execution) {
            duckdb::OperatorSinkCombineInput input{*piece_.sink_, *local_, interrupt_};
            piece_.sort_.Combine(execution, input);
        }

    private:
        Piece& piece_;
        duckdb::unique_ptr<duckdb::LocalSinkState> local_;
        duckdb::InterruptState interrupt_;
    };

    // Gives every row to `take`, in order. Once, after every Finish.
    template <typename Take>
    void Read(duckdb::ClientContext& client, duckdb::ExecutionContext& execution, Take&& take) {
        duckdb::InterruptState interrupt;
        duckdb::OperatorSinkFinalizeInput finalize{*sink_, interrupt};
        if (sort_.Finalize(client, finalize) == duckdb::SinkFinalizeType::NO_OUTPUT_POSSIBLE)
            return;
        const auto source = sort_.GetGlobalSourceState(client, *sink_);
        const auto local = sort_.GetLocalSourceState(execution, *source);
        duckdb::OperatorSourceInput input{*source, *local, interrupt};
        duckdb::DataChunk rows;
        rows.Initialize(client, given_types_);
        auto state = duckdb::SourceResultType::HAVE_MORE_OUTPUT;
        while (state == duckdb::SourceResultType::HAVE_MORE_OUTPUT) {
            if (client.IsInterrupted()) throw duckdb::InterruptException();
            rows.Reset();
            state = sort_.GetData(execution, rows, input);
            Check(state != duckdb::SourceResultType::BLOCKED, "one thread reads a sort");
            if (rows.size() > 0) take(rows);
        }
    }

private:
    static duckdb::vector<duckdb::BoundOrderByNode> OrdersBy(
        const duckdb::vector<duckdb::LogicalType>& types) {
        duckdb::vector<duckdb::BoundOrderByNode> orders;
        orders.emplace_back(
            duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_FIRST,
            duckdb::make_uniq<duckdb::BoundReferenceExpression>(types.back(), types.size() - 1));
        return orders;
    }
    static duckdb::vector<duckdb::idx_t> AllBut(size_t last) {
        duckdb::vector<duckdb::idx_t> columns(last);
        std::iota(columns.begin(), columns.end(), 0);
        return columns;
    }

    const duckdb::vector<duckdb::LogicalType> given_types_;
    duckdb::Sort sort_;
    duckdb::unique_ptr<duckdb::GlobalSinkState> sink_;
};

// The curve, cut into pieces that threads sort at the same time.
class CutCurve {
public:
    CutCurve(duckdb::ClientContext& client, const std::vector<CurveColumn>& columns,
             const CurveOrder& order, const duckdb::vector<duckdb::LogicalType>& row_types,
             size_t pieces)
        : columns_(columns), order_(order), cuts_(order.CutsFor(pieces)) {
        types_ = row_types;
        // Rows along one column are in its own order, which ranks only approach.
        types_.push_back(columns.size() == 1 ? columns[0].type : duckdb::LogicalType::UBIGINT);
        for (size_t i = 0; i < pieces; i++)
            pieces_.push_back(std::make_unique<Piece>(client, types_));
    }

    MakeTaker Maker() {
        return [this] { return std::make_unique<Taker>(*this); };
    }
    std::vector<std::unique_ptr<Piece>>& pieces() { return pieces_; }

private:
    // Hands each row to its piece.
    class Taker final : public RowTaker {
    public:
        explicit Taker(CutCurve& to) : to_(to) { keyed_.InitializeEmpty(to.types_); }

        void Take(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) override {
            std::vector<duckdb::Vector> values;
            for (const CurveColumn& column : to_.columns_) {
                values.emplace_back(column.type);
                ReadCurveColumn(column, rows, column.path.front(), values.back());
            }
            const bool needs_places = values.size() > 1 || to_.pieces_.size() > 1;
            duckdb::Vector places(duckdb::LogicalType::UBIGINT);
            if (needs_places) to_.order_.PlacesOf(values, rows.size(), places);
            for (size_t i = 0; i < rows.ColumnCount(); i++) keyed_.data[i].Reference(rows.data[i]);
            keyed_.data.back().Reference(values.size() == 1 ? values[0] : places);
            keyed_.SetCardinality(rows.size());
            if (inputs_.empty()) {
                for (const auto& piece : to_.pieces_)
                    inputs_.push_back(std::make_unique<Piece::Input>(*piece, execution));
            }
            if (inputs_.size() == 1) return inputs_[0]->Add(execution, keyed_);
            Deal(execution, duckdb::FlatVector::GetData<uint64_t>(places));
        }

        void Finish(duckdb::ExecutionContext& execution) override {
            for (const auto& input : inputs_) input->Finish(execution);
        }

    private:
        void Deal(duckdb::ExecutionContext& execution, const uint64_t* places) {
            for (size_t piece = 0; piece < inputs_.size(); piece++) {
                duckdb::SelectionVector here(keyed_.size());
                duckdb::idx_t count = 0;
                for (duckdb::idx_t row = 0; row < keyed_.size(); row++) {
                    const auto end =
                        std::upper_bound(to_.cuts_.begin(), to_.cuts_.end(), places[row]);
                    if (static_cast<size_t>(end - to_.cuts_.begin()) == piece)
                        here.set_index(count++, row);
                }
                if (count == 0) continue;
                duckdb::DataChunk dealt;
                dealt.InitializeEmpty(to_.types_);
                dealt.Slice(keyed_, here, count);
                inputs_[piece]->Add(execution, dealt);
            }
        }

        CutCurve& to_;
        duckdb::DataChunk keyed_;
        std::vector<std::unique_ptr<Piece::Input>> inputs_;
    };

    const std::vector<CurveColumn>& columns_;
    const CurveOrder& order_;
    const std::vector<uint64_t> cuts_;
    duckdb::vector<duckdb::LogicalType> types_;
    std::vector<std::unique_ptr<Piece>> pieces_;
};

// Rows in their order into files of a given number of rows.
class FileSequence {
public:
    FileSequence(duckdb::ClientContext& client, std::shared_ptr<const WriteTarget> target,
                 uint64_t target_bytes, uint64_t rows_per_file)
        : client_(client),
          target_(std::move(target)),
          target_bytes_(target_bytes),
          rows_per_file_(rows_per_file) {}

    void Add(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) {
        duckdb::idx_t next = 0;
        while (next < rows.size()) {
            const auto count = std::min<uint64_t>(rows.size() - next, rows_per_file_ - written_);
            Write(execution, rows, next, count);
            next += count;
            if (written_ == rows_per_file_) Finish(execution);
        }
    }

    void Finish(duckdb::ExecutionContext& execution) {
        if (!writer_) return;
        writer_->Combine(execution, *local_);
        for (table::DataFile& file : writer_->Finish(client_)) files_.push_back(std::move(file));
        local_.reset();
        writer_.reset();
        written_ = 0;
    }

    std::vector<table::DataFile>& files() { return files_; }

private:
    void Write(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows, duckdb::idx_t first,
               duckdb::idx_t count) {
        if (!writer_) {
            // The rows may need a little more than they did.
            writer_ = std::make_unique<TableWriter>(client_, target_,
                                                    TableWriter::Limits{2 * target_bytes_});
            local_ = writer_->MakeLocal();
        }
        written_ += count;
        if (count == rows.size()) return writer_->SinkMoved(execution, *local_, rows);
        duckdb::SelectionVector these(count);
        for (duckdb::idx_t i = 0; i < count; i++) these.set_index(i, first + i);
        duckdb::DataChunk part;
        part.InitializeEmpty(rows.GetTypes());
        part.Slice(rows, these, count);
        writer_->SinkMoved(execution, *local_, part);
    }

    duckdb::ClientContext& client_;
    const std::shared_ptr<const WriteTarget> target_;
    const uint64_t target_bytes_;
    const uint64_t rows_per_file_;
    std::unique_ptr<TableWriter> writer_;
    std::unique_ptr<TableWriter::Local> local_;
    uint64_t written_ = 0;
    std::vector<table::DataFile> files_;
};

CurveOrder SampleOrder(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                       const upkeep::FileGroup& group, const std::vector<CurveColumn>& columns) {
    std::vector<size_t> tops;  // several of the curve's may be fields of one
    std::vector<size_t> places;
    for (const CurveColumn& column : columns) {
        const auto found = std::find(tops.begin(), tops.end(), column.path.front());
        places.push_back(static_cast<size_t>(found - tops.begin()));
        if (found == tops.end()) tops.push_back(column.path.front());
    }
    Sampler sampler(columns, places, entry->core().parts.random, RowsOf(group));
    RunPass(client, *RowPass::OverColumns(client, entry, group.files, tops, sampler.Maker()));
    return CurveOrder(sampler.sample(), columns.size());
}

}  // namespace

std::vector<table::DataFile> RewriteAlongCurve(duckdb::ClientContext& client,
                                               const std::shared_ptr<TableEntry>& entry,
                                               const upkeep::FileGroup& group,
                                               const upkeep::FileStyle& style) {
    const auto columns =
        FindCurveColumns(style.written_as.schema, style.along, entry->row().name.ToString());
    const CurveOrder order = SampleOrder(client, entry, group, columns);
    const auto target = MovedRowsTarget(*entry, style.written_as);
    const uint64_t files = std::max<uint64_t>(
        (group.size_bytes + style.target_bytes / 2) / std::max<uint64_t>(style.target_bytes, 1), 1);
    const uint64_t rows_per_file = std::max<uint64_t>((RowsOf(group) + files - 1) / files, 1);
    const auto threads =
        static_cast<uint64_t>(duckdb::TaskScheduler::GetScheduler(client).NumberOfThreads());
    CutCurve curve(client, columns, order, target->row_types, std::min(files, threads));
    RunPass(client, *RowPass::OverRemaining(client, entry, FilesOf(group), curve.Maker()));
    std::vector<table::DataFile> all;
    std::mutex mutex;
    std::vector<std::function<void()>> tasks;
    for (const auto& piece : curve.pieces()) {
        tasks.emplace_back([&] {
            duckdb::ThreadContext thread(client);
            duckdb::ExecutionContext execution(client, thread, nullptr);
            FileSequence sequence(client, target, style.target_bytes, rows_per_file);
            piece->Read(client, execution,
                        [&](duckdb::DataChunk& rows) { sequence.Add(execution, rows); });
            sequence.Finish(execution);
            const std::lock_guard lock(mutex);
            std::move(sequence.files().begin(), sequence.files().end(), std::back_inserter(all));
        });
    }
    RunTasks(client, std::move(tasks));
    return all;
}

}  // namespace tarn::engine::duck
