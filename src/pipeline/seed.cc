#include "pipeline/seed.h"

#include <fstream>
#include <map>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr size_t kBlockBytes = 1 << 16;

std::string HashOf(const std::string& path, const std::string& shown) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(ErrorKind::kNotFound, "the seed {} cannot be read", shown);
    Sha256 hash;
    std::vector<char> block(kBlockBytes);
    while (file) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        hash.Update({block.data(), static_cast<size_t>(file.gcount())});
    }
    return hash.FinishHex();
}

// Every column as text, NULL where dbt sees none.
std::string TextsOf(const std::string& path, const ModelConfig& config) {
    return fmt::format(
        "read_csv({}, header = true, all_varchar = true, auto_detect = true, delim = {}, "
        "quote = '\"', escape = '\"', comment = '', skip = 0, normalize_names = false)",
        sql::QuoteLiteral(path), sql::QuoteLiteral(config.delimiter));
}

std::string ValueOf(const std::string& column) {
    const std::string quoted = sql::QuoteIdentifier(column);
    return fmt::format("CASE WHEN lower(trim({0})) IN ('', 'null') THEN NULL ELSE {0} END", quoted);
}

// In dbt's order: the first that fits every value is the column's.
struct Candidate {
    const char* type;
    const char* pattern;
};
constexpr Candidate kCandidates[] = {
    {"INTEGER", R"([+-]?\d+(\.0*)?)"},
    {"BIGINT", R"([+-]?\d+(\.0*)?)"},
    {"DOUBLE", R"([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)"},
    {"DATE", R"(\d{4}-\d{1,2}-\d{1,2})"},
    // A zone behind it is ISO's form alone, and not kept.
    {"TIMESTAMP", R"(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}|)"
                  R"(\d{4}-\d{2}-\d{2}T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}(:?\d{2})?)?)"},
    {"BOOLEAN", "(?i)true|false"},
};

std::string Fits(const Candidate& candidate, const std::string& value) {
    return fmt::format(
        "coalesce(bool_and({0} IS NULL OR (regexp_full_match(trim({0}), {1}) AND "
        "try_cast({0} AS {2}) IS NOT NULL)), true)",
        value, sql::QuoteLiteral(candidate.pattern), candidate.type);
}

std::vector<std::string> ColumnsOf(engine::Session& session, const std::string& texts) {
    std::vector<std::string> columns;
    for (const auto& column : engine::ColumnsOf(session, texts)) columns.push_back(column.name);
    return columns;
}

// By column; a column that is said already is not looked at.
std::map<std::string, std::string> FindTypes(engine::Session& session, const std::string& texts,
                                             const std::vector<std::string>& columns,
                                             const ModelConfig& config) {
    std::vector<std::string> looked_at;
    std::vector<std::string> values;
    std::vector<std::string> checks;
    for (const std::string& column : columns) {
        if (config.column_types.contains(column)) continue;
        const std::string value = fmt::format("v{}", looked_at.size());
        values.push_back(ValueOf(column) + " AS " + value);
        looked_at.push_back(column);
        for (const Candidate& candidate : kCandidates) checks.push_back(Fits(candidate, value));
    }
    std::map<std::string, std::string> types = config.column_types;
    if (checks.empty()) return types;
    const auto answer = session
                            .Query(fmt::format("SELECT {} FROM (SELECT {} FROM {})",
                                               Join(checks, ", "), Join(values, ", "), texts))
                            .at(0);
    size_t at = 0;
    for (const std::string& column : looked_at) {
        types[column] = "VARCHAR";
        for (size_t i = std::size(kCandidates); i-- > 0;) {
            if (answer.at(at + i) == "true") types[column] = kCandidates[i].type;
        }
        at += std::size(kCandidates);
    }
    return types;
}

}  // namespace

SeedRows ReadSeed(engine::Session& session, const std::string& root, const Model& seed) {
    const std::string path = root + "/" + seed.file;
    std::string hash = HashOf(path, seed.file);
    const std::string texts = TextsOf(path, seed.config);
    const std::vector<std::string> columns = ColumnsOf(session, texts);
    const auto types = FindTypes(session, texts, columns, seed.config);
    std::vector<std::string> selected;
    for (const std::string& column : columns) {
        selected.push_back(fmt::format("CAST({} AS {}) AS {}", ValueOf(column), types.at(column),
                                       sql::QuoteIdentifier(column)));
    }
    const std::string text = fmt::format("SELECT {} FROM {}", Join(selected, ", "), texts);
    return {OneStatement(seed.file, text, text), std::move(hash)};
}

}  // namespace tarn::pipeline
