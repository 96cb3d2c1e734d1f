#include "pipeline/dbt_ids.h"

#include <map>
#include <vector>

#include <openssl/evp.h>

#include "base/check.h"
#include "base/text.h"
#include "quality/data_tests.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// dbt's ids are told apart by MD5; nothing is kept safe by it.
std::string Md5Hex(const std::string& text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const int done = EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
    Check(done == 1, "MD5 is there");
    return Hex({reinterpret_cast<const char*>(digest), size});
}

// As Python's repr() writes a text.
std::string Quoted(const std::string& text) {
    const bool has_single = text.find('\'') != std::string::npos;
    const bool has_double = text.find('"') != std::string::npos;
    const char quote = has_single && !has_double ? '"' : '\'';
    std::string quoted(1, quote);
    for (const char c : text) {
        if (c == '\n') {
            quoted += "\\n";
        } else {
            if (c == quote || c == '\\') quoted += '\\';
            quoted += c;
        }
    }
    return quoted + quote;
}

// As repr() writes what a test is given: maps in the order of their keys, each scalar as a text.
std::string PythonText(const Json& value) {
    if (value.is_string()) return Quoted(value.get<std::string>());
    if (value.is_boolean()) return value.get<bool>() ? "'True'" : "'False'";
    if (value.is_null()) return "'None'";
    if (!value.is_structured()) return Quoted(value.dump());
    std::vector<std::string> items;
    if (value.is_array()) {
        for (const Json& item : value) items.push_back(PythonText(item));
        return "[" + Join(items, ", ") + "]";
    }
    std::map<std::string, Json> sorted;
    for (const auto& [key, item] : value.items()) sorted[key] = item;
    for (const auto& [key, item] : sorted) items.push_back(Quoted(key) + ": " + PythonText(item));
    return "{" + Join(items, ", ") + "}";
}

}  // namespace

std::string UniqueId(const std::string& type, const std::string& package, const std::string& name) {
    return type + "." + package + "." + name;
}

std::string UnitTestUniqueId(const Model& model, const UnitTest& test) {
    return UniqueId("unit_test", model.package, Join(model.Words(), ".") + "." + test.name);
}

Json Nullable(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json VersionJson(const std::string& version) {
    if (version.empty()) return nullptr;
    const Json number = Json::parse(version, nullptr, false);
    return number.is_number() ? number : Json(version);
}

Json TestMetadata(const SingularTest& test) {
    Json arguments = Json::parse(test.declared->arguments);
    if (!test.declared->column.empty()) arguments["column_name"] = test.declared->column;
    arguments["model"] = "{{ get_where_subquery(" + test.tested + ") }}";
    const std::string& word = test.declared->word;
    const size_t dot = word.find('.');
    return {{"kwargs", std::move(arguments)},
            {"name", dot == std::string::npos ? word : word.substr(dot + 1)},
            {"namespace", dot == std::string::npos ? Json() : Json(word.substr(0, dot))}};
}

std::string TestUniqueId(const std::string& package, const SingularTest& test) {
    const std::string plain = UniqueId("test", package, test.name);
    if (!test.declared) return plain;
    constexpr size_t kHashLetters = 10;
    const std::string hash = Md5Hex(test.name + PythonText(TestMetadata(test)));
    return plain + "." + hash.substr(hash.size() - kHashLetters);
}

}  // namespace tarn::pipeline
