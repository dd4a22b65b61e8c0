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
returning *) select n."#ord", v.allowed, v.denied, v.unresolved, v.fits, d."id"::text, case when ("d"."published" or "d"."author_id" = $6::uuid) then ((((('{"id":' || coalesce('"' || ("d"."id")::text || '"', 'null')) || ',"title":') || (coalesce((to_json("d"."title"))::text, 'null') || ',"body":')) || (((coalesce((to_json("d"."body"))::text, 'null') || ',"tags":') || coalesce((to_json("d"."tags"))::text, 'null')) || (',"published":' || coalesce(("d"."published")::text, 'null')))) || ((((',"author":' || coalesce('"' || ("d"."author_id")::text || '"', 'null')) || ',"createdAt":') || (coalesce('"' || (to_char("d"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"updatedAt":')) || ((coalesce('"' || (to_char("d"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"version":') || (coalesce(("d"."version")::text, 'null') || '}')))) end, d."version"
from new n
join call on call.ord = n."#ord"
join verdict v on v."#ord" = n."#ord"
left join done d on d."id" = n."id"
