#include "engine/duck/about_table.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kTable = "table";

}  // namespace

Error AboutTable(const TableName& name, const Error& error) {
    for (const auto& [key, value] : error.context()) {
        if (key == kTable) return error;
    }
    Error about(error.kind(), "{}: {}", name.ToString(), error.message());
    for (const auto& [key, value] : error.context()) about = std::move(about).With(key, value);
    return std::move(about).With(kTable, name.ToString()).At(error.spot());
}

}  // namespace tarn::engine::duck
