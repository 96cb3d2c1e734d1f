{#- What dbt gives to every project under the name `dbt`, for the engine's own SQL. A project's macro of
    the same name wins where it is called without `dbt.`. -#}

{#- Types -#}
{% macro type_string() %}VARCHAR{% endmacro %}
{% macro type_int() %}INTEGER{% endmacro %}
{% macro type_bigint() %}BIGINT{% endmacro %}
{% macro type_numeric() %}DECIMAL(28, 6){% endmacro %}
{% macro type_float() %}DOUBLE{% endmacro %}
{% macro type_boolean() %}BOOLEAN{% endmacro %}
{% macro type_timestamp() %}TIMESTAMP{% endmacro %}

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
{% macro split_part(string_text, delimiter_text, part_number) %}split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }}){% endmacro %}
{% macro escape_single_quotes(expression) %}{{ expression | replace("'", "''") }}{% endmacro %}
{% macro string_literal(value) %}'{{ value | replace("'", "''") }}'{% endmacro %}

{#- Dates -#}
{% macro current_timestamp() %}CAST(now() AS TIMESTAMP){% endmacro %}
{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
{%- set is_text = (from_date_or_timestamp | string | trim).startswith("'") -%}
({{ 'TIMESTAMP ' if is_text }}{{ from_date_or_timestamp }} + ({{ interval }}) * INTERVAL 1 {{ datepart }})
{%- endmacro %}
{% macro datediff(first_date, second_date, datepart) %}date_diff('{{ datepart }}', CAST({{ first_date }} AS TIMESTAMP), CAST({{ second_date }} AS TIMESTAMP)){% endmacro %}
{% macro date_trunc(datepart, date) %}date_trunc('{{ datepart }}', {{ date }}){% endmacro %}
{% macro date(year, month, day) %}make_date({{ year }}, {{ month }}, {{ day }}){% endmacro %}
{% macro last_day(date, datepart) %}CAST(date_trunc('{{ datepart }}', {{ date }}) + INTERVAL 1 {{ datepart }} - INTERVAL 1 day AS DATE){% endmacro %}

{#- Aggregates and sets -#}
{% macro any_value(expression) %}any_value({{ expression }}){% endmacro %}
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
{% macro array_construct(inputs=none, data_type=none) %}[{{ (inputs or []) | join(', ') }}]{% endmacro %}
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
{% macro get_columns_in_relation(relation) %}{% do return(adapter.get_columns_in_relation(relation)) %}{% endmacro %}
{% macro load_relation(relation) %}{% do return(adapter.load_relation(relation)) %}{% endmacro %}
{% macro load_cached_relation(relation) %}{% do return(adapter.load_relation(relation)) %}{% endmacro %}
{% macro check_schema_exists(information_schema, schema) %}{% do return(adapter.check_schema_exists(none, schema)) %}{% endmacro %}
{% macro list_relations_without_caching(schema_relation) %}{% do return(adapter.list_relations(none, schema_relation.schema)) %}{% endmacro %}
{% macro list_schemas(database) %}{% do return(adapter.list_schemas(database)) %}{% endmacro %}
{% macro create_schema(relation) %}{% do adapter.create_schema(relation) %}{% endmacro %}
{% macro drop_schema(relation) %}{% do adapter.drop_schema(relation) %}{% endmacro %}
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
{% macro set_sql_header(config) %}{% endmacro %}
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
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}{% do return(on_schema_change or default) %}{% endmacro %}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}{% do return([]) %}{% endmacro %}
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
) to {{ dbt.string_literal(location) }} ({{ options | join(', ') }})
{%- endcall -%}
{%- set existing = load_cached_relation(this) -%}
{%- if existing is not none and not existing.is_view -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
{%- set reader = {'csv': 'read_csv', 'json': 'read_json', 'parquet': 'read_parquet'}[format] -%}
{%- call statement('view') -%}
create or replace view {{ this.include(database=false) }} as select * from {{ reader }}({{ dbt.string_literal(files) }})
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
