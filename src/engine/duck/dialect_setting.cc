#include "engine/duck/dialect_setting.h"

#include <string>

#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kSetting = "dialect";

void Check(duckdb::ClientContext&, duckdb::SetScope, duckdb::Value& value) {
    Guarded([&] {
        value = duckdb::Value(
            std::string(sql::NameOf(sql::DialectNamed(value.IsNull() ? "" : value.ToString()))));
    });
}

}  // namespace

void RegisterDialect(duckdb::DBConfig& config, sql::Dialect usual) {
    config.AddExtensionOption(
        kSetting,
        "how statements are spelled: tarn (DuckDB's SQL with the shapes of Spark) or spark (all of "
        "it as Spark means it)",
        duckdb::LogicalType::VARCHAR, duckdb::Value(std::string(sql::NameOf(usual))), Check);
}

sql::Dialect DialectOf(duckdb::ClientContext& client) {
    duckdb::Value value;
    if (!client.TryGetCurrentSetting(kSetting, value) || value.IsNull()) return sql::Dialect::kTarn;
    return sql::DialectNamed(value.ToString());
}

}  // namespace tarn::engine::duck
