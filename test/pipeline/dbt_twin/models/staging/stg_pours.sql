select id as pour_id, tea_id, poured_at, cups from {{ ref('pours') }}
