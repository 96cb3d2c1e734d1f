#include "pipeline/node_test_run.h"

#include "base/check.h"
#include "base/text.h"
#include "quality/row_law.h"

namespace tarn::pipeline {
namespace {

int64_t CountRows(engine::Session& session, const std::string& rows) {
    const auto answer = session.Query("SELECT count(*) FROM (\n" + rows + "\n)");
    const auto count = ParseInt(answer.at(0).at(0).value_or(""));
    Check(count.has_value(), "a count is a number");
    return *count;
}

struct TestRun {
    std::string rule;
    quality::Severity severity = quality::Severity::kError;
    int64_t failing = 0;
};

void Note(const TestRun& test, NodeReport& report) {
    if (test.failing == 0) return;
    const bool is_error = test.severity == quality::Severity::kError;
    report.notices.push_back(fmt::format("test {} ({}): {}", test.rule,
                                         quality::NameOf(test.severity),
                                         quality::RowsText(test.failing)));
    if (is_error) {
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
        check.passed = test.failing == 0;
        if (!check.passed && test.severity == quality::Severity::kError)
            record.state = catalog::RunState::kFailed;
        checks.push_back(std::move(check));
    }
    log.AppendQuality(checks);
    log.Finish(record);
}

}  // namespace

void RunDataTests(const BuildScope& scope, const Node& node, NodeReport& report) {
    std::vector<TestRun> tests;
    const std::string table = QuotedTable({node.model->schema, node.model->name});
    for (const ModelColumn& column : node.model->columns) {
        for (const quality::DataTest& declared : column.tests) {
            const std::string other =
                declared.to.empty() ? ""
                                    : scope.compiler.CompileExpression(declared.to, declared.spot);
            TestRun test{declared.name, declared.severity, 0};
            try {
                test.failing =
                    CountRows(scope.parts.session, quality::FailingRows(declared, table, other));
            } catch (const Error& error) {
                throw Error(error).At(declared.spot).With("test", declared.name);
            }
            Note(test, report);
            tests.push_back(std::move(test));
        }
    }
    if (!tests.empty()) Log(scope, node, tests);
}

void RunSingularTest(const BuildScope& scope, const Node& node, NodeReport& report) {
    const CompiledSql sql = scope.compiler.Compile(node, false, {});
    TestRun test{node.test->name, quality::Severity::kError, 0};
    try {
        test.failing = CountRows(scope.parts.session, sql.text);
    } catch (const Error& error) {
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    Note(test, report);
    Log(scope, node, {test});
}

}  // namespace tarn::pipeline
