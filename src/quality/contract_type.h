// The types that contracts name, in the words of many systems, as far as two of them can be
// compared. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::quality {

enum class TypeRelation { kSame, kWider, kNarrower, kOther };

// How the type `is` stands to `was`: kWider when it holds all values of `was` and more. An empty
// one, no promise, is wider than all.
TypeRelation Compare(std::string_view was, std::string_view is);

// Does a column of the engine's type hold what the contract's type says: the same type or one that
// says the same with less room. Types that the standard only names in kind ("number", "object")
// are held by all of that kind; a name that is nobody's known type is held by that name alone.
bool Holds(std::string_view contract_type, std::string_view engine_type);

}  // namespace tarn::quality
