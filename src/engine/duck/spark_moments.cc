#include "engine/duck/spark_moments.h"

#include <cmath>
#include <optional>

#include "duckdb/function/aggregate_function.hpp"

namespace tarn::engine::duck {
namespace {

using Function = duckdb::AggregateFunction;
using duckdb::LogicalType;

// Sums of the powers of the distances from the mean.
struct Moments {
    double count;
    double mean;
    double second;
    double third;
    double fourth;

    void Add(double value) {
        count += 1;
        const double distance = value - mean;
        const double part = distance / count;
        mean += part;
        second += distance * (distance - part);
        const double square = distance * distance;
        const double part_square = part * part;
        third += -3 * part * second + distance * (square - part_square);
        fourth += -4 * part * third - 6 * part_square * second +
                  distance * (distance * square - part * part_square);
    }

    void Add(const Moments& more) {
        if (more.count == 0) return;
        const double own = count;
        const double others = more.count;
        const double distance = more.mean - mean;
        const double part = distance / (own + others);
        fourth += more.fourth +
                  part * part * part * distance * own * others *
                      (own * own - own * others + others * others) +
                  6 * part * part * (own * own * more.second + others * others * second) +
                  4 * part * (own * more.third - others * third);
        third += more.third + part * part * distance * own * others * (own - others) +
                 3 * part * (own * more.second - others * second);
        second += more.second + distance * part * own * others;
        mean += part * others;
        count += others;
    }
};

struct CoMoments {
    double count;
    double left_mean;
    double right_mean;
    double product;
    double left_second;
    double right_second;

    void Add(double left, double right) {
        count += 1;
        const double left_distance = left - left_mean;
        const double right_distance = right - right_mean;
        left_mean += left_distance / count;
        right_mean += right_distance / count;
        product += left_distance * (right - right_mean);
        left_second += left_distance * (left - left_mean);
        right_second += right_distance * (right - right_mean);
    }

    void Add(const CoMoments& more) {
        if (more.count == 0) return;
        const double own = count;
        const double others = more.count;
        const double left_distance = more.left_mean - left_mean;
        const double right_distance = more.right_mean - right_mean;
        const double left_part = left_distance / (own + others);
        const double right_part = right_distance / (own + others);
        product += more.product + left_distance * right_part * own * others;
        left_second += more.left_second + left_distance * left_part * own * others;
        right_second += more.right_second + right_distance * right_part * own * others;
        left_mean += left_part * others;
        right_mean += right_part * others;
        count += others;
    }
};

using Answer = std::optional<double>;

Answer VariancePop(const Moments& of) { return of.second / of.count; }
Answer VarianceSample(const Moments& of) {
    if (of.count == 1) return std::nullopt;
    return of.second / (of.count - 1);
}
Answer DeviationPop(const Moments& of) { return std::sqrt(of.second / of.count); }
Answer DeviationSample(const Moments& of) {
    if (of.count == 1) return std::nullopt;
    return std::sqrt(of.second / (of.count - 1));
}
Answer Skewness(const Moments& of) {
    if (of.second == 0) return std::nullopt;
    return std::sqrt(of.count) * of.third / std::sqrt(of.second * of.second * of.second);
}
Answer Kurtosis(const Moments& of) {
    if (of.second == 0) return std::nullopt;
    return of.count * of.fourth / (of.second * of.second) - 3;
}

Answer CovariancePop(const CoMoments& of) { return of.product / of.count; }
Answer CovarianceSample(const CoMoments& of) {
    if (of.count == 1) return std::nullopt;
    return of.product / (of.count - 1);
}
Answer Correlation(const CoMoments& of) {
    if (of.count == 1) return std::nullopt;
    return of.product / std::sqrt(of.left_second * of.right_second);
}

template <class State, Answer (*answer)(const State&)>
struct MomentBase {
    template <class State_>
    static void Initialize(State_& state) {
        state = {};
    }
    template <class State_, class Operation_>
    static void Combine(const State_& source, State_& target, duckdb::AggregateInputData&) {
        target.Add(source);
    }
    template <class Result, class State_>
    static void Finalize(State_& state, Result& target, duckdb::AggregateFinalizeData& data) {
        const Answer found = state.count == 0 ? std::nullopt : answer(state);
        if (!found) return data.ReturnNull();
        target = *found;
    }
    static bool IgnoreNull() { return true; }
};

template <Answer (*answer)(const Moments&)>
struct OfOne : MomentBase<Moments, answer> {
    template <class Input, class State, class Operation_>
    static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
        state.Add(input);
    }
    template <class Input, class State, class Operation_>
    static void ConstantOperation(State& state, const Input& input,
                                  duckdb::AggregateUnaryInput& unary, duckdb::idx_t count) {
        for (duckdb::idx_t i = 0; i < count; i++)
            Operation<Input, State, Operation_>(state, input, unary);
    }
};

template <Answer (*answer)(const CoMoments&)>
struct OfTwo : MomentBase<CoMoments, answer> {
    template <class Left, class Right, class State, class Operation_>
    static void Operation(State& state, const Left& left, const Right& right,
                          duckdb::AggregateBinaryInput&) {
        state.Add(left, right);
    }
};

template <Answer (*answer)(const Moments&)>
Function One(const char* name) {
    Function function = Function::UnaryAggregate<Moments, double, double, OfOne<answer>>(
        LogicalType::DOUBLE, LogicalType::DOUBLE);
    function.name = name;
    return function;
}

template <Answer (*answer)(const CoMoments&)>
Function Two(const char* name) {
    Function function = Function::BinaryAggregate<CoMoments, double, double, double, OfTwo<answer>>(
        LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::DOUBLE);
    function.name = name;
    return function;
}

}  // namespace

void RegisterSparkMoments(duckdb::ExtensionLoader& loader) {
    for (const Function& function :
         {One<VariancePop>("spark_var_pop"), One<VarianceSample>("spark_var_samp"),
          One<DeviationPop>("spark_stddev_pop"), One<DeviationSample>("spark_stddev_samp"),
          One<Skewness>("spark_skewness"), One<Kurtosis>("spark_kurtosis"),
          Two<CovariancePop>("spark_covar_pop"), Two<CovarianceSample>("spark_covar_samp"),
          Two<Correlation>("spark_corr")})
        loader.RegisterFunction(function);
}

}  // namespace tarn::engine::duck
