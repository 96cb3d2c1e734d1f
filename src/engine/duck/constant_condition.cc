#include "engine/duck/constant_condition.h"

#include <algorithm>

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ExpressionClass;

bool IsPlain(const duckdb::Expression& expression) {
    switch (expression.GetExpressionClass()) {
        case ExpressionClass::BOUND_COLUMN_REF:
        case ExpressionClass::BOUND_CONSTANT:
        case ExpressionClass::BOUND_FUNCTION:
        case ExpressionClass::BOUND_CAST:
        case ExpressionClass::BOUND_COMPARISON:
        case ExpressionClass::BOUND_CONJUNCTION:
        case ExpressionClass::BOUND_OPERATOR:
        case ExpressionClass::BOUND_CASE:
        case ExpressionClass::BOUND_BETWEEN:
            return true;
        default:
            return false;
    }
}

class ConstantCondition final : public table::ValueCondition {
public:
    ConstantCondition(duckdb::ClientContext& client, duckdb::unique_ptr<duckdb::Expression> filter,
                      std::vector<table::Type> types, std::shared_ptr<std::atomic<bool>> has_failed)
        : client_(client),
          filter_(std::move(filter)),
          types_(std::move(types)),
          has_failed_(std::move(has_failed)) {}

    Verdict Judge(const std::vector<table::Value>& values) const override {
        auto filter = filter_->Copy();
        Fill(filter, values);
        duckdb::Value verdict;
        if (!duckdb::ExpressionExecutor::TryEvaluateScalar(client_, *filter, verdict)) {
            *has_failed_ = true;
            return Verdict::kUnknown;
        }
        if (verdict.IsNull()) return Verdict::kNull;
        return verdict.GetValue<bool>() ? Verdict::kTrue : Verdict::kFalse;
    }
    std::string ToString() const override { return filter_->ToString(); }

private:
    // Column references count the values.
    void Fill(duckdb::unique_ptr<duckdb::Expression>& expression,
              const std::vector<table::Value>& values) const {
        if (expression->GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
            const auto at =
                expression->Cast<duckdb::BoundColumnRefExpression>().binding.column_index;
            expression = duckdb::make_uniq<duckdb::BoundConstantExpression>(
                ToDuck(values.at(at), types_.at(at)));
            return;
        }
        duckdb::ExpressionIterator::EnumerateChildren(
            *expression,
            [&](duckdb::unique_ptr<duckdb::Expression>& child) { Fill(child, values); });
    }

    duckdb::ClientContext& client_;
    const duckdb::unique_ptr<duckdb::Expression> filter_;
    const std::vector<table::Type> types_;
    const std::shared_ptr<std::atomic<bool>> has_failed_;
};

}  // namespace

std::optional<size_t> ScanColumnOf(const duckdb::BoundColumnRefExpression& reference,
                                   const duckdb::MultiFilePushdownInfo& scan,
                                   const ScanColumns& columns) {
    const auto& binding = reference.binding;
    if (binding.table_index != scan.table_index || binding.column_index >= scan.column_ids.size()) {
        return std::nullopt;
    }
    const auto id = scan.column_ids[binding.column_index];
    if (id >= columns.schema.fields.size()) return std::nullopt;
    return id;
}

std::optional<std::vector<size_t>> ConstantColumnsOf(const duckdb::Expression& filter,
                                                     const duckdb::MultiFilePushdownInfo& scan,
                                                     const ScanColumns& columns) {
    if (filter.IsVolatile()) return std::nullopt;
    std::vector<size_t> used;
    bool is_fit = true;
    const auto visit = [&](const duckdb::Expression& expression, const auto& again) -> void {
        is_fit = is_fit && IsPlain(expression);
        if (expression.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
            const auto id =
                ScanColumnOf(expression.Cast<duckdb::BoundColumnRefExpression>(), scan, columns);
            is_fit = is_fit && id && columns.is_constant[*id];
            if (is_fit && std::find(used.begin(), used.end(), *id) == used.end())
                used.push_back(*id);
        }
        duckdb::ExpressionIterator::EnumerateChildren(
            expression, [&](const duckdb::Expression& child) { again(child, again); });
    };
    visit(filter, visit);
    if (!is_fit || used.empty()) return std::nullopt;
    return used;
}

table::Predicate OnConstants(duckdb::ClientContext& client, const duckdb::Expression& filter,
                             const std::vector<size_t>& used,
                             const duckdb::MultiFilePushdownInfo& scan, const ScanColumns& columns,
                             std::shared_ptr<std::atomic<bool>> has_failed) {
    auto numbered = filter.Copy();
    const auto number = [&](duckdb::unique_ptr<duckdb::Expression>& expression,
                            const auto& again) -> void {
        if (expression->GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
            auto& reference = expression->Cast<duckdb::BoundColumnRefExpression>();
            const auto id = *ScanColumnOf(reference, scan, columns);
            const auto at = std::find(used.begin(), used.end(), id) - used.begin();
            reference.binding.column_index = static_cast<duckdb::idx_t>(at);
            return;
        }
        duckdb::ExpressionIterator::EnumerateChildren(
            *expression,
            [&](duckdb::unique_ptr<duckdb::Expression>& child) { again(child, again); });
    };
    number(numbered, number);
    std::vector<std::vector<std::string>> paths;
    std::vector<table::Type> types;
    for (const size_t id : used) {
        paths.push_back({columns.schema.fields[id].name});
        types.push_back(columns.schema.fields[id].type);
    }
    return table::Predicate::Where(std::move(paths), std::make_shared<ConstantCondition>(
                                                         client, std::move(numbered),
                                                         std::move(types), std::move(has_failed)));
}

}  // namespace tarn::engine::duck
