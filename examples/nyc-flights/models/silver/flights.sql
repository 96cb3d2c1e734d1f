{{ config(materialized='incremental', partition_by=['flight_month']) }}

WITH landed AS (
    SELECT * FROM {{ stream(source('bronze', 'flights')) }}
),
typed AS (
    SELECT
        *,
        TRY_CAST(concat_ws('-', year, lpad(month, 2, '0'), lpad(day, 2, '0')) AS DATE) AS flight_date,
        {{ clock_minute('sched_dep_time') }} AS scheduled_minute,
        {{ number('dep_delay') }} AS departure_delay
    FROM landed
)
SELECT
    flight_date,
    CAST(date_trunc('month', flight_date) AS DATE) AS flight_month,
    {{ text('carrier') }} AS carrier,
    {{ number('flight') }} AS flight_number,
    {{ text('tailnum') }} AS tail_number,
    {{ text('origin') }} AS origin,
    {{ text('dest') }} AS destination,
    -- Wall clock in New York; the source gives a date and minutes.
    CAST(flight_date AS TIMESTAMP) + to_minutes(scheduled_minute) AS scheduled_departure,
    CAST(flight_date AS TIMESTAMP) + to_minutes(scheduled_minute + departure_delay) AS departed_at,
    -- The hour of the scheduled departure as an instant: what weather is observed at.
    TRY_CAST({{ text('time_hour') }} AS TIMESTAMP WITH TIME ZONE) AS scheduled_hour,
    CAST({{ clock_minute('dep_time') }} % 1440 AS INTEGER) AS departure_minute,
    departure_delay AS departure_delay_minutes,
    {{ number('arr_delay') }} AS arrival_delay_minutes,
    {{ number('air_time') }} AS air_time_minutes,
    {{ number('distance') }} AS distance_miles,
    {{ text('dep_time') }} IS NULL AS is_cancelled,
    {{ text('dep_time') }} IS NOT NULL AND {{ text('arr_delay') }} IS NULL AS is_diverted,
    ingestion_timestamp AS landed_at,
    source_path,
    source_line,
    raw_payload,
    _error_class AS error_class,
    {{ uncast({'dep_time': 'INTEGER', 'sched_dep_time': 'INTEGER', 'dep_delay': 'INTEGER', 'arr_delay': 'INTEGER',
               'flight': 'INTEGER', 'air_time': 'INTEGER', 'distance': 'INTEGER',
               'time_hour': 'TIMESTAMP WITH TIME ZONE'}) }} AS uncast_fields
FROM typed
