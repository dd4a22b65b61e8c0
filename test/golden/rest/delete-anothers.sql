-- delete Post
with call as (select 1 as ord),
old as materialized (select call.ord as "#ord", t.*
from call
join "posts" t on t."id" = $1::uuid
where true for no key update of t),
verdict as materialized (select o."#ord", o."id", (("o"."published" or "o"."author_id" = $2::uuid)) is true as readable, ("o"."author_id" = $2::uuid) is true as allowed, ($3::bigint[] is null or o."version" = any($3::bigint[])) as fresh
from old o
join call on call.ord = o."#ord"),
done as (delete
from "posts" t using verdict v
where t."id" = v."id" and v.readable and v.allowed and v.fresh
returning v."#ord", t."id") select v."#ord", v.readable, v.allowed, v.fresh, d."id"::text
from verdict v
left join done d on d."#ord" = v."#ord"
