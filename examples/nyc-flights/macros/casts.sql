{# The landing zone writes NA where it has no value. Casts never stop a run: what cannot be cast is NULL,
   and `uncast` names it, so that an expectation can set the row aside instead of losing the value. #}

{% macro text(column) %}NULLIF(trim({{ column }}), 'NA'){% endmacro %}

{% macro number(column, type='INTEGER') %}TRY_CAST(NULLIF(trim({{ column }}), 'NA') AS {{ type }}){% endmacro %}

{% macro uncast(columns) -%}
NULLIF(concat_ws(',',
{%- for column, type in columns.items() %}
        CASE WHEN {{ text(column) }} IS NOT NULL AND {{ number(column, type) }} IS NULL THEN '{{ column }}' END
        {%- if not loop.last %},{% endif %}
{%- endfor %}), '')
{%- endmacro %}

{# 1745 on a clock is minute 1065 of the day; 2400 is midnight at its end. #}
{% macro clock_minute(column) -%}
({{ number(column) }} // 100 * 60 + {{ number(column) }} % 100)
{%- endmacro %}
