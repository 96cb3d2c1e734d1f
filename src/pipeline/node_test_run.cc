#include "pipeline/node_test_run.h"

#include <map>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "pipeline/anomaly_run.h"
#include "pipeline/data_test_sql.h"
#include "pipeline/dbt_names.h"
#include "pipeline/table_writer.h"
#include "pipeline/test_threshold.h"
#include "pipeline/unit_test_run.h"
#include "quality/row_law.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

struct TestRun {
    std::string rule;
    int64_t failing = 0;
    // What the test comes to; nothing: it holds.
    std::optional<quality::Severity> verdict = {};
    quality::Severity severity = quality::Severity::kError;
    std::string threshold = {};
    std::optional<int64_t> rows = {};     // that were tested
    std::optional<double> measured = {};  // of a test by history
    std::string words = {};               // the numbers that made the verdict
    std::map<std::string, int64_t> versions = {};
};

// What a test judges.
struct Tested {
    std::string name;     // the table's; empty: a SELECT that is a file of tests/
    std::string rows;     // as what a FROM may name; empty: the same
    std::string failing;  // SELECT of the rows that break the test
    // Are they to be counted: a table knows how many it has without a look at them, or a hundredth
    // of them decides.
    bool is_counted = false;
};

bool DecidesInPercent(const quality::TestOptions& options) {
    return IsInPercent(options.error_if) || IsInPercent(options.warn_if);
}

// Judges how many rows the SELECT gives, in the statement that counts the tested ones too.
TestRun Judge(engine::Session& session, const std::string& rule, const Tested& tested,
              const quality::TestOptions& options) {
    if (DecidesInPercent(options) && tested.rows.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` counts of a hundred tested rows, and a test of its own SELECT has none",
                    IsInPercent(options.error_if) ? options.error_if : options.warn_if);
    }
    const std::string limit = options.limit ? fmt::format("\nLIMIT {}", *options.limit) : "";
    const std::string count =
        tested.is_counted ? fmt::format("(SELECT count(*) FROM {})", tested.rows) : "NULL";
    const auto result = session.Execute(fmt::format(
        "SELECT n, {}, {}, rows FROM (SELECT coalesce({}, 0) AS n, {} AS rows FROM (\n{}{}\n) AS "
        "failing) AS counted",
        ConditionSql(options.error_if), ConditionSql(options.warn_if), options.fail_calc, count,
        tested.failing, limit));
    std::vector<engine::TextRow> answer;
    while (result->NextText(answer)) {
    }
    const auto failing = ParseInt(answer.at(0).at(0).value_or(""));
    if (!failing) {
        throw Error(ErrorKind::kInvalidInput, "`fail_calc: {}` gives no whole number",
                    options.fail_calc);
    }
    TestRun test{rule, *failing, std::nullopt, options.severity, ThresholdOf(options)};
    test.rows = ParseInt(answer.at(0).at(3).value_or(""));
    for (const engine::TableVersionUse& read : result->Stats().read)
        test.versions[read.table.ToString()] = read.version.number;
    const bool is_error = options.severity == quality::Severity::kError;
    if (is_error && answer.at(0).at(1) == "true") {
        test.verdict = quality::Severity::kError;
    } else if (answer.at(0).at(2) == "true") {
        test.verdict = quality::Severity::kWarn;
    }
    return test;
}

// The rows that break a test, as SQL; where they are kept, they are made a table first.
std::string Kept(const BuildScope& scope, const std::string& name, const std::string& rows,
                 const quality::TestOptions& options) {
    if (!options.store_failures.value_or(scope.request.store_failures)) return rows;
    const engine::TableName table = FailuresTable(scope.project, name, options);
    engine::Session& session = scope.parts.session;
    session.Run("CREATE SCHEMA IF NOT EXISTS " + sql::QuoteIdentifier(table.schema));
    session.Run(fmt::format("CREATE OR REPLACE {} {} AS\n{}",
                            options.store_as_view ? "VIEW" : "TABLE", QuotedTable(table), rows));
    return "SELECT * FROM " + QuotedTable(table);
}

void Note(const TestRun& test, NodeReport& report) {
    report.failures = test.failing;
    if (test.verdict || !test.words.empty()) {
        const std::string verdict =
            test.verdict ? std::string(quality::NameOf(*test.verdict)) : "holds";
        report.notices.push_back(
            fmt::format("test {} ({}): {}", test.rule, verdict,
                        test.words.empty() ? quality::RowsText(test.failing) : test.words));
    }
    if (!test.verdict) return;
    if (*test.verdict == quality::Severity::kError) {
        report.state = NodeState::kFailed;
        report.message = test.words.empty()
                             ? fmt::format("the test {} does not hold for {}", test.rule,
                                           quality::RowsText(test.failing))
                             : fmt::format("the test {} does not hold: {}", test.rule, test.words);
    } else {
        report.state = NodeState::kWarned;
    }
}

// The tested table's id, or of a SELECT of its own the test's.
std::string JudgedNode(const BuildScope& scope, const Node& node) {
    return node.tested_node ? scope.graph.Nodes()[*node.tested_node].id : node.id;
}

void Log(const BuildScope& scope, const Node& node, const std::string& table, const TestRun& test) {
    catalog::RunLog& log = scope.parts.catalog.Runs();
    catalog::RunRecord record;
    record.build_id = scope.build_id;
    record.node = node.id;
    record.kind = catalog::RunKind::kTest;
    record.source_versions = test.versions;
    record = log.Start(record);
    catalog::QualityRecord check;
    check.run_number = record.number;
    check.node = JudgedNode(scope, node);
    check.rule = test.rule;
    check.action = "test";
    const bool is_error = test.verdict.value_or(test.severity) == quality::Severity::kError;
    check.severity = is_error ? "error" : "warning";
    check.rows_checked = test.rows;
    check.rows_failed = test.failing;
    check.passed = !test.verdict;
    check.table = table;
    if (node.test != nullptr && node.test->declared) check.column = node.test->declared->column;
    check.threshold = test.threshold;
    check.value = test.measured;
    if (IsByHistory(node)) check.measure = MeasureOf(node);
    check.versions = test.versions;
    if (!test.words.empty()) check.sample = nlohmann::ordered_json{{"verdict", test.words}}.dump();
    record.state = test.verdict == quality::Severity::kError ? catalog::RunState::kFailed
                                                             : catalog::RunState::kSucceeded;
    log.AppendQuality({check});
    log.Finish(record);
}

void RunUnit(const BuildScope& scope, const Node& node, NodeReport& report) {
    const UnitTestParts parts{scope.parts.session, scope.compiler, scope.lake,
                              scope.parts.catalog.Config().root, scope.project.fixture_paths};
    const Model& model = *scope.graph.Nodes()[*node.tested_node].model;
    const std::vector<std::string> lines = RunUnitTest(parts, model, *node.unit);
    TestRun test{node.unit->name};
    if (!lines.empty()) {
        test.failing = static_cast<int64_t>(lines.size()) - 1;
        test.verdict = quality::Severity::kError;
        report.state = NodeState::kFailed;
        report.message = fmt::format("the unit test {} of {} does not hold", test.rule, model.Id());
        report.notices.push_back(Join(lines, "\n"));
    }
    report.failures = test.failing;
    Log(scope, node, model.Id(), test);
}

// A view would be asked a second time, and a WHERE for each row.
bool IsCounted(const BuildScope& scope, const Node& node, const engine::TableName& table) {
    if (DecidesInPercent(node.test_options)) return true;
    if (!node.test_options.where.empty()) return false;
    const auto entry = scope.parts.catalog.Find(table);
    return entry && entry->kind == engine::EntryKind::kTable;
}

// The table that a declared test is of, and its rows as SQL.
Tested TestedOf(const BuildScope& scope, const Node& node) {
    Tested tested;
    if (!node.test->declared) return tested;
    std::string relation = node.test->tested;
    if (node.tested_node) {
        const Model& model = *scope.graph.Nodes()[*node.tested_node].model;
        tested.name = model.Id();
        tested.is_counted = IsCounted(scope, node, {model.schema, model.name});
        relation = RefTo(model);
    } else if (!node.sources.empty()) {
        const SourceTable& source = node.sources.front();
        tested.name = source.Id();
        tested.is_counted = IsCounted(scope, node, {source.schema, source.name});
    }
    if (!tested.is_counted) return tested;
    quality::DataTest declared = *node.test->declared;
    declared.options = node.test_options;
    tested.rows = scope.compiler.CompileBeside(node, TestedRowsTemplate(declared, relation));
    return tested;
}

TestRun JudgeTest(const BuildScope& scope, const Node& node, const std::string& sql,
                  Tested tested) {
    const std::string& name = node.test->name;
    if (!IsByHistory(node)) {
        tested.failing = Kept(scope, name, sql, node.test_options);
        return Judge(scope.parts.session, name, tested, node.test_options);
    }
    const quality::AnomalyVerdict verdict =
        MeasureAnomaly(scope, node, sql, JudgedNode(scope, node), tested.name);
    tested.failing = Kept(scope, name, RowsOf(verdict), node.test_options);
    TestRun test = Judge(scope.parts.session, name, tested, node.test_options);
    test.measured = verdict.value;
    test.words = quality::WordsOf(verdict);
    return test;
}

}  // namespace

void RunTest(const BuildScope& scope, const Node& node, NodeReport& report) {
    scope.events.NodeStarts(report);
    if (node.unit != nullptr) return RunUnit(scope, node, report);
    const CompiledSql sql = scope.compiler.Compile(node, false, {});
    report.compiled = sql.text;
    std::optional<TestRun> test;
    Tested tested;
    try {
        tested = TestedOf(scope, node);
        test = JudgeTest(scope, node, sql.text, tested);
    } catch (const Error& error) {
        const auto& declared = node.test->declared;
        if (declared) throw Error(error).At(declared->spot).With("test", node.test->name);
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    Note(*test, report);
    Log(scope, node, tested.name, *test);
}

}  // namespace tarn::pipeline
