select id as tea_id, name, region, price from {{ ref('teas') }}
