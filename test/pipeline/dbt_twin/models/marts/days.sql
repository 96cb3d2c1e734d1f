{{ config(materialized='incremental', unique_key='day') }}
select cast(poured_at as date) as day, sum(cups) as cups
from {{ ref('stg_pours') }}
{% if is_incremental() %} where poured_at >= (select max(day) from {{ this }}) {% endif %}
group by 1
