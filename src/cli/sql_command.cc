#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/result_writer.h"
#include "cli/run.h"
#include "cli/shell.h"
#include "cli/statement_runner.h"
#include "sql/dialect.h"

namespace tarn::cli {

namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kShellRows = 1000;

constexpr const char* kExamples =
    R"(Statements end with `;`. Without -c and FILE: a shell on a terminal, else the statements
of standard input, each run and answered as it arrives.

Examples:
  tarn sql                                        the shell over the nearest lake upward
  tarn sql -c "select count(*) from silver.flights"
  tarn sql --lake my-lake report.sql --format csv > report.csv
  echo "select 1;" | tarn sql --format jsonl -

The SQL is DuckDB's and the lakehouse's own statements, or Spark's with --dialect spark. A table
keeps every version; each statement makes one, or none when it fails:
  CREATE TABLE events (id BIGINT, kind STRING, details STRUCT(page STRING, ms INTEGER));
  INSERT INTO events VALUES (1, 'click', {'page': '/', 'ms': 20}), (2, 'view', NULL);
  UPDATE events SET kind = 'tap', details.ms = 21 WHERE id = 1;
  MERGE INTO events USING (SELECT 3 AS id, 'view' AS kind) AS new ON events.id = new.id
    WHEN MATCHED THEN UPDATE SET kind = new.kind
    WHEN NOT MATCHED THEN INSERT (id, kind) VALUES (new.id, new.kind);
  SELECT * FROM events VERSION AS OF 1;
  DESCRIBE HISTORY events;
  RESTORE events TO VERSION AS OF 1;
  ALTER TABLE events ADD COLUMN seen TIMESTAMP;
  OPTIMIZE events;
  CREATE TABLE clicks AS SELECT * FROM events WHERE kind = 'click';
A file is a table too, 'data.csv', 'folder/*.parquet', and so is a Delta table by its folder:
delta.`/data/events`. More: docs/reference/sql.md, docs/how-to.
)";

struct SqlFlags {
    std::string lake;
    std::string command;
    bool has_command = false;
    std::string file;
    OutputFormat format = OutputFormat::kTable;
    bool keep_going = false;
    std::string dialect;  // empty: the lake's
    int64_t max_rows = static_cast<int64_t>(WriterOptions().max_rows);
};

std::string HistoryFile() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return std::string(state) + "/tarn/history";
    const char* home = std::getenv("HOME");
    return home == nullptr ? "" : std::string(home) + "/.local/state/tarn/history";
}

// A file to read statements from, closed with the object; standard input is left open.
class Input {
public:
    explicit Input(const std::string& file) : fd_(STDIN_FILENO) {
        if (file.empty() || file == "-") return;
        name_ = file;
        fd_ = open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd_ < 0) {
            throw Error(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable,
                        "cannot read {}: {}", file, std::strerror(errno));
        }
    }
    ~Input() {
        if (fd_ != STDIN_FILENO) close(fd_);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    int fd() const { return fd_; }
    const std::string& name() const { return name_; }
    // What has arrived, at least a byte; nothing at the end.
    std::string_view Read() {
        ssize_t count = 0;
        do {
            count = read(fd_, buffer_.data(), buffer_.size());
        } while (count < 0 && errno == EINTR);
        if (count < 0)
            throw Error(ErrorKind::kUnavailable, "cannot read the statements: {}",
                        std::strerror(errno));
        return {buffer_.data(), static_cast<size_t>(count)};
    }

private:
    int fd_;
    std::string name_;
    std::array<char, kReadBytes> buffer_{};
};

int RunInput(StatementRunner& runner, Input& input, Interrupts& interrupts) {
    while (true) {
        if (interrupts.WaitBeside(input.fd())) return kCancelled;
        const std::string_view text = input.Read();
        if (text.empty()) break;
        if (!runner.Feed(text)) return runner.ExitCode();
    }
    runner.Finish();
    return runner.ExitCode();
}

int RunSql(const SqlFlags& flags, Interrupts& interrupts) {
    const bool interactive =
        !flags.has_command && flags.file.empty() && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    Input input(flags.has_command ? "" : flags.file);
    const catalog::LakeConfig config = FindLake(flags.lake);
    LakeOptions opening;
    opening.dialect = flags.dialect.empty() ? config.dialect : sql::DialectNamed(flags.dialect);
    const auto lake = Lake::Open(config, opening);
    const auto session = lake->Connect();
    WriterOptions writing{.format = flags.format, .max_rows = static_cast<size_t>(flags.max_rows)};
    if (interactive) {
        writing.cut_long_answers = true;
        writing.max_rows = std::min(writing.max_rows, kShellRows);
        return RunShell({*session, lake->catalog(), interrupts, lake->clock()},
                        {.writer = writing, .history_file = HistoryFile()});
    }
    const auto writer = MakeResultWriter(std::cout, writing);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    // Rows that stream to the same terminal would run into the bar.
    const bool streams_there =
        (flags.format == OutputFormat::kCsv || flags.format == OutputFormat::kArrow) &&
        isatty(STDOUT_FILENO);
    StatementRunner runner(*session, *writer, interrupts, lake->clock(), std::cerr,
                           {.keep_going = flags.keep_going,
                            .errors_in_answer = flags.format == OutputFormat::kJson ||
                                                flags.format == OutputFormat::kJsonl,
                            .colour = terminal,
                            .progress = terminal && !streams_there,
                            .file = input.name()});
    int code = 0;
    if (flags.has_command) {
        if (runner.Feed(flags.command)) runner.Finish();
        code = runner.ExitCode();
    } else {
        code = RunInput(runner, input, interrupts);
    }
    writer->Finish();
    if (!std::cout.flush())
        throw Error(ErrorKind::kUnavailable, "the answer could not be written to the end");
    return code;
}

}  // namespace

void AddSqlCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<SqlFlags>();
    CLI::App* sql =
        app.add_subcommand("sql", "Run SQL over a lake: a shell, a file, or a conversation");
    sql->footer(kExamples);
    AddLakeOption(*sql, flags->lake);
    CLI::Option* command =
        sql->add_option("-c,--command", flags->command, "the statements themselves")
            ->type_name("SQL");
    sql->add_option("FILE", flags->file, "a file of statements; `-` is standard input")
        ->type_name("")
        ->excludes(command);
    const std::map<std::string, OutputFormat> formats{{"table", OutputFormat::kTable},
                                                      {"csv", OutputFormat::kCsv},
                                                      {"json", OutputFormat::kJson},
                                                      {"jsonl", OutputFormat::kJsonl},
                                                      {"arrow", OutputFormat::kArrow}};
    sql->add_option("--format", flags->format,
                    "table, csv, json, jsonl (one object a statement and line) or arrow (an Arrow "
                    "IPC stream a statement that gives rows)")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->type_name("NAME")
        ->default_str("table");
    sql->add_option("--dialect", flags->dialect,
                    "how the statements are spelled: tarn or spark (the lake's own unless given)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"tarn", "spark"}, CLI::ignore_case).description(""));
    sql->add_flag("--keep-going", flags->keep_going, "go on after a failed statement");
    sql->add_option("--max-rows", flags->max_rows,
                    "the longest answer of all formats but csv and arrow, which stream")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber.description(""))
        ->capture_default_str();
    sql->callback([flags, command, &chosen] {
        flags->has_command = command->count() > 0;
        chosen.action = [flags](Interrupts& interrupts) { return RunSql(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
