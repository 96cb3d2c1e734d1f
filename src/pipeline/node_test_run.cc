#include "pipeline/node_test_run.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/dbt_names.h"
#include "pipeline/table_writer.h"
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
};

// Runs a test's SELECT and judges how many rows it gives.
TestRun Judge(engine::Session& session, const std::string& rule, const std::string& rows,
              const quality::TestOptions& options) {
    const std::string limit = options.limit ? fmt::format("\nLIMIT {}", *options.limit) : "";
    const auto answer = session.Query(
        fmt::format("SELECT n, n {}, n {} FROM (SELECT coalesce({}, 0) AS n FROM (\n{}{}\n) AS "
                    "failing) AS counted",
                    options.error_if, options.warn_if, options.fail_calc, rows, limit));
    const auto count = ParseInt(answer.at(0).at(0).value_or(""));
    if (!count) {
        throw Error(ErrorKind::kInvalidInput, "`fail_calc: {}` gives no whole number",
                    options.fail_calc);
    }
    TestRun test{rule, *count, std::nullopt, options.severity};
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
    if (!test.verdict) return;
    report.notices.push_back(fmt::format("test {} ({}): {}", test.rule,
                                         quality::NameOf(*test.verdict),
                                         quality::RowsText(test.failing)));
    if (*test.verdict == quality::Severity::kError) {
        report.state = NodeState::kFailed;
        report.message = fmt::format("the test {} does not hold for {}", test.rule,
                                     quality::RowsText(test.failing));
    } else {
        report.state = NodeState::kWarned;
    }
}

void Log(const BuildScope& scope, const Node& node, const TestRun& test) {
    catalog::RunLog& log = scope.parts.catalog.Runs();
    catalog::RunRecord record;
    record.build_id = scope.build_id;
    record.node = node.id;
    record.kind = catalog::RunKind::kTest;
    record = log.Start(record);
    catalog::QualityRecord check;
    check.run_number = record.number;
    check.node = node.tested_node ? scope.graph.Nodes()[*node.tested_node].id : node.id;
    check.rule = test.rule;
    check.action = "test";
    check.severity = test.severity == quality::Severity::kError ? "error" : "warning";
    check.rows_failed = test.failing;
    check.passed = !test.verdict;
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
    Log(scope, node, test);
}

}  // namespace

void RunTest(const BuildScope& scope, const Node& node, NodeReport& report) {
    if (node.unit != nullptr) return RunUnit(scope, node, report);
    const CompiledSql sql = scope.compiler.Compile(node, false, {});
    report.compiled = sql.text;
    std::optional<TestRun> test;
    try {
        test = Judge(scope.parts.session, node.test->name,
                     Kept(scope, node.test->name, sql.text, node.test_options), node.test_options);
    } catch (const Error& error) {
        const auto& declared = node.test->declared;
        if (declared) throw Error(error).At(declared->spot).With("test", node.test->name);
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    Note(*test, report);
    Log(scope, node, *test);
}

}  // namespace tarn::pipeline
