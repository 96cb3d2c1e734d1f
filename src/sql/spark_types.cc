#include "sql/spark_types.h"

#include "base/text.h"

namespace tarn::sql {
namespace {

struct TypeRow {
    std::string_view word;
    std::string_view spark;
    std::string_view engine;
};

// The first row of each of Spark's names says what the engine calls it.
constexpr TypeRow kTypes[] = {
    {"STRING", "STRING", "VARCHAR"},
    {"VARCHAR", "STRING", "VARCHAR"},
    {"TEXT", "STRING", "VARCHAR"},
    {"BIGINT", "BIGINT", "BIGINT"},
    {"LONG", "BIGINT", "BIGINT"},
    {"INT", "INT", "INTEGER"},
    {"INTEGER", "INT", "INTEGER"},
    {"SMALLINT", "SMALLINT", "SMALLINT"},
    {"SHORT", "SMALLINT", "SMALLINT"},
    {"TINYINT", "TINYINT", "TINYINT"},
    {"BYTE", "TINYINT", "TINYINT"},
    {"DOUBLE", "DOUBLE", "DOUBLE"},
    {"FLOAT", "FLOAT", "FLOAT"},
    {"REAL", "FLOAT", "FLOAT"},
    {"DECIMAL", "DECIMAL", "DECIMAL"},
    {"NUMERIC", "DECIMAL", "DECIMAL"},
    {"DEC", "DECIMAL", "DECIMAL"},
    {"BOOLEAN", "BOOLEAN", "BOOLEAN"},
    {"BOOL", "BOOLEAN", "BOOLEAN"},
    {"BINARY", "BINARY", "BLOB"},
    {"BLOB", "BINARY", "BLOB"},
    {"DATE", "DATE", "DATE"},
    {"TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "TIMESTAMP"},
    {"TIMESTAMP_LTZ", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
    {"TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
};

}  // namespace

std::string SparkTypeNamed(std::string_view word, bool is_typed) {
    if (EqualsIgnoreCase(word, "TIMESTAMP")) return is_typed ? "TIMESTAMP_NTZ" : "TIMESTAMP";
    for (const TypeRow& row : kTypes) {
        if (EqualsIgnoreCase(word, row.word)) return std::string(row.spark);
    }
    return {};
}

std::string EngineTypeOf(std::string_view spark_type) {
    // Spark's plain DECIMAL has no digits behind the point.
    if (spark_type == "DECIMAL") return "DECIMAL(10, 0)";
    const size_t digits = spark_type.find('(');
    for (const TypeRow& row : kTypes) {
        if (row.spark != spark_type.substr(0, digits)) continue;
        std::string engine(row.engine);
        if (digits != std::string_view::npos) engine += spark_type.substr(digits);
        return engine;
    }
    return {};
}

}  // namespace tarn::sql
