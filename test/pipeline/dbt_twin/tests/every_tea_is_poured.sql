{{ config(severity='warn') }}
select t.tea_id from {{ ref('stg_teas') }} t left join {{ ref('sales') }} s using (tea_id) where s.tea_id is null
