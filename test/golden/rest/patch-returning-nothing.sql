-- update Post
with call as (select 1 as ord),
old as materialized (select call.ord as "#ord", t.*
from call
join "posts" t on t."id" = $1::uuid
where true for no key update of t),
new as materialized (select o."#ord", o."id" as "id", $2::text as "title", o."body" as "body", o."tags" as "tags", o."published" as "published", o."author_id" as "author_id", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version"
from old o
join call on call.ord = o."#ord"),
verdict as materialized (select n."#ord", (("o"."published" or "o"."author_id" = $3::uuid)) is true as readable, ("o"."author_id" = $3::uuid) is true as allowed, ($4::bigint[] is null or o."version" = any($4::bigint[])) as fresh, '[]' as denied, '[]' as unresolved, ("n"."author_id" = $3::uuid) is true as settled, true as fits
from new n
join old o on o."#ord" = n."#ord"
join call on call.ord = n."#ord"),
done as (update "posts" t set "title" = n."title", "body" = n."body", "tags" = n."tags", "published" = n."published", "author_id" = n."author_id", "updated_at" = n."updated_at", "version" = n."version"
from new n
join verdict v on v."#ord" = n."#ord"
where t."id" = n."id" and v.readable and v.fresh and v.settled and (v.allowed and v.denied = '[]' and v.unresolved = '[]' and v.fits)
returning t.*, n."#ord") select v."#ord", v.readable, v.allowed, v.fresh, v.denied, v.unresolved, v.settled, v.fits, d."id"::text, null::text, d."version"
from verdict v
join call on call.ord = v."#ord"
left join done d on d."#ord" = v."#ord"
