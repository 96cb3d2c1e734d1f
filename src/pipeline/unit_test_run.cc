#include "pipeline/unit_test_run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "pipeline/table_writer.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownRows = 20;

UnitRows ParseRows(const YamlNode& node) {
    UnitRows rows;
    rows.spot = node.Spot();
    rows.format = node.StringOr("format", "dict");
    if (rows.format != "dict" && rows.format != "csv" && rows.format != "sql")
        (void)node.At("format").AsOneOf({"dict", "csv", "sql"});
    rows.fixture = node.StringOr("fixture", "");
    const auto given = node.Find("rows");
    if (!given) return rows;
    if (given->IsScalar()) {
        rows.text = given->AsString();
    } else {
        rows.rows = Json::parse(given->ToJson());
    }
    return rows;
}

std::string FixtureText(const UnitTestParts& parts, const UnitRows& rows) {
    const std::string ending = rows.format == "sql" ? ".sql" : ".csv";
    for (const std::string& folder : parts.fixture_paths) {
        const std::filesystem::path path =
            std::filesystem::path(parts.root) / folder / (rows.fixture + ending);
        std::ifstream file(path, std::ios::binary);
        if (!file) continue;
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    throw Error(ErrorKind::kInvalidInput, "there is no fixture {}{} in {}", rows.fixture, ending,
                Join(parts.fixture_paths, ", "))
        .At(rows.spot);
}

// One line of CSV at `at`, which moves behind it. A cell without quotes that is empty is NULL.
std::vector<Json> CsvLine(const std::string& text, size_t& at) {
    std::vector<Json> cells;
    std::string cell;
    bool is_quoted = false;
    const auto end_cell = [&] {
        const std::string plain(Trim(cell));
        cells.push_back(is_quoted                          ? Json(cell)
                        : plain.empty() || plain == "null" ? Json()
                                                           : Json(plain));
        cell.clear();
        is_quoted = false;
    };
    bool inside = false;
    for (; at < text.size(); ++at) {
        const char letter = text[at];
        if (inside && letter == '"' && at + 1 < text.size() && text[at + 1] == '"') {
            cell += text[++at];
        } else if (letter == '"') {
            inside = !inside;
            is_quoted = true;
        } else if (!inside && letter == ',') {
            end_cell();
        } else if (!inside && letter == '\n') {
            ++at;
            break;
        } else {
            cell += letter;
        }
    }
    end_cell();
    return cells;
}

Json CsvRows(const std::string& given) {
    const std::string text(Trim(given));
    Json rows = Json::array();
    size_t at = 0;
    if (text.empty()) return rows;
    const std::vector<Json> names = CsvLine(text, at);
    while (at < text.size()) {
        const std::vector<Json> cells = CsvLine(text, at);
        Json row = Json::object();
        for (size_t i = 0; i < names.size(); ++i)
            row[names[i].is_string() ? names[i].get<std::string>() : ""] =
                i < cells.size() ? cells[i] : Json();
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string LiteralOf(const Json& value) {
    if (value.is_null()) return "NULL";
    if (value.is_string()) return sql::QuoteLiteral(value.get<std::string>());
    if (value.is_structured()) return sql::QuoteLiteral(value.dump());
    return value.dump();
}

// A SELECT of the rows, with the columns in that order, cast to those types.
std::string RowsSelect(const Json& rows, const std::vector<engine::ColumnInfo>& columns) {
    std::vector<std::string> selects;
    const auto select = [&](const Json& row) {
        std::vector<std::string> cells;
        for (const engine::ColumnInfo& column : columns) {
            Json value;
            for (const auto& [name, cell] : row.items()) {
                if (EqualsIgnoreCase(name, column.name)) value = cell;
            }
            const std::string literal = LiteralOf(value);
            const std::string typed =
                column.type.empty() ? literal : fmt::format("CAST({} AS {})", literal, column.type);
            cells.push_back(typed + " AS " + sql::QuoteIdentifier(column.name));
        }
        return "SELECT " + Join(cells, ", ");
    };
    for (const Json& row : rows) selects.push_back(select(row));
    if (selects.empty()) return select(Json::object()) + " WHERE false";
    return Join(selects, " UNION ALL ");
}

// The columns of given rows, in order of first use.
std::vector<std::string> NamesIn(const Json& rows) {
    std::vector<std::string> names;
    for (const Json& row : rows) {
        for (const auto& [name, value] : row.items()) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    return names;
}

class UnitRun {
public:
    UnitRun(const UnitTestParts& parts, const Model& model, const UnitTest& test)
        : parts_(parts), model_(model), test_(test) {}

    std::vector<std::string> Run() {
        UnitRender render = {model_, test_.incremental, test_.vars, test_.env_vars, test_.macros};
        for (const UnitInput& input : test_.given) {
            const Relation relation =
                parts_.compiler.RelationNamed(input.input, model_, test_.spot);
            render.inputs[relation.Id()] = InputSelect(relation, input.rows);
        }
        const CompiledSql actual = parts_.compiler.CompileUnit(render);
        return Difference(actual.text);
    }

private:
    Json RowsOf(const UnitRows& rows) const {
        if (!rows.fixture.empty()) return CsvRows(FixtureText(parts_, rows));
        return rows.format == "csv" ? CsvRows(rows.text) : rows.rows;
    }

    std::string SqlOf(const UnitRows& rows) const {
        return rows.fixture.empty() ? rows.text : FixtureText(parts_, rows);
    }

    std::string InputSelect(const Relation& relation, const UnitRows& given) const {
        if (given.format == "sql") return SqlOf(given);
        const Json rows = RowsOf(given);
        const engine::TableName name{relation.schema, relation.name};
        std::vector<engine::ColumnInfo> columns;
        if (parts_.lake.Find(name)) {
            columns = parts_.lake.Columns(QuotedTable(name));
            CheckNames(rows, columns, given.spot);
        } else {
            for (const std::string& column : NamesIn(rows)) columns.push_back({column, ""});
        }
        if (columns.empty()) {
            throw Error(ErrorKind::kInvalidInput,
                        "{} is not there yet, and no row says what columns it has", relation.Id())
                .At(given.spot);
        }
        return RowsSelect(rows, columns);
    }

    void CheckNames(const Json& rows, const std::vector<engine::ColumnInfo>& columns,
                    const TextSpot& spot) const {
        std::vector<std::string> known;
        for (const engine::ColumnInfo& column : columns) known.push_back(column.name);
        for (const std::string& name : NamesIn(rows)) {
            const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& other) {
                return EqualsIgnoreCase(other, name);
            });
            if (is_known) continue;
            const auto nearest = NearestWord(name, known);
            throw Error(ErrorKind::kInvalidInput,
                        "the unit test {} gives a column `{}` that is not there{}", test_.name,
                        name, nearest ? fmt::format(": did you mean `{}`?", *nearest) : "")
                .At(spot);
        }
    }

    std::vector<std::string> Difference(const std::string& actual) {
        const auto made =
            parts_.session.Execute("SELECT * FROM (" + actual + ") LIMIT 0")->Columns();
        std::string expected;
        std::vector<std::string> names;
        if (test_.expect.format == "sql") {
            expected = SqlOf(test_.expect);
            const auto columns =
                parts_.session.Execute("SELECT * FROM (" + expected + ") LIMIT 0")->Columns();
            for (const auto& column : columns) names.push_back(column.name);
        } else {
            const Json rows = RowsOf(test_.expect);
            CheckNames(rows, made, test_.expect.spot);
            names = NamesIn(rows);
            if (names.empty()) {
                for (const auto& column : made) names.push_back(column.name);
            }
            std::vector<engine::ColumnInfo> columns;
            for (const std::string& name : names) {
                for (const auto& column : made) {
                    if (EqualsIgnoreCase(column.name, name)) columns.push_back(column);
                }
            }
            expected = RowsSelect(rows, columns);
        }
        return Rows(actual, expected, names);
    }

    // "- a | b": expected and missing; "+ a | b": made and not expected.
    std::vector<std::string> Rows(const std::string& actual, const std::string& expected,
                                  const std::vector<std::string>& names) {
        std::vector<std::string> quoted;
        for (const std::string& name : names) quoted.push_back(sql::QuoteIdentifier(name));
        const std::string columns = Join(quoted, ", ");
        const std::string both = fmt::format(
            "WITH made AS (SELECT {0} FROM ({1}\n)), wanted AS (SELECT {0} FROM ({2}\n)) "
            "SELECT '-', * FROM (FROM wanted EXCEPT ALL FROM made) UNION ALL "
            "SELECT '+', * FROM (FROM made EXCEPT ALL FROM wanted)",
            columns, actual, expected);
        std::vector<std::string> lines;
        for (const engine::TextRow& row : parts_.session.Query(both)) {
            std::vector<std::string> cells;
            for (const auto& cell : row) cells.push_back(cell.value_or("NULL"));
            if (lines.size() < kShownRows) lines.push_back(Join(cells, " | "));
        }
        if (!lines.empty()) lines.insert(lines.begin(), Join(names, " | "));
        return lines;
    }

    const UnitTestParts& parts_;
    const Model& model_;
    const UnitTest& test_;
};

Json MapOf(const YamlNode& node, const char* key) {
    const auto map = node.Find(key);
    return map ? Json::parse(map->ToJson()) : Json::object();
}

}  // namespace

UnitTest ParseUnitTest(const YamlNode& node) {
    node.OnlyKeys({"name", "model", "description", "given", "expect", "overrides", "config",
                   "versions", "tags", "meta"});
    UnitTest test;
    test.spot = node.Spot();
    test.name = node.At("name").AsString();
    test.model = node.At("model").AsString();
    if (const auto config = node.Find("config")) test.enabled = config->BoolOr("enabled", true);
    if (const auto given = node.Find("given")) {
        for (const YamlNode& one : given->Items()) {
            one.OnlyKeys({"input", "rows", "format", "fixture"});
            test.given.push_back({one.At("input").AsString(), ParseRows(one)});
        }
    }
    const YamlNode expect = node.At("expect");
    expect.OnlyKeys({"rows", "format", "fixture"});
    test.expect = ParseRows(expect);
    const auto overrides = node.Find("overrides");
    if (!overrides) return test;
    overrides->OnlyKeys({"macros", "vars", "env_vars"});
    test.macros = MapOf(*overrides, "macros");
    test.vars = MapOf(*overrides, "vars");
    test.env_vars = MapOf(*overrides, "env_vars");
    test.incremental = test.macros.value("is_incremental", false);
    return test;
}

std::vector<std::string> RunUnitTest(const UnitTestParts& parts, const Model& model,
                                     const UnitTest& test) {
    try {
        return UnitRun(parts, model, test).Run();
    } catch (const Error& error) {
        throw Error(error).At(test.spot).With("unit test", test.name);
    }
}

}  // namespace tarn::pipeline
