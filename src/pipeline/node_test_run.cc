#include "pipeline/node_test_run.h"

#include "base/check.h"
#include "base/text.h"
#include "quality/row_law.h"

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

}  // namespace

void RunTest(const BuildScope& scope, const Node& node, NodeReport& report) {
    const CompiledSql sql = scope.compiler.Compile(node, false, {});
    report.compiled = sql.text;
    std::optional<TestRun> test;
    try {
        test = Judge(scope.parts.session, node.test->name, sql.text, node.test_options);
    } catch (const Error& error) {
        const auto& declared = node.test->declared;
        if (declared) throw Error(error).At(declared->spot).With("test", node.test->name);
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    Note(*test, report);
    Log(scope, node, *test);
}

}  // namespace tarn::pipeline
