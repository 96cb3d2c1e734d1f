{{ config(partition_by=['origin']) }}

WITH observed AS (
    SELECT
        flights.*,
        CASE
            WHEN weather.observed_hour IS NULL THEN 'unknown'
            WHEN visibility_miles < 3 THEN 'low visibility'
            WHEN precipitation_in > 0 THEN 'rain or snow'
            WHEN greatest(wind_speed_mph, wind_gust_mph) >= 25 THEN 'strong wind'
            ELSE 'fair'
        END AS weather
    FROM {{ ref('flights') }} AS flights
    LEFT JOIN {{ ref('weather') }} AS weather
        ON weather.origin = flights.origin AND weather.observed_hour = flights.scheduled_hour
)
SELECT
    origin,
    CAST(hour(scheduled_departure) AS INTEGER) AS hour,
    weather,
    count(*) AS flights,
    count(*) FILTER (WHERE is_cancelled) AS cancelled,
    round(100.0 * count(*) FILTER (WHERE is_cancelled) / count(*), 2) AS cancelled_pct,
    round(avg(departure_delay_minutes), 2) AS avg_departure_delay_minutes,
    round(100.0 * count(*) FILTER (WHERE departure_delay_minutes >= 15) / count(*), 2) AS late_departure_pct
FROM observed
GROUP BY ALL
