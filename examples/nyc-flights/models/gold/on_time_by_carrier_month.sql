{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partition_by=['flight_month']) }}
{%- set limit = var('on_time_minutes', 15) %}

SELECT
    flights.flight_month,
    CAST(year(flights.flight_month) AS INTEGER) AS year,
    CAST(month(flights.flight_month) AS INTEGER) AS month,
    flights.carrier,
    airlines.airline_name,
    count(*) AS flights,
    count(*) FILTER (WHERE is_cancelled) AS cancelled,
    count(*) FILTER (WHERE is_diverted) AS diverted,
    count(arrival_delay_minutes) AS arrived,
    count(*) FILTER (WHERE arrival_delay_minutes < {{ limit }}) AS on_time,
    round(100.0 * count(*) FILTER (WHERE arrival_delay_minutes < {{ limit }}) / count(*), 2) AS on_time_pct,
    round(avg(departure_delay_minutes), 2) AS avg_departure_delay_minutes,
    round(avg(arrival_delay_minutes), 2) AS avg_arrival_delay_minutes
FROM {{ ref('flights') }} AS flights
LEFT JOIN {{ ref('airlines') }} AS airlines ON airlines.carrier = flights.carrier
{%- if is_incremental() %}
-- A month that new rows touch is counted whole, however old it is.
WHERE flights.flight_month IN (SELECT flight_month FROM {{ stream(ref('flights')) }})
{%- endif %}
GROUP BY flights.flight_month, flights.carrier, airlines.airline_name
