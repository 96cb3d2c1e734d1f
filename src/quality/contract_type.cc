#include "quality/contract_type.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace tarn::quality {
namespace {

enum class Family {
    kText,
    kInteger,
    kDecimal,
    kFloat,
    kNumber,  // any of the three
    kBoolean,
    kDate,
    kInstant,
    kLocalTime,  // of a day and a clock, without a zone
    kTimestamp,  // any of the two
    kTime,
    kBinary,
    kList,
    kObject,
    kVariant,
    kUnknown,
};

struct Type {
    Family family = Family::kUnknown;
    int64_t size = 0;   // bits, letters, or digits before the point; the most where none is said
    int64_t scale = 0;  // of decimals
    std::string name;   // of unknown ones
};

constexpr int64_t kUnbounded = 1 << 30;

struct Word {
    std::string_view name;
    Family family;
    int64_t size;
};

constexpr Word kWords[] = {
    {"string", Family::kText, kUnbounded},
    {"text", Family::kText, kUnbounded},
    {"varchar", Family::kText, kUnbounded},
    {"char", Family::kText, kUnbounded},
    {"nvarchar", Family::kText, kUnbounded},
    {"uuid", Family::kText, kUnbounded},
    {"json", Family::kText, kUnbounded},
    {"byte", Family::kInteger, 8},
    {"tinyint", Family::kInteger, 8},
    {"short", Family::kInteger, 16},
    {"smallint", Family::kInteger, 16},
    {"int", Family::kInteger, 32},
    {"int4", Family::kInteger, 32},
    {"int32", Family::kInteger, 32},
    {"integer", Family::kInteger, 32},
    {"long", Family::kInteger, 64},
    {"bigint", Family::kInteger, 64},
    {"int8", Family::kInteger, 64},
    {"int64", Family::kInteger, 64},
    {"decimal", Family::kDecimal, 18},
    {"numeric", Family::kDecimal, 18},
    {"float", Family::kFloat, 32},
    {"real", Family::kFloat, 32},
    {"double", Family::kFloat, 64},
    {"double precision", Family::kFloat, 64},
    {"number", Family::kNumber, kUnbounded},
    {"boolean", Family::kBoolean, 1},
    {"bool", Family::kBoolean, 1},
    {"date", Family::kDate, 1},
    {"timestamp", Family::kTimestamp, 1},
    {"timestamp with time zone", Family::kInstant, 1},
    {"timestamptz", Family::kInstant, 1},
    {"timestamp_tz", Family::kInstant, 1},
    {"timestamp_ltz", Family::kInstant, 1},
    {"timestamp_ntz", Family::kLocalTime, 1},
    {"timestamp without time zone", Family::kLocalTime, 1},
    {"datetime", Family::kTimestamp, 1},
    {"time", Family::kTime, 1},
    {"binary", Family::kBinary, kUnbounded},
    {"blob", Family::kBinary, kUnbounded},
    {"bytes", Family::kBinary, kUnbounded},
    {"bytea", Family::kBinary, kUnbounded},
    {"array", Family::kList, 1},
    {"list", Family::kList, 1},
    {"object", Family::kObject, 1},
    {"struct", Family::kObject, 1},
    {"record", Family::kObject, 1},
    {"map", Family::kObject, 1},
    {"variant", Family::kVariant, 1},
};

Type OfDecimal(const std::vector<std::string>& arguments) {
    const auto precision =
        arguments.empty() ? std::optional<int64_t>(18) : ParseInt(Trim(arguments[0]));
    const auto scale = arguments.size() < 2 ? std::optional<int64_t>(arguments.empty() ? 3 : 0)
                                            : ParseInt(Trim(arguments[1]));
    if (!precision || !scale) return {};
    return {Family::kDecimal, *precision - *scale, *scale, ""};
}

Type Read(std::string_view text) {
    const std::string folded = AsciiLower(Trim(text));
    Type type;
    type.name = folded;
    if (folded.ends_with("[]")) return {Family::kList, 1, 0, folded};
    const size_t open = folded.find_first_of("(<");
    const std::string name(Trim(std::string_view(folded).substr(0, open)));
    const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                     [&](const Word& word) { return word.name == name; });
    if (found == std::end(kWords)) return type;
    std::vector<std::string> arguments;
    if (open != std::string::npos && folded[open] == '(' && folded.back() == ')')
        arguments = Split(folded.substr(open + 1, folded.size() - open - 2), ',');
    if (found->family == Family::kDecimal) {
        type = OfDecimal(arguments);
    } else {
        type.family = found->family;
        type.size = found->size;
        if (found->family == Family::kText && arguments.size() == 1)
            type.size = ParseInt(Trim(arguments[0])).value_or(kUnbounded);
    }
    type.name = folded;
    return type;
}

bool IsNumber(Family family) {
    return family == Family::kInteger || family == Family::kDecimal || family == Family::kFloat ||
           family == Family::kNumber;
}

bool IsTimestamp(Family family) {
    return family == Family::kInstant || family == Family::kLocalTime ||
           family == Family::kTimestamp;
}

// Does `wide` hold all values of `narrow`, exactly.
bool Includes(const Type& wide, const Type& narrow) {
    constexpr int64_t kDigits[] = {3, 5, 10, 19};  // of 8, 16, 32 and 64 bits
    constexpr int64_t kExactBits[] = {24, 53};     // of floats
    const auto digits = [&](int64_t bits) {
        return bits <= 8    ? kDigits[0]
               : bits <= 16 ? kDigits[1]
               : bits <= 32 ? kDigits[2]
                            : kDigits[3];
    };
    if (wide.family == Family::kNumber) return IsNumber(narrow.family);
    if (wide.family == Family::kTimestamp && IsTimestamp(narrow.family)) return true;
    if (wide.family == narrow.family) {
        if (wide.family == Family::kUnknown || wide.family == Family::kList ||
            wide.family == Family::kObject)
            return wide.name == narrow.name || wide.name == "array" || wide.name == "list" ||
                   wide.name == "object";
        return wide.size >= narrow.size && wide.scale >= narrow.scale;
    }
    if (wide.family == Family::kDecimal && narrow.family == Family::kInteger)
        return wide.size >= digits(narrow.size);
    if (wide.family == Family::kFloat && narrow.family == Family::kInteger)
        return kExactBits[wide.size > 32 ? 1 : 0] >= narrow.size;
    return wide.family == Family::kLocalTime && narrow.family == Family::kDate;
}

}  // namespace

TypeRelation Compare(std::string_view was, std::string_view is) {
    if (EqualsIgnoreCase(Trim(was), Trim(is))) return TypeRelation::kSame;
    if (Trim(is).empty()) return TypeRelation::kWider;
    if (Trim(was).empty()) return TypeRelation::kNarrower;
    const Type before = Read(was);
    const Type after = Read(is);
    const bool holds_before = Includes(after, before);
    const bool holds_after = Includes(before, after);
    if (holds_before && holds_after) return TypeRelation::kSame;
    if (holds_before) return TypeRelation::kWider;
    return holds_after ? TypeRelation::kNarrower : TypeRelation::kOther;
}

bool Holds(std::string_view contract_type, std::string_view engine_type) {
    const TypeRelation relation = Compare(contract_type, engine_type);
    if (relation == TypeRelation::kSame || relation == TypeRelation::kNarrower) return true;
    // The standard's `integer` says nothing of bits, and the engine's texts have no length.
    const Type said = Read(contract_type);
    const Type there = Read(engine_type);
    if (said.family == Family::kInteger && AsciiLower(Trim(contract_type)) == "integer")
        return there.family == Family::kInteger;
    return said.family == Family::kText && there.family == Family::kText;
}

}  // namespace tarn::quality
