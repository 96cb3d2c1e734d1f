#include "engine/duck/predicates.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "duckdb/planner/expression/bound_between_expression.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "engine/duck/column_comparison.h"
#include "engine/duck/constant_condition.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using table::Predicate;

bool IsUtc(duckdb::ClientContext& client) {
    duckdb::Value zone;
    return client.TryGetCurrentSetting("TimeZone", zone) &&
           EqualsIgnoreCase(zone.ToString(), "UTC");
}

const duckdb::Value* ConstantIn(const duckdb::Expression& expression) {
    if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return nullptr;
    return &expression.Cast<duckdb::BoundConstantExpression>().value;
}

// Reads one filter. What it cannot read is Unknown, and then, or where a predicate says less than
// the filter, it is not exact.
class ExpressionReader {
public:
    ExpressionReader(const ScanColumns& columns, const duckdb::MultiFilePushdownInfo& scan,
                     bool is_utc)
        : columns_(columns), scan_(scan), is_utc_(is_utc) {}

    Predicate Read(const duckdb::Expression& expression, bool is_negated = false) {
        switch (expression.GetExpressionClass()) {
            case ExpressionClass::BOUND_COMPARISON:
                return ReadComparison(expression.Cast<duckdb::BoundComparisonExpression>(),
                                      is_negated);
            case ExpressionClass::BOUND_CONJUNCTION:
                return ReadConjunction(expression.Cast<duckdb::BoundConjunctionExpression>(),
                                       is_negated);
            case ExpressionClass::BOUND_OPERATOR:
                return ReadOperator(expression.Cast<duckdb::BoundOperatorExpression>(), is_negated);
            case ExpressionClass::BOUND_BETWEEN:
                return ReadBetween(expression.Cast<duckdb::BoundBetweenExpression>(), is_negated);
            case ExpressionClass::BOUND_FUNCTION:
                return ReadFunction(expression.Cast<duckdb::BoundFunctionExpression>(), is_negated);
            case ExpressionClass::BOUND_COLUMN_REF:
                return ReadFlag(expression, is_negated);
            default:
                return Unknown();
        }
    }
    bool is_exact() const { return is_exact_; }

private:
    Predicate Unknown() {
        is_exact_ = false;
        return Predicate::Unknown();
    }

    // Floating-point numbers have NaN, of which predicates know nothing.
    Predicate Noted(const Column& column, Predicate predicate) {
        if (column.IsFloating() || predicate.kind() == Predicate::Kind::kUnknown) is_exact_ = false;
        return predicate;
    }

    std::optional<Column> ColumnOf(const duckdb::Expression& expression) const {
        switch (expression.GetExpressionClass()) {
            case ExpressionClass::BOUND_COLUMN_REF: {
                const auto id = ScanColumnOf(expression.Cast<duckdb::BoundColumnRefExpression>(),
                                             scan_, columns_);
                if (!id) return std::nullopt;
                const table::Field& field = columns_.schema.fields[*id];
                return BareColumn({field.name}, field.type);
            }
            case ExpressionClass::BOUND_CAST: {
                const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
                const auto column = ColumnOf(*cast.child);
                if (!column) return std::nullopt;
                return SeenAs(*column, cast.return_type, is_utc_);
            }
            case ExpressionClass::BOUND_FUNCTION:
                return FieldOf(expression.Cast<duckdb::BoundFunctionExpression>());
            default:
                return std::nullopt;
        }
    }

    // struct_extract(column, 'field')
    std::optional<Column> FieldOf(const duckdb::BoundFunctionExpression& function) const {
        if (function.function.name != "struct_extract" || function.children.size() != 2)
            return std::nullopt;
        const auto parent = ColumnOf(*function.children[0]);
        const duckdb::Value* name = ConstantIn(*function.children[1]);
        if (!parent || parent->type.kind() != table::TypeKind::kStruct || name == nullptr ||
            name->IsNull() || name->type().id() != duckdb::LogicalTypeId::VARCHAR) {
            return std::nullopt;
        }
        const table::Schema fields{parent->type.children()};
        const int at = fields.Find(duckdb::StringValue::Get(*name));
        if (at < 0) return std::nullopt;
        const table::Field& field = fields.fields[static_cast<size_t>(at)];
        Column child = BareColumn(parent->path, field.type);
        child.path.push_back(field.name);
        return child;
    }

    Predicate ReadComparison(const duckdb::BoundComparisonExpression& comparison, bool is_negated) {
        auto column = ColumnOf(*comparison.left);
        const duckdb::Value* constant = ConstantIn(*comparison.right);
        auto type = comparison.GetExpressionType();
        if (!column) {
            column = ColumnOf(*comparison.right);
            constant = ConstantIn(*comparison.left);
            type = duckdb::FlipComparisonExpression(type);
        }
        if (!column || constant == nullptr) return Unknown();
        return Noted(*column, CompareColumn(*column, type, *constant, is_negated));
    }

    Predicate ReadConjunction(const duckdb::BoundConjunctionExpression& conjunction,
                              bool is_negated) {
        std::vector<Predicate> parts;
        for (const auto& child : conjunction.children) parts.push_back(Read(*child, is_negated));
        return conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND
                   ? Predicate::And(std::move(parts))
                   : Predicate::Or(std::move(parts));
    }

    Predicate ReadOperator(const duckdb::BoundOperatorExpression& expression, bool is_negated) {
        const auto type = expression.GetExpressionType();
        if (type == ExpressionType::OPERATOR_NOT)
            return Predicate::Not(Read(*expression.children[0], !is_negated));
        const auto column = ColumnOf(*expression.children[0]);
        if (!column) return Unknown();
        if (type == ExpressionType::OPERATOR_IS_NULL) return Predicate::IsNull(column->path);
        if (type == ExpressionType::OPERATOR_IS_NOT_NULL) return Predicate::IsNotNull(column->path);
        if (type != ExpressionType::COMPARE_IN && type != ExpressionType::COMPARE_NOT_IN)
            return Unknown();
        duckdb::vector<duckdb::Value> values;
        for (size_t i = 1; i < expression.children.size(); i++) {
            const duckdb::Value* constant = ConstantIn(*expression.children[i]);
            if (constant == nullptr) return Unknown();
            values.push_back(*constant);
        }
        if (type == ExpressionType::COMPARE_IN)
            return Noted(*column, ColumnIn(*column, values, is_negated));
        return Predicate::Not(Noted(*column, ColumnIn(*column, values, !is_negated)));
    }

    Predicate ReadBetween(const duckdb::BoundBetweenExpression& between, bool is_negated) {
        const auto column = ColumnOf(*between.input);
        const duckdb::Value* lower = ConstantIn(*between.lower);
        const duckdb::Value* upper = ConstantIn(*between.upper);
        if (!column || lower == nullptr || upper == nullptr) return Unknown();
        return Predicate::And({Noted(*column, CompareColumn(*column, between.LowerComparisonType(),
                                                            *lower, is_negated)),
                               Noted(*column, CompareColumn(*column, between.UpperComparisonType(),
                                                            *upper, is_negated))});
    }

    // LIKE and its kin, where they say how a text begins.
    Predicate ReadFunction(const duckdb::BoundFunctionExpression& function, bool is_negated) {
        if (function.function.name == "struct_extract") return ReadFlag(function, is_negated);
        if (function.children.size() != 2) return Unknown();
        const auto column = ColumnOf(*function.children[0]);
        const duckdb::Value* pattern = ConstantIn(*function.children[1]);
        if (!column || pattern == nullptr || pattern->IsNull() ||
            pattern->type().id() != duckdb::LogicalTypeId::VARCHAR) {
            return Unknown();
        }
        const std::string& text = duckdb::StringValue::Get(*pattern);
        const std::string& name = function.function.name;
        if (name == "prefix" || name == "starts_with" || name == "^@")
            return Noted(*column, HasPrefix(*column, text));
        if (name != "~~") return Unknown();
        const size_t wildcard = std::min(text.find_first_of("%_"), text.size());
        const bool is_prefix = wildcard + 1 == text.size() && text.back() == '%';
        if (is_prefix) return Noted(*column, HasPrefix(*column, text.substr(0, wildcard)));
        if (is_negated) return Unknown();
        is_exact_ = false;
        return HasPrefix(*column, text.substr(0, wildcard));
    }

    // A boolean column by itself.
    Predicate ReadFlag(const duckdb::Expression& expression, bool is_negated) {
        const auto column = ColumnOf(expression);
        if (!column || column->type.kind() != table::TypeKind::kBoolean) return Unknown();
        return CompareColumn(*column, ExpressionType::COMPARE_EQUAL, duckdb::Value::BOOLEAN(true),
                             is_negated);
    }

    const ScanColumns& columns_;
    const duckdb::MultiFilePushdownInfo& scan_;
    const bool is_utc_;
    bool is_exact_ = true;
};

}  // namespace

FilesFilter FromExpressions(duckdb::ClientContext& client, const ScanColumns& columns,
                            const duckdb::MultiFilePushdownInfo& scan,
                            const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
    const bool is_utc = IsUtc(client);
    FilesFilter read;
    std::vector<Predicate> parts;
    for (const auto& filter : filters) {
        ExpressionReader reader(columns, scan, is_utc);
        Predicate part = reader.Read(*filter);
        const auto used = ConstantColumnsOf(*filter, scan, columns);
        Decision decision;
        decision.is_on_constants = used.has_value();
        if (used && !reader.is_exact()) {
            auto has_failed = std::make_shared<std::atomic<bool>>(false);
            part = OnConstants(client, *filter, *used, scan, columns, has_failed);
            decision.has_failed = std::move(has_failed);
        }
        read.decisions.push_back(std::move(decision));
        parts.push_back(std::move(part));
    }
    read.predicate = Predicate::And(std::move(parts));
    return read;
}

}  // namespace tarn::engine::duck
