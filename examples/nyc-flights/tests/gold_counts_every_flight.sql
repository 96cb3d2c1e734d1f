-- A flight that silver has is counted once in each gold table.
WITH counted AS (
    SELECT 'on_time_by_carrier_month' AS gold, sum(flights) AS flights FROM {{ ref('on_time_by_carrier_month') }}
    UNION ALL
    SELECT 'delay_by_route', sum(flights) FROM {{ ref('delay_by_route') }}
    UNION ALL
    SELECT 'weather_impact', sum(flights) FROM {{ ref('weather_impact') }}
)
SELECT * FROM counted WHERE flights IS DISTINCT FROM (SELECT count(*) FROM {{ ref('flights') }})
