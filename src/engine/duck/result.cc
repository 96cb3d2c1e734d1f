#include "engine/duck/result.h"

#include <chrono>

#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "engine/duck/spark_text.h"
#include "engine/duck/variants.h"

namespace tarn::engine::duck {
namespace {

constexpr double kMicrosPerMs = 1000.0;

void SetEmptySchema(ArrowSchema* out) {
    ArrowSchemaInit(out);
    if (ArrowSchemaSetTypeStruct(out, 0) != NANOARROW_OK) {
        throw Error(ErrorKind::kLimitExceeded, "no memory for an Arrow schema");
    }
}

}  // namespace

Deadline::Deadline(duckdb::shared_ptr<duckdb::ClientContext> context, int64_t timeout_ms) {
    thread_ = std::thread([this, context = std::move(context), timeout_ms] {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                           [this] { return is_stopped_; }))
            return;
        has_passed_ = true;
        context->Interrupt();
    });
}

Deadline::~Deadline() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void ErrorContext::Throw(const duckdb::ErrorData& data) const {
    const bool is_timeout = deadline_ && deadline_->HasPassed();
    const auto& commit_error = state_->commit_error;
    const bool is_cancelled = commit_error && commit_error->kind() == ErrorKind::kCancelled;
    if (commit_error && !(is_cancelled && is_timeout)) throw *commit_error;
    TranslatedError translated =
        FromDuck(is_cancelled ? duckdb::ErrorData(duckdb::InterruptException()) : data,
                 is_timeout ? InterruptCause::kTimeout : InterruptCause::kCancelled);
    if (translated.position && translated.error.spot().line == 0) {
        throw std::move(translated.error).At(sql::SpotOf(source_map_.Locate(*translated.position)));
    }
    throw std::move(translated.error);
}

void ErrorContext::Throw(const std::exception& exception) const {
    if (const auto* error = dynamic_cast<const Error*>(&exception)) throw *error;
    Throw(duckdb::ErrorData(exception));
}

DuckResult::DuckResult(ResultParts parts) : parts_(std::move(parts)) {
    const duckdb::QueryResult& result = *parts_.result;
    has_rows_ = result.properties.return_type == duckdb::StatementReturnType::QUERY_RESULT;
    for (size_t i = 0; i < result.names.size(); i++) {
        columns_.push_back({result.names[i], result.types[i].ToString()});
    }
    if (has_rows_) return;
    ReadCount();
    if (parts_.dialect == sql::Dialect::kSpark) AnswerCounts();
}

DuckResult::~DuckResult() {
    parts_.result.reset();
    if (!is_finished_ && parts_.on_end) parts_.on_end();
}

// A statement without rows of its own answers with one row: how many rows it changed.
void DuckResult::ReadCount() {
    // CREATE TABLE AS says that it returns nothing, and counts all the same.
    const bool has_count =
        parts_.result->properties.return_type == duckdb::StatementReturnType::CHANGED_ROWS ||
        parts_.result->statement_type == duckdb::StatementType::CREATE_STATEMENT;
    while (auto chunk = Fetch()) {
        if (!has_count) continue;
        for (duckdb::idx_t row = 0; row < chunk->size(); row++) {
            const duckdb::Value count = chunk->GetValue(0, row);
            if (count.type().IsIntegral() && !count.IsNull())
                stats_.rows_affected += count.GetValue<uint64_t>();
        }
    }
    columns_.clear();
}

void DuckResult::AnswerCounts() {
    const duckdb::StatementType type = parts_.result->statement_type;
    const auto count = [](uint64_t rows) {
        return duckdb::Value::BIGINT(static_cast<int64_t>(rows));
    };
    std::vector<std::pair<std::string, duckdb::Value>> row;
    if (type == duckdb::StatementType::INSERT_STATEMENT ||
        type == duckdb::StatementType::UPDATE_STATEMENT ||
        type == duckdb::StatementType::DELETE_STATEMENT ||
        type == duckdb::StatementType::MERGE_INTO_STATEMENT)
        row.emplace_back("num_affected_rows", count(stats_.rows_affected));
    if (type == duckdb::StatementType::INSERT_STATEMENT) {
        row.emplace_back("num_inserted_rows", count(stats_.rows_affected));
    } else if (type == duckdb::StatementType::MERGE_INTO_STATEMENT) {
        const Meter& meter = *parts_.meter;
        // Of a temporary table nobody counts them one by one.
        const bool is_known =
            meter.rows_updated + meter.rows_deleted + meter.rows_inserted == stats_.rows_affected;
        const auto if_known = [&](uint64_t rows) {
            return is_known ? count(rows) : duckdb::Value(duckdb::LogicalType::BIGINT);
        };
        row.emplace_back("num_updated_rows", if_known(meter.rows_updated));
        row.emplace_back("num_deleted_rows", if_known(meter.rows_deleted));
        row.emplace_back("num_inserted_rows", if_known(meter.rows_inserted));
    }
    if (row.empty()) return;
    has_rows_ = true;
    parts_.result->names.clear();
    parts_.result->types.assign(row.size(), duckdb::LogicalType::BIGINT);
    counts_ = duckdb::make_uniq<duckdb::DataChunk>();
    counts_->Initialize(duckdb::Allocator::DefaultAllocator(), parts_.result->types);
    for (size_t i = 0; i < row.size(); i++) {
        parts_.result->names.push_back(row[i].first);
        columns_.push_back({row[i].first, parts_.result->types[i].ToString()});
        counts_->SetValue(i, 0, row[i].second);
    }
    counts_->SetCardinality(1);
}

duckdb::unique_ptr<duckdb::DataChunk> DuckResult::Fetch() {
    if (counts_) return std::move(counts_);
    if (is_finished_) return nullptr;
    duckdb::unique_ptr<duckdb::DataChunk> chunk;
    try {
        chunk = parts_.result->Fetch();
    } catch (const std::exception& exception) {
        parts_.errors->Throw(exception);
    }
    if (parts_.result->HasError()) parts_.errors->Throw(parts_.result->GetErrorObject());
    if (!chunk || chunk->size() == 0) {
        Finish();
        return nullptr;
    }
    if (has_rows_) stats_.rows_returned += chunk->size();
    return chunk;
}

void DuckResult::Finish() {
    is_finished_ = true;
    stats_.run_ms =
        static_cast<double>((parts_.clock.Monotonic() - parts_.started).count()) / kMicrosPerMs;
    parts_.deadline.reset();
    if (parts_.on_end) parts_.on_end();
}

// Arrow has no variants that its readers know.
duckdb::vector<duckdb::LogicalType> DuckResult::ArrowTypes() const {
    duckdb::vector<duckdb::LogicalType> types;
    for (const auto& type : parts_.result->types) types.push_back(WithTextForVariants(type));
    return types;
}

void DuckResult::GetArrowSchema(ArrowSchema* out) {
    if (!has_rows_) return SetEmptySchema(out);
    duckdb::ArrowConverter::ToArrowSchema(out, ArrowTypes(), parts_.result->names,
                                          parts_.result->client_properties);
}

bool DuckResult::NextArrow(ArrowArray* out) {
    auto chunk = Fetch();
    if (!chunk) return false;
    try {
        VariantsToText(*parts_.context, *chunk);
        const auto casts = duckdb::ArrowTypeExtensionData::GetExtensionTypes(
            *parts_.result->client_properties.client_context, ArrowTypes());
        duckdb::ArrowConverter::ToArrowArray(*chunk, out, parts_.result->client_properties, casts);
    } catch (const std::exception& exception) {
        parts_.errors->Throw(exception);
    }
    return true;
}

bool DuckResult::NextText(std::vector<TextRow>& rows) {
    auto chunk = Fetch();
    if (!chunk) return false;
    const size_t first = rows.size();
    const duckdb::idx_t count = chunk->size();
    rows.resize(first + count, TextRow(chunk->ColumnCount()));
    try {
        for (duckdb::idx_t column = 0; column < chunk->ColumnCount(); column++) {
            duckdb::Vector text(duckdb::LogicalType::VARCHAR, count);
            if (parts_.dialect == sql::Dialect::kSpark) {
                WriteSparkTexts(*parts_.context, chunk->data[column], text, count);
            } else {
                duckdb::VectorOperations::Cast(*parts_.context, chunk->data[column], text, count);
            }
            duckdb::UnifiedVectorFormat format;
            text.ToUnifiedFormat(count, format);
            const auto* values = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
            for (duckdb::idx_t row = 0; row < count; row++) {
                const auto index = format.sel->get_index(row);
                if (format.validity.RowIsValid(index))
                    rows[first + row][column] = values[index].GetString();
            }
        }
    } catch (const std::exception& exception) {
        parts_.errors->Throw(exception);
    }
    return true;
}

const StatementStats& DuckResult::Stats() const {
    parts_.meter->CopyTo(stats_);
    return stats_;
}

const std::vector<std::string>& DuckResult::Notices() const {
    notices_ = parts_.meter->Notices();
    return notices_;
}

void EmptyResult::GetArrowSchema(ArrowSchema* out) { SetEmptySchema(out); }

}  // namespace tarn::engine::duck
