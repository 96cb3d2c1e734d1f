{% macro money(amount) %}cast({{ amount }} as decimal(18, 2)){% endmacro %}

{% test is_positive(model, column_name) %}
select * from {{ model }} where {{ column_name }} <= 0
{% endtest %}
