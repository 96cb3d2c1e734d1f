{{ config(materialized='history', unique_key='tail_number') }}

-- The registry tells how things are, not since when: what a batch changes ends one row and begins the next.
SELECT tail_number, built_year, plane_type, manufacturer, model, engines, seats, engine_type
FROM {{ ref('planes') }}
