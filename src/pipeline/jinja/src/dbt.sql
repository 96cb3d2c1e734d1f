{#- What dbt gives to every project under the name `dbt`, for the engine's own SQL. A project's macro of
    the same name wins where it is called without `dbt.`. -#}

{#- Types. To the engine that a duckdb profile means, FLOAT has four bytes, to the others eight. -#}
{% macro type_string() %}TEXT{% endmacro %}
{% macro type_int() %}integer{% endmacro %}
{% macro type_bigint() %}bigint{% endmacro %}
{% macro type_numeric() %}numeric(28,6){% endmacro %}
{% macro type_float() %}{{ 'float' if target.type == 'duckdb' else 'double' }}{% endmacro %}
{% macro type_boolean() %}boolean{% endmacro %}
{% macro type_timestamp() %}timestamp{% endmacro %}

{#- Casts -#}
{% macro cast(field, type) %}CAST({{ field }} AS {{ type }}){% endmacro %}
{% macro safe_cast(field, type) %}TRY_CAST({{ field }} AS {{ type }}){% endmacro %}
{% macro cast_bool_to_text(field) %}CAST({{ field }} AS VARCHAR){% endmacro %}

{#- Texts -#}
{% macro concat(fields) %}{{ fields | join(' || ') }}{% endmacro %}
{% macro hash(field) %}md5(CAST({{ field }} AS VARCHAR)){% endmacro %}
{% macro length(expression) %}length({{ expression }}){% endmacro %}
{% macro position(substring_text, string_text) %}strpos({{ string_text }}, {{ substring_text }}){% endmacro %}
{% macro replace(field, old_chars, new_chars) %}replace({{ field }}, {{ old_chars }}, {{ new_chars }}){% endmacro %}
{% macro right(string_text, length_expression) %}right({{ string_text }}, {{ length_expression }}){% endmacro %}
{#- A part that is not there is NULL; those that are counted from the end have negative numbers -#}
{% macro split_part(string_text, delimiter_text, part_number) %}string_split({{ string_text }}, {{ delimiter_text }})[{{ part_number }}]{% endmacro %}
{% macro escape_single_quotes(expression) %}{{ expression | replace("'", "''") }}{% endmacro %}
{#- Who gives a value with quotes in it escapes it first, by escape_single_quotes -#}
{% macro string_literal(value) %}'{{ value }}'{% endmacro %}

{#- Dates -#}
{% macro current_timestamp() %}now(){% endmacro %}
{% macro current_timestamp_backcompat() %}CAST(current_timestamp AS TIMESTAMP){% endmacro %}
{% macro current_timestamp_in_utc_backcompat() %}{{ current_timestamp_backcompat() }}{% endmacro %}
{% macro snapshot_get_time() %}CAST({{ current_timestamp() }} AS TIMESTAMP){% endmacro %}
{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
{%- set is_text = (from_date_or_timestamp | string | trim).startswith("'") -%}
({{ 'TIMESTAMP ' if is_text }}{{ from_date_or_timestamp }} + CAST({{ interval }} AS BIGINT) * INTERVAL 1 {{ datepart | lower }})
{%- endmacro %}
{#- Of weeks, seven days count; the place in its week, which begins on Sunday, decides what is over -#}
{% macro datediff(first_date, second_date, datepart) -%}
{%- set first = 'CAST(' ~ first_date ~ ' AS TIMESTAMP)' -%}
{%- set second = 'CAST(' ~ second_date ~ ' AS TIMESTAMP)' -%}
{%- if datepart == 'week' -%}
(date_diff('day', {{ first }}, {{ second }}) // 7 + CASE
WHEN date_part('dow', {{ first }}) <= date_part('dow', {{ second }}) THEN CASE WHEN {{ first }} <= {{ second }} THEN 0 ELSE -1 END
ELSE CASE WHEN {{ first }} <= {{ second }} THEN 1 ELSE 0 END END)
{%- else -%}
date_diff('{{ datepart }}', {{ first }}, {{ second }})
{%- endif -%}
{%- endmacro %}
{% macro date_trunc(datepart, date) %}date_trunc('{{ datepart }}', {{ date }}){% endmacro %}
{% macro date(year, month, day) %}make_date({{ year }}, {{ month }}, {{ day }}){% endmacro %}
{% macro last_day(date, datepart) %}CAST(date_trunc('{{ datepart }}', {{ date }}) + INTERVAL 1 {{ datepart }} - INTERVAL 1 day AS DATE){% endmacro %}

{% macro convert_datetime(date_str, date_fmt) %}{% do return(modules.datetime.datetime.strptime(date_str | string, date_fmt)) %}{% endmacro %}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
{%- set start = convert_datetime(start_date_str, in_fmt) -%}
{%- set end = convert_datetime(end_date_str or start_date_str, in_fmt) -%}
{%- set dates = [] -%}
{%- for n in range((end - start).days + 1) -%}
{% do dates.append((start + modules.datetime.timedelta(days=n)).strftime(out_fmt)) %}
{%- endfor -%}
{% do return(dates) %}
{% endmacro %}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
{%- set parts = (raw_partition_date | string).split(',') -%}
{% do return(dates_in_range(parts[0], parts[-1], in_fmt=date_fmt)) %}
{% endmacro %}
{% macro py_current_timestring() %}{% do return(modules.datetime.datetime.now().strftime('%H%M%S%f')) %}{% endmacro %}

{#- Aggregates and sets -#}
{% macro equals(expr1, expr2) %}({{ expr1 }} = {{ expr2 }}){% endmacro %}
{#- The first value, which may be NULL -#}
{% macro any_value(expression) %}arbitrary({{ expression }}){% endmacro %}
{% macro bool_or(expression) %}bool_or({{ expression }}){% endmacro %}
{% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
{%- if limit_num -%}
list_aggregate((list({{ measure }} {{ order_by_clause or '' }}))[1:{{ limit_num }}], 'string_agg', {{ delimiter_text }})
{%- else -%}
string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
{%- endif -%}
{%- endmacro %}
{% macro except() %}EXCEPT{% endmacro %}
{% macro intersect() %}INTERSECT{% endmacro %}
{% macro array_construct(inputs=none, data_type='integer') -%}
[{{ (inputs or []) | join(', ') }}]{% if not inputs %}::{{ data_type }}[]{% endif %}
{%- endmacro %}
{% macro array_append(array, new_element) %}list_append({{ array }}, {{ new_element }}){% endmacro %}
{% macro array_concat(array_1, array_2) %}list_concat({{ array_1 }}, {{ array_2 }}){% endmacro %}

{#- The rows of a relation that a test with `where` looks at -#}
{% macro get_where_subquery(relation) %}{% do return(relation) %}{% endmacro %}

{#- Questions to the lake, asked while a template is rendered; nothing is asked while the graph is made -#}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
{%- if execute -%}
{%- set sql = caller() -%}
{%- set answer = adapter.execute(sql, auto_begin=auto_begin, fetch=fetch_result) -%}
{%- if name is not none -%}{{ store_result(name, response=answer[0], agate_table=answer[1]) }}{%- endif -%}
{%- endif -%}
{%- endmacro %}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) %}{% endmacro %}
{% macro run_query(sql) %}
{%- if not execute -%}{% do return(tarn_nothing) %}{%- endif -%}
{% do return(adapter.execute(sql, fetch=true)[1]) %}
{% endmacro %}
{% macro get_columns_in_query(select_sql) %}
{%- if not execute -%}{% do return([]) %}{%- endif -%}
{% do return(run_query('select * from (' ~ select_sql ~ '\n) limit 0').column_names) %}
{% endmacro %}
{% macro get_column_schema_from_query(select_sql, select_sql_header=none) %}{% do return(adapter.get_column_schema_from_query(select_sql)) %}{% endmacro %}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) %}select * from ({{ select_sql }}
) as __dbt_sbq where false limit 0{% endmacro %}
{% macro get_limit_subquery_sql(sql, limit) %}select * from ({{ sql }}
) as model_limit_subq limit {{ limit }}{% endmacro %}
{% macro get_columns_in_relation(relation) %}{% do return(adapter.get_columns_in_relation(relation)) %}{% endmacro %}
{% macro load_relation(relation) %}{% do return(adapter.load_relation(relation)) %}{% endmacro %}
{% macro load_cached_relation(relation) %}{% do return(adapter.load_relation(relation)) %}{% endmacro %}
{% macro check_schema_exists(information_schema, schema) %}{% do return(adapter.check_schema_exists(none, schema)) %}{% endmacro %}
{% macro list_relations_without_caching(schema_relation) %}{% do return(adapter.list_relations(none, schema_relation.schema)) %}{% endmacro %}
{% macro list_schemas(database) %}{% do return(adapter.list_schemas(database)) %}{% endmacro %}
{% macro create_schema(relation) %}{% do adapter.create_schema(relation) %}{% endmacro %}
{% macro drop_schema(relation) %}{% do adapter.drop_schema(relation) %}{% endmacro %}
{% macro information_schema_name(database=none) %}information_schema{% endmacro %}
{% macro validate_sql(sql) %}{% do return(run_query('explain ' ~ sql)) %}{% endmacro %}
{% macro drop_relation(relation) %}{% do adapter.drop_relation(relation) %}{% endmacro %}
{% macro drop_relation_if_exists(relation) %}{% if relation is not none %}{% do adapter.drop_relation(relation) %}{% endif %}{% endmacro %}
{% macro rename_relation(from_relation, to_relation) %}{% do adapter.rename_relation(from_relation, to_relation) %}{% endmacro %}
{% macro truncate_relation(relation) %}{% do adapter.truncate_relation(relation) %}{% endmacro %}
{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') %}{% do return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix})) %}{% endmacro %}

{#- What a run is asked to do -#}
{% macro should_full_refresh() %}
{%- set said = config.get('full_refresh') -%}
{% do return(flags.FULL_REFRESH if said is none else said) %}
{% endmacro %}
{% macro should_store_failures() %}
{%- set said = config.get('store_failures') -%}
{% do return(flags.STORE_FAILURES if said is none else said) %}
{% endmacro %}
{% macro before_begin(sql) %}{{ tojson({'sql': sql, 'transaction': false}) }}{% endmacro %}
{% macro in_transaction(sql) %}{{ tojson({'sql': sql, 'transaction': true}) }}{% endmacro %}
{% macro after_commit(sql) %}{{ tojson({'sql': sql, 'transaction': false}) }}{% endmacro %}

{#- Names -#}
{% macro generate_schema_name(custom_schema_name=none, node=none) %}{{ dbt.default__generate_schema_name(custom_schema_name, node) }}{% endmacro %}
{% macro default__generate_schema_name(custom_schema_name, node) -%}
{%- if custom_schema_name is none -%}{{ target.schema }}{%- else -%}{{ target.schema }}_{{ custom_schema_name | trim }}{%- endif -%}
{%- endmacro %}
{% macro generate_schema_name_for_env(custom_schema_name, node) -%}
{%- if target.name == 'prod' and custom_schema_name is not none -%}{{ custom_schema_name | trim }}{%- else -%}{{ target.schema }}{%- endif -%}
{%- endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
{%- if custom_alias_name -%}{{ custom_alias_name | trim }}
{%- elif node.version -%}{{ node.name ~ '_v' ~ (node.version | string | replace('.', '_')) }}
{%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}
{% macro generate_database_name(custom_database_name=none, node=none) -%}{{ custom_database_name or target.database }}{%- endmacro %}

{#- What materializations of a project are made from. Hooks run around them; a temporary relation is a
    table that is dropped behind them. -#}
{% macro run_hooks(hooks, inside_transaction=true) %}{% endmacro %}
{% macro set_sql_header(config) %}{% do config.set('sql_header', caller()) %}{% endmacro %}
{% macro apply_grants(relation, grant_config, should_revoke=true) %}{% endmacro %}
{% macro should_revoke(existing_relation, full_refresh_mode=true) %}{% do return(false) %}{% endmacro %}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) %}{% endmacro %}
{% macro create_indexes(relation) %}{% endmacro %}
{% macro make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}{% do return(make_temp_relation(base_relation, suffix)) %}{% endmacro %}
{% macro make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}{% do return(make_temp_relation(base_relation, suffix).incorporate(type=backup_relation_type)) %}{% endmacro %}
{% macro get_or_create_relation(database, schema, identifier, type) %}
{%- set found = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
{%- if found -%}{% do return([true, found]) %}{%- endif -%}
{% do return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) %}
{% endmacro %}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
create or replace table {{ relation.include(database=false) }} as (
{{ compiled_code }}
)
{%- endmacro %}
{% macro get_create_table_as_sql(temporary, relation, sql) %}{{ create_table_as(temporary, relation, sql) }}{% endmacro %}
{% macro create_view_as(relation, sql) -%}
create or replace view {{ relation.include(database=false) }} as (
{{ sql }}
)
{%- endmacro %}
{% macro get_create_view_as_sql(relation, sql) %}{{ create_view_as(relation, sql) }}{% endmacro %}
{% macro get_quoted_csv(column_names) -%}
{%- for name in column_names -%}{{ adapter.quote(name) }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}
{% macro get_columns_csv(columns) -%}{{ get_quoted_csv(columns | map(attribute='name') | list) }}{%- endmacro %}
{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
{%- set columns = get_columns_csv(dest_columns) -%}
insert into {{ target_relation }} ({{ columns }}) select {{ columns }} from {{ temp_relation }}
{%- endmacro %}
{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
{%- if unique_key -%}
{%- set keys = [unique_key] if unique_key is string else unique_key -%}
delete from {{ target }} where ({{ keys | join(', ') }}) in (select {{ '(' if keys | length > 1 }}{{ keys | join(', ') }}{{ ')' if keys | length > 1 }} from {{ source }})
{%- for predicate in incremental_predicates or [] %} and {{ predicate }}{% endfor -%};
{% endif -%}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}
{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
{%- set keys = ([unique_key] if unique_key is string else unique_key) if unique_key else [] -%}
{%- set meets = [] -%}
{%- for key in keys -%}{% do meets.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) %}{%- endfor -%}
{%- for predicate in incremental_predicates or [] -%}{% do meets.append('(' ~ predicate ~ ')') %}{%- endfor -%}
merge into {{ target }} as DBT_INTERNAL_DEST using {{ source }} as DBT_INTERNAL_SOURCE
on {{ meets | join(' and ') if meets else 'false' }}
{%- if keys %}
when matched then update set
{%- for column in dest_columns %} {{ adapter.quote(column.name) }} = DBT_INTERNAL_SOURCE.{{ adapter.quote(column.name) }}{{ ',' if not loop.last }}{% endfor -%}
{% endif %}
when not matched then insert ({{ get_columns_csv(dest_columns) }}) values (
{%- for column in dest_columns %}DBT_INTERNAL_SOURCE.{{ adapter.quote(column.name) }}{{ ', ' if not loop.last }}{% endfor -%}
)
{%- endmacro %}
{#- How an incremental model's table follows the columns of its rows -#}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
{%- set known = ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
{% do return(on_schema_change if on_schema_change in known else default) %}
{% endmacro %}
{% macro diff_columns(source_columns, target_columns) %}
{%- set names = target_columns | map(attribute='name') | list -%}
{%- set lacking = [] -%}
{%- for column in source_columns if column.name not in names -%}{% do lacking.append(column) %}{%- endfor -%}
{% do return(lacking) %}
{% endmacro %}
{% macro diff_column_data_types(source_columns, target_columns) %}
{%- set changed = [] -%}
{%- for column in source_columns -%}
{%- for other in target_columns if other.name == column.name and other.data_type != column.data_type -%}
{% do changed.append({'column_name': other.name, 'new_type': column.data_type}) %}
{%- endfor -%}
{%- endfor -%}
{% do return(changed) %}
{% endmacro %}
{% macro check_for_schema_changes(source_relation, target_relation) %}
{%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
{%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
{%- set added = diff_columns(source_columns, target_columns) -%}
{%- set gone = diff_columns(target_columns, source_columns) -%}
{%- set types = diff_column_data_types(source_columns, target_columns) -%}
{% do return({'schema_changed': (added or gone or types) and true, 'source_not_in_target': added, 'target_not_in_source': gone,
'source_columns': source_columns, 'target_columns': target_columns, 'new_target_types': types}) %}
{% endmacro %}
{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) %}
{%- for column in add_columns or [] -%}{% do run_query('alter table ' ~ relation ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.data_type) %}{%- endfor -%}
{%- for column in remove_columns or [] -%}{% do run_query('alter table ' ~ relation ~ ' drop column ' ~ adapter.quote(column.name)) %}{%- endfor -%}
{% endmacro %}
{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
{%- set is_sync = on_schema_change == 'sync_all_columns' -%}
{% do alter_relation_add_remove_columns(target_relation, schema_changes_dict.source_not_in_target, schema_changes_dict.target_not_in_source if is_sync else []) %}
{%- if is_sync -%}
{%- for change in schema_changes_dict.new_target_types -%}{% do alter_column_type(target_relation, change.column_name, change.new_type) %}{%- endfor -%}
{%- endif -%}
{% endmacro %}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
{%- if on_schema_change == 'ignore' -%}{% do return([]) %}{%- endif -%}
{%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
{%- if changes.schema_changed -%}
{%- if on_schema_change == 'fail' -%}{{ exceptions.raise_compiler_error('the columns of ' ~ source_relation ~ ' are not those of ' ~ target_relation ~ ', and on_schema_change is fail') }}{%- endif -%}
{% do sync_column_schemas(on_schema_change, target_relation, changes) %}
{%- endif -%}
{% do return(changes.source_columns) %}
{% endmacro %}
{#- What a strategy of an incremental model comes to: a project may have further ones -#}
{% macro get_incremental_append_sql(arg_dict) %}{{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }}{% endmacro %}
{% macro get_incremental_delete_insert_sql(arg_dict) -%}
{{ get_delete_insert_merge_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.unique_key, arg_dict.dest_columns, arg_dict.incremental_predicates) }}
{%- endmacro %}
{% macro get_incremental_merge_sql(arg_dict) -%}
{{ get_merge_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.unique_key, arg_dict.dest_columns, arg_dict.incremental_predicates) }}
{%- endmacro %}
{% macro get_incremental_default_sql(arg_dict) %}{{ get_incremental_delete_insert_sql(arg_dict) }}{% endmacro %}
{% materialization incremental, default %}
{%- set target_relation = this.incorporate(type='table') -%}
{%- set existing = load_cached_relation(this) -%}
{%- if existing is none or existing.is_view or should_full_refresh() -%}
{%- if existing is not none -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
{%- call statement('main') -%}{{ create_table_as(false, target_relation, sql) }}{%- endcall -%}
{%- else -%}
{%- set temp_relation = make_temp_relation(target_relation) -%}
{%- call statement('temp') -%}{{ create_table_as(true, temp_relation, sql) }}{%- endcall -%}
{%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change')) -%}
{%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing) or adapter.get_columns_in_relation(existing) -%}
{%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
{%- call statement('main') -%}
{{ strategy({'target_relation': target_relation, 'temp_relation': temp_relation, 'unique_key': config.get('unique_key'),
'dest_columns': dest_columns, 'incremental_predicates': config.get('predicates') or config.get('incremental_predicates')}) }}
{%- endcall -%}
{% do adapter.drop_relation(temp_relation) %}
{%- endif -%}
{% do return({'relations': [target_relation]}) %}
{% endmaterialization %}
{% macro alter_column_type(relation, column_name, new_column_type) -%}
{%- call statement('alter_column_type') -%}
alter table {{ relation }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}
{%- endcall -%}
{%- endmacro %}

{#- A file that the model's rows are written to, and a view over it, as the adapter for DuckDB has it -#}
{% macro external_location(relation, config) %}
{%- set format = config.get('format', 'parquet') -%}
{% do return(relation.identifier ~ '.' ~ format) %}
{% endmacro %}
{% materialization external, default %}
{%- set location = config.get('location') or external_location(this, config) -%}
{%- set ending = location.split('.')[-1] | lower -%}
{%- set format = config.get('format') or (ending if ending in ['csv', 'json', 'parquet'] else 'parquet') -%}
{%- set options = ['format ' ~ format] -%}
{%- if format == 'csv' -%}{% do options.append("header true, delimiter '" ~ config.get('delimiter', ',') ~ "'") %}{%- endif -%}
{%- for key, value in (config.get('options') or {}).items() if key | lower not in ['format', 'header', 'delimiter'] -%}
{% do options.append(key ~ ' ' ~ value) %}
{%- endfor -%}
{%- set files = location -%}
{%- if config.get('partition_by') or 'partition_by' in (config.get('options') or {}) -%}
{%- set files = location ~ '/**/*.' ~ format -%}
{%- if config.get('partition_by') -%}{% do options.append('partition_by (' ~ ([config.get('partition_by')] if config.get('partition_by') is string else config.get('partition_by')) | join(', ') ~ '), overwrite_or_ignore true') %}{%- endif -%}
{%- endif -%}
{%- call statement('main') -%}
copy (
{{ sql }}
) to {{ dbt.string_literal(dbt.escape_single_quotes(location)) }} ({{ options | join(', ') }})
{%- endcall -%}
{%- set existing = load_cached_relation(this) -%}
{%- if existing is not none and not existing.is_view -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
{%- set reader = {'csv': 'read_csv', 'json': 'read_json', 'parquet': 'read_parquet'}[format] -%}
{%- call statement('view') -%}
create or replace view {{ this.include(database=false) }} as select * from {{ reader }}({{ dbt.string_literal(dbt.escape_single_quotes(files)) }})
{%- endcall -%}
{% do return({'relations': [this]}) %}
{% endmaterialization %}

{#- Series -#}
{% macro get_powers_of_two(upper_bound) %}
{%- if upper_bound <= 0 -%}{{ exceptions.raise_compiler_error('the upper bound is positive') }}{%- endif -%}
{%- for n in range(1, 100) -%}{%- if upper_bound <= 2 ** n -%}{% do return(n) %}{%- endif -%}{%- endfor -%}
{% endmacro %}
{% macro generate_series(upper_bound) %}
select generated_number from (select unnest(range(1, {{ upper_bound }} + 1)) as generated_number) as series
{% endmacro %}
{% macro get_intervals_between(start_date, end_date, datepart) %}
{%- if not execute -%}{% do return(1) %}{%- endif -%}
{% do return(run_query('select ' ~ dbt.datediff(start_date, end_date, datepart))[0][0]) %}
{% endmacro %}
{% macro date_spine(datepart, start_date, end_date) %}
select {{ dbt.dateadd(datepart, 'generated_number - 1', start_date) }} as date_{{ datepart }}
from ({{ dbt.generate_series(dbt.get_intervals_between(start_date, end_date, datepart)) }}) as spine
{% endmacro %}

{#- Tests that every project has, as macros -#}
{% macro test_not_null(model, column_name) %}select * from {{ model }} where {{ column_name }} is null{% endmacro %}
{% macro test_unique(model, column_name) %}
select {{ column_name }} as unique_field, count(*) as n_records from {{ model }}
where {{ column_name }} is not null group by {{ column_name }} having count(*) > 1
{% endmacro %}
{% macro test_accepted_values(model, column_name, values, quote=true) %}
select {{ column_name }} as value_field, count(*) as n_records from {{ model }} where {{ column_name }} not in (
{%- for value in values -%}{{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}{%- endfor -%}
) group by {{ column_name }}
{% endmacro %}
{% macro test_relationships(model, column_name, to, field) %}
select child.{{ column_name }} as from_field from {{ model }} as child left join {{ to }} as parent
on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endmacro %}
