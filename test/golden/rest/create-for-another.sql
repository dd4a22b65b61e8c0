-- create Post
with call as (select 1 as ord),
new as materialized (select call.ord as "#ord", $1::uuid as "id", $2::text as "title", $3::text as "body", $4::text[] as "tags", $5::boolean as "published", case when $6::boolean then $7::uuid else ($8::uuid)::uuid end as "author_id", now() as "created_at", now() as "updated_at", 1::bigint as "version", coalesce($6::boolean, false) as "#given 4"
from call),
verdict as materialized (select n."#ord", (true) is true as allowed, '[]' as denied, to_json(array_remove(array[case when n."#given 4" and n."author_id" is not null and not exists (select 1
from "users" r
where r."id" = n."author_id" and true) then 'author' end], null))::text as unresolved
from new n
join call on call.ord = n."#ord"),
done as (insert into "posts" ("id", "title", "body", "tags", "published", "author_id", "created_at", "updated_at", "version") select n."id", n."title", n."body", n."tags", n."published", n."author_id", n."created_at", n."updated_at", n."version"
from new n
join verdict v on v."#ord" = n."#ord"
where (v.allowed and v.denied = '[]' and v.unresolved = '[]')
order by n."#ord"
returning *) select n."#ord", v.allowed, v.denied, v.unresolved, d."id"::text, case when ("d"."published" or "d"."author_id" = $8::uuid) then ((('{"title":' || coalesce((to_json("d"."title"))::text, 'null')) || ',"author":') || (coalesce('"' || ("d"."author_id")::text || '"', 'null') || '}')) end, d."version"
from new n
join call on call.ord = n."#ord"
join verdict v on v."#ord" = n."#ord"
left join done d on d."id" = n."id"
