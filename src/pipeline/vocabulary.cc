#include "pipeline/vocabulary.h"

namespace tarn::pipeline {

const std::vector<Word>& ModelKeys() {
    static const std::vector<Word> keys = {
        {"name", "the model's, or `schema.name`"},
        {"description", "what its table holds; also the table's comment"},
        {"layer", "bronze, silver or gold; by default the first folder, where it is one of these"},
        {"owner", "who answers for it"},
        {"service_level", "how fresh it is kept"},
        {"consumers", "who reads it"},
        {"config", "settings, as in config(...)"},
        {"columns", "its columns, with their tests"},
        {"data_tests",
         "tests of the model as a whole: checks by their names, and macros `{% test name(model) "
         "%}`"},
        {"tests", "the same, as older projects spell it"},
        {"expectations", "rules on each row: name, condition, action, description"},
        {"deduplicate", "keys and order_by: of rows with equal keys, the first in the order stays"},
        {"tags", "words for selection (-s tag:word)"},
        {"meta", "free words for people and tools"},
    };
    return keys;
}

const std::vector<Word>& ColumnKeys() {
    static const std::vector<Word> keys = {
        {"name", "the column's"},
        {"description", "what it holds"},
        {"data_type", "what a contract holds the column to; without one the SELECT decides"},
        {"data_tests", "tests that run after the model"},
        {"tests", "the same, as older projects spell it"},
        {"tags", "free words"},
        {"meta", "free words for people and tools"},
    };
    return keys;
}

const std::vector<Word>& ConfigKeys() {
    static const std::vector<Word> keys = {
        {"materialized",
         "table (default), incremental, streaming: what is new in its input is added, auto_cdc: "
         "its "
         "rows are changes, history: a row a version of each unique_key, view, ephemeral or "
         "materialized_view: a table that is refreshed from what changed in its sources"},
        {"refresh",
         "of materialized_view: auto (default): from what changed in its sources, where its SQL "
         "allows it and it pays, else all is made again; incremental: only so; or full"},
        {"incremental_strategy",
         "append (default without `unique_key`), delete+insert (default with it), merge, "
         "insert_overwrite: the partitions that new rows touch are replaced, replace_where, or "
         "microbatch: interval by interval (`event_time`, `begin`, `batch_size`, `lookback`)"},
        {"unique_key",
         "columns whose values are unique: a new row takes the place of one that has its key"},
        {"merge_update_columns", "the columns that `merge` changes in a row that is there"},
        {"merge_exclude_columns", "the columns that `merge` leaves as they are"},
        {"incremental_predicates",
         "further conditions of merge and delete+insert, over DBT_INTERNAL_DEST and "
         "DBT_INTERNAL_SOURCE"},
        {"replace_where", "the condition of `incremental_strategy: replace_where`"},
        {"on_schema_change",
         "what becomes of new columns of an incremental model: fail, ignore (default in a dbt "
         "project), append_new_columns or sync_all_columns"},
        {"watermark",
         "of streaming: {column: occurred_at, delay: 10 minutes}: rows get is_late_arrival and "
         "ingestion_lag_secs, and `deduplicate` looks no further back than it must"},
        {"keys", "of auto_cdc: the columns that say whose row a change is"},
        {"sequence_by",
         "of auto_cdc: the column that orders changes, or several, compared in turn"},
        {"apply_as_deletes", "of auto_cdc: the condition under which a change deletes its row"},
        {"apply_as_truncates",
         "of auto_cdc: the condition under which a change deletes all rows before it"},
        {"ignore_null_updates", "of auto_cdc: a NULL leaves the value that is there"},
        {"column_list", "of auto_cdc: the columns of the table; by default all"},
        {"except_column_list", "of auto_cdc: all columns but these"},
        {"stored_as_scd_type",
         "of auto_cdc: 1 (default), a row a key, or 2, a row a version with __START_AT and "
         "__END_AT"},
        {"track_history_column_list", "of SCD type 2: only changes of these make a version"},
        {"track_history_except_column_list", "of SCD type 2: changes of these make no version"},
        {"soft_deletes",
         "of SCD type 1: deleted rows stay, with is_deleted and deleted_at, the delete's sequence"},
        {"change_format",
         "of auto_cdc: rows (default), or debezium: the model's rows hold its envelopes"},
        {"change_columns", "of debezium: the types of the captured table's columns, by name"},
        {"partition_by", "columns by whose values the table's files are split"},
        {"tags", "words for selection (-s tag:word)"},
        {"quarantine_columns", "columns of the SELECT that only the quarantine keeps"},
        {"strict",
         "true: columns whose types are not those that the YAML declares or that the table has, "
         "and "
         "casts between texts and numbers, dates or times that nobody wrote, are refused; by "
         "default as `strict_layers` of tarn.yml says"},
        {"row_preserving",
         "is the law of rows checked; by default where rows are judged or deduplicated"},
        {"rows_from", "the input whose rows are counted as in, where there are several"},
        {"enabled", "false: the model is left out"},
        {"event_time",
         "the column of the time by which `microbatch` parts rows, also of its inputs"},
        {"begin", "where the first batch of `microbatch` begins: 2024-01-01"},
        {"batch_size", "of `microbatch`: hour, day, month or year"},
        {"lookback", "how many batches of `microbatch` each run makes again; 1"},
        {"meta", "free words for people and tools"},
    };
    return keys;
}

const std::vector<Word>& TemplateFunctions() {
    static const std::vector<Word> functions = {
        {"ref", "ref('model'), ref('schema', 'model'): the table of a model"},
        {"source", "source('schema', 'table'): a table that no model makes"},
        {"stream", "stream(relation): in an incremental model, only the rows that are new in it"},
        {"config", "config(key=value): settings; config.get('key', default)"},
        {"var", "var('name', default): a variable of --vars"},
        {"env_var", "env_var('NAME', default): an environment variable"},
        {"is_incremental", "is_incremental(): are rows added to a table that is there"},
        {"adapter",
         "adapter.dispatch('macro'): tarn__macro, duckdb__macro or default__macro; get_relation, "
         "get_columns_in_relation, create_schema, drop_relation, execute and more, as dbt has "
         "them"},
        {"log", "log('words', info=true): words for who builds; a lake's need no `info`"},
        {"print", "print('words'): words for who builds"},
        {"fromyaml", "fromyaml(text, default): YAML as a value"},
        {"exceptions",
         "exceptions.raise_compiler_error('words') refuses; exceptions.warn('words')"},
    };
    return functions;
}

const std::vector<Word>& LayerLaws() {
    static const std::vector<Word> laws = {
        {"gold_has_owner", "every gold model says who owns it (`owner`)"},
        {"gold_has_service_level", "every gold model says how fresh it is kept (`service_level`)"},
        {"gold_has_consumers", "every gold model says who reads it (`consumers`)"},
        {"gold_has_description", "every gold model says what it holds (`description`)"},
        {"gold_reads_no_bronze", "gold is made from silver and gold only"},
    };
    return laws;
}

const std::vector<std::string>& DbtFileKeys() {
    static const std::vector<std::string> keys = {
        "version",       "models",    "seeds",      "sources",         "macros",     "analyses",
        "groups",        "exposures", "metrics",    "semantic_models", "data_tests", "tests",
        "saved_queries", "snapshots", "unit_tests", "functions",       "anchors"};
    return keys;
}

const std::vector<std::string>& DbtModelKeys() {
    static const std::vector<std::string> keys = {"data_tests",
                                                  "tests",
                                                  "constraints",
                                                  "access",
                                                  "relation",
                                                  "group",
                                                  "latest_version",
                                                  "versions",
                                                  "docs",
                                                  "primary_key",
                                                  "time_spine",
                                                  "deprecation_date",
                                                  "semantic_model",
                                                  "agg_time_dimension",
                                                  "derived_semantics",
                                                  "metrics",
                                                  "primary_entity",
                                                  "identifier",
                                                  "static_analysis_off_reason"};
    return keys;
}

const std::vector<std::string>& DbtVersionKeys() {
    static const std::vector<std::string> keys = {
        "v",           "defined_in", "description", "access", "config",           "columns",
        "constraints", "data_tests", "tests",       "docs",   "deprecation_date", "meta",
        "tags",        "group"};
    return keys;
}

const std::vector<std::string>& DbtColumnKeys() {
    static const std::vector<std::string> keys = {
        "quote", "constraints", "config", "dimension", "entity", "granularity", "policy_tags"};
    return keys;
}

const std::vector<std::string>& DbtSourceKeys() {
    static const std::vector<std::string> keys = {
        "database", "loader",    "loaded_at_field", "loaded_at_query", "quoting", "freshness",
        "config",   "overrides", "external",        "data_tests",      "tests",   "catalog"};
    return keys;
}

std::vector<std::string> NamesOf(const std::vector<Word>& words) {
    std::vector<std::string> names;
    for (const Word& word : words) names.emplace_back(word.name);
    return names;
}

}  // namespace tarn::pipeline
