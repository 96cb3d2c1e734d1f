#include <algorithm>
#include <functional>

#include <fnmatch.h>

#include "base/text.h"
#include "pipeline/selection.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using Method = bool (*)(const Item& item, const Criterion& criterion);

bool Fits(const std::string& pattern, const std::string& text) {
    return pattern == text || fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool HasWildcard(std::string_view text) { return text.find_first_of("*?[]") != text.npos; }

std::vector<std::string> Tail(const std::vector<std::string>& parts, size_t from) {
    return {parts.begin() + static_cast<long>(from), parts.end()};
}

// A name, or the first parts of the way to it; from the first wildcard on, a pattern of the rest.
bool FitsWay(const std::vector<std::string>& fqn, size_t from, const std::string& wanted) {
    if (fqn.back() == wanted) return true;
    const std::vector<std::string> way = Split(Join(Tail(fqn, from), "."), '.');
    const std::vector<std::string> parts = Split(wanted, '.');
    if (way.size() < parts.size()) return false;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (HasWildcard(parts[i])) return Fits(Join(Tail(parts, i), "."), Join(Tail(way, i), "."));
        if (way[i] != parts[i]) return false;
    }
    return true;
}

bool FitsFqn(const Item& item, const Criterion& criterion) {
    // All versions of a model, or one: "orders", "orders.v2".
    if (item.is_version &&
        (criterion.value == item.name || criterion.value == item.name + "." + item.fqn.back()))
        return true;
    return FitsWay(item.fqn, 0, criterion.value) || FitsWay(item.fqn, 1, criterion.value);
}

// A file, or a folder that it lies in; the YAML that describes it.
bool FitsPath(const Item& item, const Criterion& criterion) {
    std::string wanted = criterion.value;
    while (wanted.starts_with("./")) wanted.erase(0, 2);
    while (wanted.size() > 1 && wanted.ends_with('/')) wanted.pop_back();
    const int flags = wanted.find("**") == std::string::npos ? FNM_PATHNAME : 0;
    const auto is_wanted = [&](const std::string& path) {
        return path == wanted || fnmatch(wanted.c_str(), path.c_str(), flags) == 0;
    };
    if (!item.patch_file.empty() && is_wanted(item.patch_file)) return true;
    for (std::string path = item.file; !path.empty();) {
        if (is_wanted(path)) return true;
        const size_t slash = path.rfind('/');
        path.resize(slash == std::string::npos ? 0 : slash);
    }
    return false;
}

bool FitsFile(const Item& item, const Criterion& criterion) {
    const std::string name = item.file.substr(item.file.rfind('/') + 1);
    return Fits(criterion.value, name) || Fits(criterion.value, name.substr(0, name.rfind('.')));
}

bool FitsTag(const Item& item, const Criterion& criterion) {
    return std::any_of(item.tags.begin(), item.tags.end(),
                       [&](const std::string& tag) { return Fits(criterion.value, tag); });
}

bool FitsSource(const Item& item, const Criterion& criterion) {
    if (item.type != "source") return false;
    std::vector<std::string> parts = Split(criterion.value, '.');
    if (parts.size() == 1) parts.emplace_back("*");
    if (parts.size() == 2) parts.insert(parts.begin(), "*");
    const std::string& source = item.fqn[item.fqn.size() - 2];
    return parts.size() == 3 && Fits(parts[0], item.package) && Fits(parts[1], source) &&
           Fits(parts[2], item.name);
}

bool FitsPackageAndName(const Item& item, const Criterion& criterion) {
    std::vector<std::string> parts = Split(criterion.value, '.');
    if (parts.size() == 1) parts.insert(parts.begin(), "*");
    return parts.size() == 2 && Fits(parts[0], item.package) && Fits(parts[1], item.name);
}

// Of a type that is a method of its own: `exposure:x`.
bool FitsNameOfType(const Item& item, const Criterion& criterion) {
    return item.type == criterion.method && FitsPackageAndName(item, criterion);
}

bool IsValue(const Json& value, const std::string& wanted) {
    if (value.is_boolean()) return EqualsIgnoreCase(wanted, value.get<bool>() ? "true" : "false");
    if (value.is_string()) return value.get<std::string>() == wanted;
    return !value.is_structured() && value.dump() == wanted;
}

bool FitsConfig(const Item& item, const Criterion& criterion) {
    const Json* value = &item.config;
    for (const std::string& key : criterion.arguments) {
        if (!value->is_object() || !value->contains(key)) return false;
        value = &(*value)[key];
    }
    if (criterion.arguments == std::vector<std::string>{"severity"})
        return value->is_string() && EqualsIgnoreCase(value->get<std::string>(), criterion.value);
    if (value->is_array()) {
        return std::any_of(value->begin(), value->end(),
                           [&](const Json& one) { return IsValue(one, criterion.value); });
    }
    if (value->is_object()) return value->contains(criterion.value);
    return IsValue(*value, criterion.value);
}

bool FitsType(const Item& item, const Criterion& criterion) {
    return criterion.value == "all" || item.type == criterion.value;
}

bool FitsTestType(const Item& item, const Criterion& criterion) {
    if (criterion.value == "unit") return item.type == "unit_test";
    if (item.type != "test") return false;
    const bool is_declared = !item.test_word.empty();
    return criterion.value == "data" || is_declared == (criterion.value == "generic");
}

bool FitsTestName(const Item& item, const Criterion& criterion) {
    const std::string& word = item.test_word;
    return !word.empty() &&
           (Fits(criterion.value, word) || Fits(criterion.value, word.substr(word.find('.') + 1)));
}

bool FitsPackage(const Item& item, const Criterion& criterion) {
    return criterion.value == "this" ? item.is_of_root : Fits(criterion.value, item.package);
}

bool FitsGroup(const Item& item, const Criterion& criterion) {
    return item.config.value("group", Json()) == Json(criterion.value);
}

bool FitsAccess(const Item& item, const Criterion& criterion) {
    return item.type == "model" &&
           item.config.value("access", Json("protected")) == Json(criterion.value);
}

struct MethodRow {
    std::string name;
    Method fits;
    std::vector<std::string> values;  // the only ones; empty: any
};

const std::vector<MethodRow>& Methods() {
    static const std::vector<MethodRow> methods = {
        {"fqn", &FitsFqn, {}},
        {"path", &FitsPath, {}},
        {"file", &FitsFile, {}},
        {"tag", &FitsTag, {}},
        {"source", &FitsSource, {}},
        {"exposure", &FitsNameOfType, {}},
        {"metric", &FitsNameOfType, {}},
        {"semantic_model", &FitsNameOfType, {}},
        {"saved_query", &FitsNameOfType, {}},
        {"unit_test", &FitsNameOfType, {}},
        {"config", &FitsConfig, {}},
        {"resource_type",
         &FitsType,
         {"model", "seed", "snapshot", "test", "unit_test", "source", "exposure", "metric",
          "semantic_model", "saved_query", "all"}},
        {"test_type", &FitsTestType, {"generic", "singular", "data", "unit"}},
        {"test_name", &FitsTestName, {}},
        {"package", &FitsPackage, {}},
        {"group", &FitsGroup, {}},
        {"access", &FitsAccess, {"private", "protected", "public"}},
    };
    return methods;
}

const MethodRow& MethodOf(const Criterion& criterion) {
    std::string word = criterion.method;
    if (word.empty()) {
        const std::string& value = criterion.value;
        const bool is_path = value.find('/') != std::string::npos;
        const bool is_file =
            value.ends_with(".sql") || value.ends_with(".csv") || value.ends_with(".py");
        word = is_path ? "path" : is_file ? "file" : "fqn";
    }
    std::vector<std::string> known;
    for (const MethodRow& method : Methods()) {
        if (method.name == word) return method;
        known.push_back(method.name);
    }
    const auto nearest = NearestWord(word, known);
    throw Error(ErrorKind::kInvalidInput, "the selector `{}`: there is no method `{}:`{}",
                criterion.raw, word,
                nearest ? fmt::format(": did you mean `{}:`?", *nearest)
                        : ": known are " + Join(known, ", "));
}

void CheckValue(const MethodRow& method, const Criterion& criterion) {
    const auto& values = method.values;
    const bool is_known = std::find(values.begin(), values.end(), criterion.value) != values.end();
    if (values.empty() || is_known) return;
    throw Error(ErrorKind::kInvalidInput, "the selector `{}`: `{}` is not one of {}", criterion.raw,
                criterion.value, Join(values, ", "));
}

// A name without a method that nothing has was mistyped.
[[noreturn]] void RefuseName(const Inventory& inventory, const Criterion& criterion) {
    std::vector<std::string> known;
    for (const Item& item : inventory.Items()) {
        known.push_back(item.name);
        known.push_back(item.file);
        known.insert(known.end(), item.fqn.begin(), item.fqn.end());
        if (!item.node_id.empty()) known.push_back(item.node_id);
    }
    const auto nearest = NearestWord(criterion.value, known);
    throw Error(ErrorKind::kInvalidInput, "the selector `{}` means nothing of the project{}",
                criterion.raw, nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
}

}  // namespace

std::set<size_t> MatchesOf(const Inventory& inventory, const Criterion& criterion) {
    const MethodRow& method = MethodOf(criterion);
    CheckValue(method, criterion);
    std::set<size_t> matches;
    for (size_t i = 0; i < inventory.Items().size(); ++i) {
        const Item& item = inventory.Items()[i];
        // A plain name may also be the id that a build prints.
        const bool is_id = criterion.method.empty() && !item.node_id.empty() &&
                           EqualsIgnoreCase(item.node_id, criterion.value);
        if (is_id || method.fits(item, criterion)) matches.insert(i);
    }
    if (matches.empty() && criterion.method.empty() && !HasWildcard(criterion.value))
        RefuseName(inventory, criterion);
    return matches;
}

}  // namespace tarn::pipeline
