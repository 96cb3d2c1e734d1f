SELECT
    {{ text('faa') }} AS airport,
    {{ text('name') }} AS airport_name,
    {{ number('lat', 'DOUBLE') }} AS latitude,
    {{ number('lon', 'DOUBLE') }} AS longitude,
    {{ number('alt') }} AS altitude_ft,
    {{ number('tz', 'DOUBLE') }} AS utc_offset_hours,
    {{ text('dst') }} AS daylight_saving,
    {{ text('tzone') }} AS time_zone,
    ingestion_timestamp AS landed_at,
    source_path,
    source_line,
    raw_payload,
    _error_class AS error_class
FROM {{ source('bronze', 'airports') }}
