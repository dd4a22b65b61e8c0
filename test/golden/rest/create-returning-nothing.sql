-- create Post
with call as (select 1 as ord),
new as materialized (select call.ord as "#ord", $1::uuid as "id", $2::text as "title", $3::text as "body", $4::text[] as "tags", $5::boolean as "published", ($6::uuid)::uuid as "author_id", now() as "created_at", now() as "updated_at", 1::bigint as "version"
from call),
verdict as materialized (select n."#ord", (true) is true as allowed, '[]' as denied, '[]' as unresolved, true as fits
from new n
join call on call.ord = n."#ord"),
done as (insert into "posts" ("id", "title", "body", "tags", "published", "author_id", "created_at", "updated_at", "version") select n."id", n."title", n."body", n."tags", n."published", n."author_id", n."created_at", n."updated_at", n."version"
from new n
join verdict v on v."#ord" = n."#ord"
where (v.allowed and v.denied = '[]' and v.unresolved = '[]' and v.fits)
order by n."#ord"
returning *) select n."#ord", v.allowed, v.denied, v.unresolved, v.fits, d."id"::text, null::text, d."version"
from new n
join call on call.ord = n."#ord"
join verdict v on v."#ord" = n."#ord"
left join done d on d."id" = n."id"
