#include "pipeline/node_test_run.h"

#include "base/check.h"
#include "base/text.h"
#include "pipeline/data_test_sql.h"
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
    if (!test.verdict) return;
    report.notices.push_back(fmt::format("test {} ({}): {}", test.rule,
                                         quality::NameOf(*test.verdict),
                                         quality::RowsText(test.failing)));
    if (*test.verdict == quality::Severity::kError) {
        report.state = NodeState::kFailed;
        report.message += (report.message.empty() ? "" : "; ") +
                          fmt::format("the test {} does not hold for {}", test.rule,
                                      quality::RowsText(test.failing));
    } else if (report.state != NodeState::kFailed) {
        report.state = NodeState::kWarned;
    }
}

// Tests have a run of their own in the log, so that they are there also when the model was up to
// date.
void Log(const BuildScope& scope, const Node& node, const std::vector<TestRun>& tests) {
    catalog::RunLog& log = scope.parts.catalog.Runs();
    catalog::RunRecord record;
    record.build_id = scope.build_id;
    record.node = node.test != nullptr ? node.id : node.id + ":tests";
    record.kind = catalog::RunKind::kTest;
    record = log.Start(record);
    record.state = catalog::RunState::kSucceeded;
    std::vector<catalog::QualityRecord> checks;
    for (const TestRun& test : tests) {
        catalog::QualityRecord check;
        check.run_number = record.number;
        check.node = node.id;
        check.rule = test.rule;
        check.action = "test";
        check.severity = test.severity == quality::Severity::kError ? "error" : "warning";
        check.rows_failed = test.failing;
        check.passed = !test.verdict;
        if (test.verdict == quality::Severity::kError) record.state = catalog::RunState::kFailed;
        checks.push_back(std::move(check));
    }
    log.AppendQuality(checks);
    log.Finish(record);
}

}  // namespace

void RunDataTests(const BuildScope& scope, const Node& node, NodeReport& report) {
    std::vector<TestRun> tests;
    for (const quality::DataTest* declared : node.model->AllTests()) {
        if (node.late_tests.contains(declared)) continue;
        const std::string rows = scope.compiler.CompileTemplate(
            TestTemplate(*declared, RefTo(*node.model)), declared->spot);
        try {
            tests.push_back(Judge(scope.parts.session, declared->name, rows, declared->options));
        } catch (const Error& error) {
            throw Error(error).At(declared->spot).With("test", declared->name);
        }
        Note(tests.back(), report);
    }
    if (!tests.empty()) Log(scope, node, tests);
}

void RunSingularTest(const BuildScope& scope, const Node& node, NodeReport& report) {
    const CompiledSql sql = scope.compiler.Compile(node, false, {});
    std::optional<TestRun> test;
    try {
        test = Judge(scope.parts.session, node.test->name, sql.text, node.test_options);
    } catch (const Error& error) {
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    Note(*test, report);
    Log(scope, node, {*test});
}

}  // namespace tarn::pipeline
