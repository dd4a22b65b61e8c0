-- create Post
with call as (select *
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) with ordinality as c(p1, p2, p3, p4, p5, p6, p7, p8, ord)),
new as materialized (select call.ord as "#ord", call.p1::uuid as "id", call.p2::text as "title", call.p3::text as "body", call.p4::text[] as "tags", call.p5::boolean as "published", case when call.p6::boolean then call.p7::uuid else (call.p8::uuid)::uuid end as "author_id", now() as "created_at", now() as "updated_at", 1::bigint as "version", coalesce(call.p6::boolean, false) as "#given 4"
from call),
verdict as materialized (select n."#ord", (true) is true as allowed, '[]' as denied, to_json(array_remove(array[case when n."#given 4" and n."author_id" is not null and not exists (select 1
from "users" r
where r."id" = n."author_id" and true) then 'author' end], null))::text as unresolved
from new n
join call on call.ord = n."#ord"),
done as (insert into "posts" ("id", "title", "body", "tags", "published", "author_id", "created_at", "updated_at", "version") select n."id", n."title", n."body", n."tags", n."published", n."author_id", n."created_at", n."updated_at", n."version"
from new n
join verdict v on v."#ord" = n."#ord"
where (select bool_and((w.allowed and w.denied = '[]' and w.unresolved = '[]'))
from verdict w)
order by n."#ord"
returning *) select n."#ord", v.allowed, v.denied, v.unresolved, d."id"::text, case when ("d"."published" or "d"."author_id" = call.p8::uuid) then (('{"title":' || coalesce((to_json("d"."title"))::text, 'null')) || '}') end, d."version"
from new n
join call on call.ord = n."#ord"
join verdict v on v."#ord" = n."#ord"
left join done d on d."id" = n."id"
