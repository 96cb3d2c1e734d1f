#include "engine/duck/spark_aggregates.h"

#include <algorithm>

#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/spark_intervals.h"

namespace tarn::engine::duck {
namespace {

using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

constexpr int kMostDigits = 38;

[[noreturn]] void FailTooLarge() {
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                        "the sum is too large for its type: use try_sum to get NULL instead, or "
                        "cast to DOUBLE first"));
}

template <class Number>
struct SumState {
    Number sum;
    int64_t count;
    bool is_too_large;
};

bool AddTo(int64_t& sum, int64_t value) { return !__builtin_add_overflow(sum, value, &sum); }
bool AddTo(hugeint_t& sum, hugeint_t value) { return duckdb::Hugeint::TryAddInPlace(sum, value); }
bool AddTo(double& sum, double value) {
    sum += value;
    return true;
}

struct SumBase {
    template <class State>
    static void Initialize(State& state) {
        state.sum = {};
        state.count = 0;
        state.is_too_large = false;
    }
    template <class Input, class State, class Operation_>
    static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
        ++state.count;
        if (!AddTo(state.sum, input)) state.is_too_large = true;
    }
    template <class Input, class State, class Operation_>
    static void ConstantOperation(State& state, const Input& input,
                                  duckdb::AggregateUnaryInput& unary, duckdb::idx_t count) {
        for (duckdb::idx_t i = 0; i < count; i++)
            Operation<Input, State, Operation_>(state, input, unary);
    }
    template <class State, class Operation_>
    static void Combine(const State& source, State& target, duckdb::AggregateInputData&) {
        target.count += source.count;
        target.is_too_large = target.is_too_large || source.is_too_large;
        if (!AddTo(target.sum, source.sum)) target.is_too_large = true;
    }
    static bool IgnoreNull() { return true; }
};

// Within the digits of the result's type.
template <class Result>
bool Fits(hugeint_t sum, const LogicalType& type) {
    const hugeint_t bound = duckdb::Hugeint::POWERS_OF_TEN[duckdb::DecimalType::GetWidth(type)];
    return sum < bound && sum > -bound;
}

template <bool tries>
struct Sum : SumBase {
    template <class Result, class State>
    static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
        if (state.count == 0) return data.ReturnNull();
        bool fits = !state.is_too_large;
        if constexpr (std::is_same_v<State, SumState<hugeint_t>>) {
            fits = fits && Fits<Result>(state.sum, data.result.GetType());
            if (fits) target = duckdb::Hugeint::Cast<Result>(state.sum);
        } else if (fits) {
            target = state.sum;
        }
        if (fits) return;
        if (!tries) FailTooLarge();
        data.ReturnNull();
    }
};

struct Average : SumBase {
    template <class Result, class State>
    static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
        if (state.count == 0) return data.ReturnNull();
        target = state.sum / static_cast<double>(state.count);
    }
};

// With the digits of the scale more that the result has, halves away from zero.
struct DecimalAverage : SumBase {
    template <class Result, class State>
    static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
        if (state.count == 0) return data.ReturnNull();
        const hugeint_t count(state.count);
        const int more = kScaleMore;
        hugeint_t sum = state.sum;
        if (state.is_too_large ||
            !duckdb::Hugeint::TryMultiply(sum, duckdb::Hugeint::POWERS_OF_TEN[more], sum))
            FailTooLarge();
        hugeint_t quotient = sum / count;
        const hugeint_t rest = sum % count;
        const hugeint_t doubled = (rest < hugeint_t(0) ? -rest : rest) * hugeint_t(2);
        if (doubled >= count) quotient += sum < hugeint_t(0) ? hugeint_t(-1) : hugeint_t(1);
        target = duckdb::Hugeint::Cast<Result>(quotient);
    }
    static constexpr int kScaleMore = 4;
};

struct IntervalState {
    int64_t months;
    int64_t days;
    int64_t micros;
    int64_t count;

    void Add(const IntervalState& more) {
        months += more.months;
        days += more.days;
        micros += more.micros;
        count += more.count;
    }
};

template <bool averages>
struct OfIntervals {
    template <class State>
    static void Initialize(State& state) {
        state = {};
    }
    template <class Input, class State, class Operation_>
    static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
        state.Add({input.months, input.days, input.micros, 1});
    }
    template <class Input, class State, class Operation_>
    static void ConstantOperation(State& state, const Input& input,
                                  duckdb::AggregateUnaryInput& unary, duckdb::idx_t count) {
        for (duckdb::idx_t i = 0; i < count; i++)
            Operation<Input, State, Operation_>(state, input, unary);
    }
    template <class State, class Operation_>
    static void Combine(const State& source, State& target, duckdb::AggregateInputData&) {
        target.Add(source);
    }
    template <class Result, class State>
    static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
        if (state.count == 0) return data.ReturnNull();
        if (averages) {
            constexpr int64_t kDayMicros = 86'400'000'000;
            target = {static_cast<int32_t>(state.months / state.count), 0,
                      (state.days * kDayMicros + state.micros) / state.count};
        } else {
            target = {static_cast<int32_t>(state.months), static_cast<int32_t>(state.days),
                      state.micros};
        }
    }
    static bool IgnoreNull() { return true; }
};

using Function = duckdb::AggregateFunction;
using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

LogicalType Decimal(int width, int scale) {
    return LogicalType::DECIMAL(static_cast<uint8_t>(std::min(width, kMostDigits)),
                                static_cast<uint8_t>(std::min(scale, kMostDigits)));
}

template <class Operation>
Function OfDecimals(const LogicalType& input, const LogicalType& result) {
    if (result.InternalType() == duckdb::PhysicalType::INT128) {
        return Function::UnaryAggregate<SumState<hugeint_t>, hugeint_t, hugeint_t, Operation>(
            input, result);
    }
    if (result.InternalType() == duckdb::PhysicalType::INT32) {
        return Function::UnaryAggregate<SumState<hugeint_t>, hugeint_t, int32_t, Operation>(input,
                                                                                            result);
    }
    return Function::UnaryAggregate<SumState<hugeint_t>, hugeint_t, int64_t, Operation>(input,
                                                                                        result);
}

template <bool averages>
Function OfInterval(const LogicalType& input, const LogicalType& result) {
    return Function::UnaryAggregate<IntervalState, duckdb::interval_t, duckdb::interval_t,
                                    OfIntervals<averages>>(input, result);
}

void Become(Function& function, Function chosen) {
    chosen.name = function.name;
    function = std::move(chosen);
}

template <bool tries>
duckdb::unique_ptr<duckdb::FunctionData> BindSum(duckdb::ClientContext&, Function& function,
                                                 Arguments& arguments) {
    const LogicalType type = LogicalType::NormalizeType(arguments[0]->return_type);
    if (type.id() == LogicalTypeId::DECIMAL) {
        const int width = duckdb::DecimalType::GetWidth(type);
        const int scale = duckdb::DecimalType::GetScale(type);
        Become(function,
               OfDecimals<Sum<tries>>(Decimal(kMostDigits, scale), Decimal(width + 10, scale)));
    } else if (type.id() == LogicalTypeId::INTERVAL) {
        Become(function, OfInterval<false>(type, type));
    } else if (type.IsIntegral()) {
        Become(function, Function::UnaryAggregate<SumState<int64_t>, int64_t, int64_t, Sum<tries>>(
                             LogicalType::BIGINT, LogicalType::BIGINT));
    } else {
        Become(function, Function::UnaryAggregate<SumState<double>, double, double, Sum<tries>>(
                             LogicalType::DOUBLE, LogicalType::DOUBLE));
    }
    return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindAverage(duckdb::ClientContext&, Function& function,
                                                     Arguments& arguments) {
    const LogicalType type = LogicalType::NormalizeType(arguments[0]->return_type);
    const int width = type.id() == LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetWidth(type) : 0;
    const int scale = width > 0 ? duckdb::DecimalType::GetScale(type) : 0;
    constexpr int kMore = DecimalAverage::kScaleMore;
    if (type.id() == LogicalTypeId::INTERVAL) {
        Become(function, OfInterval<true>(type, WidestInterval(type)));
    } else if (width > 0 && scale + kMore <= kMostDigits) {
        Become(function, OfDecimals<DecimalAverage>(Decimal(kMostDigits, scale),
                                                    Decimal(width + kMore, scale + kMore)));
    } else {
        Become(function, Function::UnaryAggregate<SumState<double>, double, double, Average>(
                             LogicalType::DOUBLE, LogicalType::DOUBLE));
    }
    return nullptr;
}

}  // namespace

void RegisterSparkAggregates(duckdb::ExtensionLoader& loader) {
    const auto add = [&](const char* name, duckdb::bind_aggregate_function_t bind) {
        Function function = Function::UnaryAggregate<SumState<double>, double, double, Average>(
            LogicalType::ANY, LogicalType::ANY);
        function.name = name;
        function.bind = bind;
        loader.RegisterFunction(function);
    };
    add("spark_sum", BindSum<false>);
    add("spark_try_sum", BindSum<true>);
    add("spark_avg", BindAverage);
}

}  // namespace tarn::engine::duck
