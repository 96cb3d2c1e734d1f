SELECT
    {{ text('tailnum') }} AS tail_number,
    {{ number('year') }} AS built_year,
    {{ text('type') }} AS plane_type,
    {{ text('manufacturer') }} AS manufacturer,
    {{ text('model') }} AS model,
    {{ number('engines') }} AS engines,
    {{ number('seats') }} AS seats,
    {{ number('speed') }} AS cruise_speed_mph,
    {{ text('engine') }} AS engine_type,
    ingestion_timestamp AS landed_at,
    source_path,
    source_line,
    raw_payload,
    _error_class AS error_class
FROM {{ source('bronze', 'planes') }}
