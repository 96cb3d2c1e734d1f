#include "catalog/migrations.h"

namespace tarn::catalog {

namespace {

// Times are UTC microseconds. `folded` is the look-up key (ASCII folding), `identity` what creation
// compares (Unicode folding): names.h. A tombstone is a dropped managed table whose files may still
// lie there.
const Migration kFirst = {
    "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), schema_number INTEGER NOT NULL,"
    " change_counter INTEGER NOT NULL)",
    "INSERT INTO state VALUES (1, 0, 1)",

    "CREATE TABLE schemas (folded TEXT PRIMARY KEY, identity TEXT NOT NULL UNIQUE, name TEXT NOT "
    "NULL,"
    " comment TEXT NOT NULL, created_us INTEGER NOT NULL)",
    "INSERT INTO schemas VALUES ('main', 'main', 'main', '', 0)",

    "CREATE TABLE entries (id TEXT PRIMARY KEY, schema_folded TEXT NOT NULL REFERENCES schemas "
    "(folded),"
    " folded TEXT NOT NULL, identity TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, format "
    "TEXT NOT NULL,"
    " location TEXT NOT NULL, managed INTEGER NOT NULL, view_sql TEXT NOT NULL, comment TEXT NOT "
    "NULL,"
    " properties TEXT NOT NULL, created_us INTEGER NOT NULL, UNIQUE (schema_folded, folded),"
    " UNIQUE (schema_folded, identity))",
    "CREATE INDEX entries_location ON entries (location)",

    "CREATE TABLE tombstones (id TEXT PRIMARY KEY, schema_name TEXT NOT NULL, name TEXT NOT NULL,"
    " format TEXT NOT NULL, location TEXT NOT NULL, comment TEXT NOT NULL, properties TEXT NOT "
    "NULL,"
    " created_us INTEGER NOT NULL, dropped_us INTEGER NOT NULL)",
    "CREATE INDEX tombstones_location ON tombstones (location)",

    "CREATE TABLE runs (number INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE,"
    " build_id TEXT NOT NULL, node TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,"
    " started_us INTEGER NOT NULL, finished_us INTEGER, idempotency_key TEXT NOT NULL,"
    " source_versions TEXT NOT NULL, target TEXT NOT NULL, target_version INTEGER, rows_in INTEGER "
    "NOT NULL,"
    " rows_written INTEGER NOT NULL, rows_dropped INTEGER NOT NULL, rows_quarantined INTEGER NOT "
    "NULL,"
    " rows_duplicate INTEGER NOT NULL, files_written INTEGER NOT NULL, bytes_written INTEGER NOT "
    "NULL,"
    " error_kind TEXT NOT NULL, error_message TEXT NOT NULL)",
    "CREATE INDEX runs_node ON runs (node, number)",
    "CREATE INDEX runs_build ON runs (build_id, number)",
    "CREATE INDEX runs_key ON runs (idempotency_key, number)",
    "CREATE INDEX runs_started ON runs (started_us)",

    "CREATE TABLE quality (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " run_number INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE, node TEXT NOT NULL,"
    " rule TEXT NOT NULL, action TEXT NOT NULL, severity TEXT NOT NULL, rows_checked INTEGER NOT "
    "NULL,"
    " rows_failed INTEGER NOT NULL, passed INTEGER NOT NULL, sample TEXT NOT NULL, checked_us "
    "INTEGER NOT NULL)",
    "CREATE INDEX quality_run ON quality (run_number)",

    "CREATE TABLE leases (name TEXT PRIMARY KEY, token TEXT NOT NULL, holder TEXT NOT NULL, host "
    "TEXT NOT NULL,"
    " process INTEGER NOT NULL, process_started TEXT NOT NULL, purpose TEXT NOT NULL, since_us "
    "INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL)",
};

// The lake's folder when the locations were written, to follow it when it is moved or copied.
const Migration kRoot = {"ALTER TABLE state ADD COLUMN root TEXT NOT NULL DEFAULT ''"};

// From here on `kind` may be "function", which an older Tarn would take for a table.
const Migration kFunctions = {};

// The history of statements. `host`, `process` and `process_started` say which process runs it
// (process_identity.h); versions and scans are JSON.
const Migration kQueries = {
    "CREATE TABLE queries (number INTEGER PRIMARY KEY, query_id TEXT NOT NULL, user_name TEXT NOT "
    "NULL, node TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, process_started TEXT "
    "NOT NULL, state TEXT NOT NULL, statement_type TEXT NOT NULL, statement TEXT NOT NULL,"
    " started_us INTEGER NOT NULL, finished_us INTEGER, total_us INTEGER, queue_us INTEGER NOT "
    "NULL, rows_returned INTEGER, rows_affected INTEGER, bytes_scanned INTEGER, files_read INTEGER,"
    " files_skipped INTEGER, files_written INTEGER, bytes_written INTEGER, reruns INTEGER,"
    " read_versions TEXT NOT NULL, written_versions TEXT NOT NULL, scans TEXT NOT NULL,"
    " error_kind TEXT NOT NULL, error_message TEXT NOT NULL)",
    "CREATE INDEX queries_running ON queries (process) WHERE state = 'running'",
};

// Functions have names of their own (entry_rows.cc), which tables and views may have as well.
const Migration kFunctionNames = {
    "UPDATE entries SET folded = folded || char(31), identity = identity || char(31) WHERE kind = "
    "'function'",
};

// What was announced and published of data contracts (contract_log.h).
const Migration kContracts = {
    "CREATE TABLE contracts (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, act "
    "TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, at_us INTEGER NOT NULL, by_whom "
    "TEXT "
    "NOT NULL)",
    "CREATE INDEX contracts_name ON contracts (name, act, number)",
};

// As in entries: a JSON object of texts.
const Migration kSchemaProperties = {
    "ALTER TABLE schemas ADD COLUMN properties TEXT NOT NULL DEFAULT '{}'"};

// What a check judged: the table and the column, by which versions, and what it measured (a number
// as text, NULL where it counted rows). rows_checked is -1 where rows were not counted.
const Migration kMeasuredQuality = {
    "ALTER TABLE quality ADD COLUMN table_name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quality ADD COLUMN column_name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quality ADD COLUMN threshold TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quality ADD COLUMN value TEXT",
    "ALTER TABLE quality ADD COLUMN versions TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE quality ADD COLUMN measure TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX quality_measure ON quality (node, measure, number) WHERE measure <> ''",
};

// Jobs, their runs and the tasks of these (job_log.h); a run of a node knows the run of a job that
// it belongs to. `owner` has the run until `lease_until_us`, as long as its process is there.
const Migration kJobs = {
    "CREATE TABLE jobs (job TEXT PRIMARY KEY, first_seen_us INTEGER NOT NULL, scheduled_until_us "
    "INTEGER NOT NULL, cursors TEXT NOT NULL, is_paused INTEGER NOT NULL, paused_by TEXT NOT NULL, "
    "paused_us INTEGER)",
    "CREATE TABLE job_runs (number INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE, "
    "job TEXT NOT NULL, scheduled_us INTEGER NOT NULL, trigger_kind TEXT NOT NULL, state TEXT NOT "
    "NULL, reason TEXT NOT NULL, parameters TEXT NOT NULL, files TEXT NOT NULL, interval_start_us "
    "INTEGER NOT NULL, interval_end_us INTEGER NOT NULL, queued_us INTEGER NOT NULL, started_us "
    "INTEGER, finished_us INTEGER, owner TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT "
    "NULL, process_started TEXT NOT NULL, lease_until_us INTEGER NOT NULL, cancel_asked INTEGER "
    "NOT NULL, is_late INTEGER NOT NULL, error_message TEXT NOT NULL, UNIQUE (job, scheduled_us))",
    "CREATE INDEX job_runs_state ON job_runs (state, number)",
    "CREATE TABLE job_tasks (number INTEGER PRIMARY KEY AUTOINCREMENT, run_number INTEGER NOT NULL "
    "REFERENCES job_runs (number) ON DELETE CASCADE, task TEXT NOT NULL, verb TEXT NOT NULL, state "
    "TEXT NOT NULL, attempt INTEGER NOT NULL, pool TEXT NOT NULL, slots INTEGER NOT NULL, "
    "not_before_us INTEGER, started_us INTEGER, finished_us INTEGER, exit_code INTEGER, error_kind "
    "TEXT NOT NULL, error_message TEXT NOT NULL, output TEXT NOT NULL, UNIQUE (run_number, task))",
    "CREATE INDEX job_tasks_pool ON job_tasks (pool, state)",
    "ALTER TABLE runs ADD COLUMN job_run_id TEXT NOT NULL DEFAULT ''",
};

// Where columns come from (lineage_log.h): a statement once, however often it ran, with its inputs
// and its edges; an edge of no effect says only that there is an input. `lineage` is all of it.
const Migration kLineage = {
    "CREATE TABLE lineage_statements (number INTEGER PRIMARY KEY AUTOINCREMENT, shape TEXT NOT "
    "NULL UNIQUE, node TEXT NOT NULL, run_id TEXT NOT NULL, query_id TEXT NOT NULL, output_kind "
    "TEXT NOT NULL, output_id TEXT NOT NULL, output TEXT NOT NULL, output_version INTEGER, is_cut "
    "INTEGER NOT NULL, edges INTEGER NOT NULL, first_seen_us INTEGER NOT NULL, last_seen_us "
    "INTEGER NOT NULL)",
    "CREATE INDEX lineage_statements_seen ON lineage_statements (last_seen_us)",
    "CREATE TABLE lineage_inputs (statement INTEGER NOT NULL REFERENCES lineage_statements "
    "(number), place INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, input TEXT NOT NULL, "
    "version INTEGER, PRIMARY KEY (statement, place))",
    "CREATE TABLE lineage_edges (number INTEGER PRIMARY KEY AUTOINCREMENT, statement INTEGER NOT "
    "NULL REFERENCES lineage_statements (number), place INTEGER NOT NULL, input_column TEXT NOT "
    "NULL, output_column TEXT NOT NULL, effect TEXT NOT NULL, masking INTEGER NOT NULL)",
    "CREATE INDEX lineage_edges_statement ON lineage_edges (statement)",
    "CREATE VIEW lineage AS SELECT e.number AS number, e.statement AS statement, s.node AS node, "
    "s.run_id AS run_id, s.query_id AS query_id, s.output_kind AS output_kind, s.output AS "
    "output_table, s.output_id AS output_id, e.output_column AS output_column, s.output_version "
    "AS output_version, i.kind AS input_kind, i.input AS input_table, i.id AS input_id, "
    "e.input_column AS input_column, i.version AS input_version, e.effect AS effect, e.masking AS "
    "masking, s.is_cut AS is_cut, s.first_seen_us AS first_seen_us, s.last_seen_us AS "
    "last_seen_us FROM lineage_edges e JOIN lineage_statements s ON s.number = e.statement JOIN "
    "lineage_inputs i ON i.statement = e.statement AND i.place = e.place",
};

// Who wrote a run, how long what was new for it had waited, and whether that is within what its
// table promises.
const Migration kRunLag = {
    "ALTER TABLE runs ADD COLUMN written_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE runs ADD COLUMN lag_us INTEGER",
    "ALTER TABLE runs ADD COLUMN service_level_met INTEGER",
};

// How the table of a materialized view was brought up to date, and why so.
const Migration kRefresh = {"ALTER TABLE runs ADD COLUMN refresh TEXT NOT NULL DEFAULT ''"};

// From here on the kind of a run may be "replay" or "discard", which an older Tarn does not know.
const Migration kReplays = {};

}  // namespace

const std::vector<Migration>& Migrations() {
    static const std::vector<Migration> all = {
        kFirst,         kRoot,      kFunctions,        kQueries,
        kFunctionNames, kContracts, kSchemaProperties, kMeasuredQuality,
        kJobs,          kLineage,   kRunLag,           kRefresh,
        kReplays};
    return all;
}

}  // namespace tarn::catalog
