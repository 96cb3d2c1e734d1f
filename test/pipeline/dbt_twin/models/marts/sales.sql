select t.tea_id, t.name, {{ money('t.price * c.cups') }} as taken, {{ var('steep_minutes') }} as minutes
from {{ ref('stg_teas') }} t join {{ ref('cups') }} c using (tea_id)
