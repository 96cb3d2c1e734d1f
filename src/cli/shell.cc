#include "cli/shell.h"

#include <iostream>

#include "base/error.h"
#include "base/text.h"
#include "cli/completion.h"
#include "cli/error_text.h"
#include "cli/line_editor.h"
#include "cli/run.h"
#include "cli/statement_runner.h"
#include "sql/keywords.h"
#include "sql/quote.h"
#include "sql/splitter.h"

namespace tarn::cli {

namespace {

constexpr const char* kHelp = R"(A statement ends with `;` and may take several lines.
  .tables [SCHEMA]   tables and views         (also \d)
  .schema TABLE      the columns of a table   (also \d TABLE)
  .timing            shows the time of each statement, or not   (also \timing)
  .help              this page
  .quit              leave   (also \q, Ctrl-D)
Ctrl-C drops the line being typed or cancels the statement that runs.
Tab completes keywords and names.
)";

class Shell {
public:
    Shell(const ShellParts& parts, const ShellOptions& options)
        : parts_(parts),
          options_(options),
          editor_(parts.interrupts, options.history_file,
                  [this](std::string_view before) { return Complete(before); }) {
        for (const sql::Keyword& keyword : sql::Keywords()) keywords_.emplace_back(keyword.name);
        MakeRunner();
    }

    void Run() {
        std::cout << "Tarn, lake " << parts_.directory.CatalogName()
                  << ". `.help` helps, `.quit` leaves.\n"
                  << std::flush;
        std::string statement;  // as typed so far, for the history
        while (true) {
            const std::string& name = parts_.directory.CatalogName();
            const std::string rest =
                std::string(name.size() > 2 ? name.size() - 2 : 0, ' ') + "-> ";
            const EditedLine line = editor_.Read(runner_->IsInStatement() ? rest : name + "> ");
            if (line.kind == EditedLine::Kind::kEnd) break;
            if (line.kind == EditedLine::Kind::kInterrupted) {
                MakeRunner();
                statement.clear();
                continue;
            }
            if (!runner_->IsInStatement() && IsCommand(line.text)) {
                if (!RunCommand(std::string(Trim(line.text)))) return;
                editor_.Remember(line.text);
                continue;
            }
            statement += (statement.empty() ? "" : "\n") + line.text;
            const bool going = runner_->Feed(line.text + "\n");
            if (going && runner_->IsInStatement()) continue;
            if (!Trim(statement).empty()) editor_.Remember(statement);
            statement.clear();
            MakeRunner();
        }
        std::cout << "\n";
    }

private:
    // A new runner for each input, so that places in errors count from its begin.
    void MakeRunner() {
        writer_ = MakeResultWriter(std::cout, options_.writer);
        const RunnerOptions runner{
            .keep_going = true, .errors_in_answer = false, .colour = true, .progress = true};
        runner_ = std::make_unique<StatementRunner>(parts_.session, *writer_, parts_.interrupts,
                                                    parts_.clock, std::cerr, runner);
    }

    static bool IsCommand(std::string_view line) {
        const std::string_view text = Trim(line);
        return !text.empty() && (text[0] == '.' || text[0] == '\\');
    }

    // false: leave.
    bool RunCommand(const std::string& line) {
        const size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        std::string argument(
            space == std::string::npos ? "" : Trim(std::string_view(line).substr(space)));
        while (!argument.empty() && argument.back() == ';') argument.pop_back();
        if (word == ".quit" || word == ".exit" || word == "\\q") return false;
        try {
            if (word == ".help" || word == "\\?") {
                std::cout << kHelp;
            } else if (word == ".timing" || word == "\\timing") {
                options_.writer.show_time = !options_.writer.show_time;
                std::cout << "times are "
                          << (options_.writer.show_time ? "shown\n" : "not shown\n");
                MakeRunner();
            } else if (word == ".tables" || (word == "\\d" && argument.empty())) {
                std::cout << TablesText(argument);
            } else if (word == ".schema" || word == "\\d") {
                Describe(argument);
            } else {
                std::cout << "there is no command " << word << ": `.help` lists them\n";
            }
        } catch (const Error& error) {
            std::cerr << ErrorText(error, {.colour = true});
        }
        std::cout << std::flush;
        return true;
    }

    std::string TablesText(const std::string& schema) {
        std::string text;
        for (const auto& entry : parts_.directory.Schemas()) {
            if (!schema.empty() && !EqualsIgnoreCase(entry.name, schema)) continue;
            for (const auto& table : parts_.directory.List(entry.name)) {
                text += table.name.ToString();
                text += table.kind == engine::EntryKind::kView ? "  (view)\n" : "\n";
            }
        }
        return text.empty() ? "no tables yet\n" : text;
    }

    void Describe(const std::string& table) {
        if (table.empty())
            throw Error(ErrorKind::kInvalidInput, "name a table: .schema silver.events");
        const engine::TableName name = parts_.session.ResolveName(table);
        const std::string quoted =
            sql::QuoteIdentifier(name.schema) + "." + sql::QuoteIdentifier(name.name);
        runner_->RunOne({.text = "DESCRIBE " + quoted});
    }

    Completion Complete(std::string_view before) {
        if (names_counter_ != parts_.directory.ChangeCounter() || names_.empty()) {
            names_counter_ = parts_.directory.ChangeCounter();
            names_.clear();
            for (const auto& schema : parts_.directory.Schemas()) {
                names_.push_back(schema.name);
                for (const auto& entry : parts_.directory.List(schema.name)) {
                    names_.push_back(entry.name.ToString());
                    if (schema.name == "main") names_.push_back(entry.name.name);
                }
            }
        }
        return cli::Complete(before, names_, keywords_);
    }

    const ShellParts parts_;
    ShellOptions options_;
    std::vector<std::string> keywords_;
    std::vector<std::string> names_;
    uint64_t names_counter_ = 0;
    LineEditor editor_;
    std::unique_ptr<ResultWriter> writer_;
    std::unique_ptr<StatementRunner> runner_;
};

}  // namespace

int RunShell(const ShellParts& parts, const ShellOptions& options) {
    Shell(parts, options).Run();
    return kDone;
}

}  // namespace tarn::cli
