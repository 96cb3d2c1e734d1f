{{ config(materialized='ephemeral') }}
select tea_id, sum(cups) as cups from {{ ref('stg_pours') }} group by tea_id
