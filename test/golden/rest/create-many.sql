-- create Post
with call as (select *
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::uuid[]) with ordinality as c(p1, p2, p3, p4, p5, p6, ord)),
new as materialized (select n.*
from call cross
join lateral (select call.ord as "#ord", call.p1::uuid as "id", call.p2::text as "title", call.p3::text as "body", call.p4::text[] as "tags", call.p5::boolean as "published", (call.p6::uuid)::uuid as "author_id", now() as "created_at", now() as "updated_at", 1::bigint as "version") n),
done as (insert into "posts" ("id", "title", "body", "tags", "published", "author_id", "created_at", "updated_at", "version") select n."id", n."title", n."body", n."tags", n."published", n."author_id", n."created_at", n."updated_at", n."version"
from new n
where (select bool_and(true)
from new w)
order by n."#ord"
returning *) select n."#ord", true, '[]', '[]', true, d."id"::text, case when ("d"."published" or "d"."author_id" = call.p6::uuid) then (select case when body.total <= 16777216 then body.j else current_setting('plinth.too_many_bytes') end
from (select made.j, set_config('plinth.bodies', (coalesce(nullif(current_setting('plinth.bodies', true), ''), '0')::bigint + coalesce(octet_length(made.j), 0))::text, true)::bigint as total
from (select (('{"title":' || coalesce((to_json("d"."title"))::text, 'null')) || '}') as j offset 0) made offset 0) body) end, d."version"
from new n
join call on call.ord = n."#ord"
left join done d on d."id" = n."id"
