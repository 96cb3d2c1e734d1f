SELECT
    {{ text('carrier') }} AS carrier,
    {{ text('name') }} AS airline_name,
    ingestion_timestamp AS landed_at,
    source_path,
    source_line,
    raw_payload,
    _error_class AS error_class
FROM {{ source('bronze', 'airlines') }}
