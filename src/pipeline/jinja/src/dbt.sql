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
{% macro dateadd(datepart, interval, from_date_or_timestamp) %}({{ from_date_or_timestamp }} + ({{ interval }}) * INTERVAL 1 {{ datepart }}){% endmacro %}
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
