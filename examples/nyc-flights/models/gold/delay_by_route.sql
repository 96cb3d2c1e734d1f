{{ config(partition_by=['origin']) }}

SELECT
    flights.origin,
    flights.destination,
    from_airport.airport_name AS origin_name,
    to_airport.airport_name AS destination_name,
    count(*) AS flights,
    count(*) FILTER (WHERE is_cancelled) AS cancelled,
    count(arrival_delay_minutes) AS arrived,
    round(avg(departure_delay_minutes), 2) AS avg_departure_delay_minutes,
    round(avg(arrival_delay_minutes), 2) AS avg_arrival_delay_minutes,
    quantile_disc(arrival_delay_minutes, 0.9) AS p90_arrival_delay_minutes,
    round(avg(distance_miles), 0) AS distance_miles
FROM {{ ref('flights') }} AS flights
LEFT JOIN {{ ref('airports') }} AS from_airport ON from_airport.airport = flights.origin
LEFT JOIN {{ ref('airports') }} AS to_airport ON to_airport.airport = flights.destination
GROUP BY ALL
