#include "pipeline/jinja_environment.h"

#include "base/text.h"
#include "pipeline/jinja/tarn_jinja.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

struct TextDeleter {
    void operator()(char* text) const { tarn_jinja_free_text(text); }
};
using BridgeText = std::unique_ptr<char, TextDeleter>;

struct Failure {
    std::string message;
    TextSpot spot;
    std::vector<std::string> trace;
};

Failure ReadFailure(char* error) {
    const BridgeText text(error);
    const Json json = Json::parse(text.get());
    return {json["message"], {json["file"], json["line"], json["column"]}, json["trace"]};
}

Error Placed(Error error, const Failure& failure) {
    if (error.spot().file.empty() && !failure.spot.file.empty())
        error = std::move(error).At(failure.spot);
    if (!failure.trace.empty()) error = std::move(error).With("called", Join(failure.trace, "; "));
    return error;
}

}  // namespace

struct JinjaEnvironment::Bridge {
    // The C boundary: nothing may be thrown into Rust.
    static int Call(void* user, const char* object, const char* member, const char* arguments,
                    TarnJinjaReply* reply) {
        auto& self = *static_cast<JinjaEnvironment*>(user);
        try {
            const Json json = Json::parse(arguments);
            const std::string answer =
                self.host_.Call(object, member, json["args"], json["kwargs"]).dump();
            tarn_jinja_answer(reply, answer.data(), answer.size());
            return 0;
        } catch (...) {
            self.thrown_ = std::current_exception();
            tarn_jinja_fail(reply, "", 0);
            return 1;
        }
    }
};

Json RelationValue(Json relation) { return {{"__relation__", std::move(relation)}}; }

Json TableValue(const LakeAnswer& answer) {
    Json table = {{"names", Json::array()}, {"types", Json::array()}, {"rows", Json::array()}};
    for (const engine::ColumnInfo& column : answer.columns) {
        table["names"].push_back(column.name);
        table["types"].push_back(column.type);
    }
    for (const engine::TextRow& row : answer.rows) {
        Json cells = Json::array();
        for (const auto& cell : row) cells.push_back(cell ? Json(*cell) : Json());
        table["rows"].push_back(std::move(cells));
    }
    return {{"__table__", std::move(table)}};
}

Json TimeValue(int64_t microseconds) { return {{"__time__", microseconds}}; }

Json AskedValue(const std::string& name) { return {{"__asked__", name}}; }

Json MacroValue(const std::string& package, const std::string& name) {
    return {{"__macro__", package + "." + name}};
}

void JinjaEnvironment::Deleter::operator()(TarnJinja* jinja) const { tarn_jinja_free(jinja); }

JinjaEnvironment::JinjaEnvironment(TemplateHost& host, const std::vector<std::string>& names)
    : host_(host), jinja_(tarn_jinja_new(&Bridge::Call, this)) {
    for (const std::string& name : names) tarn_jinja_add_host(jinja_.get(), name.c_str());
}

JinjaEnvironment::~JinjaEnvironment() = default;

std::string JinjaEnvironment::DbtMacros() { return tarn_jinja_dbt_macros(); }

void JinjaEnvironment::AddMacros(const std::string& package, const std::string& file,
                                 const std::string& source, bool global) {
    char* error = nullptr;
    const BridgeText names(tarn_jinja_add_macros(jinja_.get(), package.c_str(), file.c_str(),
                                                 source.c_str(), global ? 1 : 0, &error));
    if (names == nullptr) {
        const Failure failure = ReadFailure(error);
        throw Placed(Error(ErrorKind::kInvalidInput, failure.message), failure);
    }
    for (const std::string name : Json::parse(names.get())) macros_.emplace(package, name);
}

bool JinjaEnvironment::HasMacro(const std::string& package, const std::string& name) const {
    return macros_.count({package, name}) > 0;
}

std::vector<std::string> JinjaEnvironment::MacroNames(const std::string& package) const {
    std::vector<std::string> names;
    for (const auto& [of, name] : macros_) {
        if (of == package) names.push_back(name);
    }
    return names;
}

std::string JinjaEnvironment::Render(const std::string& file, const std::string& source,
                                     const Json& context) {
    thrown_ = nullptr;
    char* error = nullptr;
    const BridgeText text(tarn_jinja_render(jinja_.get(), file.c_str(), source.c_str(),
                                            context.dump().c_str(), &error));
    if (text != nullptr) return text.get();
    const Failure failure = ReadFailure(error);
    if (thrown_ == nullptr) throw Placed(Error(ErrorKind::kInvalidInput, failure.message), failure);
    try {
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    } catch (const Error& cause) {
        throw Placed(cause, failure);
    }
}

}  // namespace tarn::pipeline
