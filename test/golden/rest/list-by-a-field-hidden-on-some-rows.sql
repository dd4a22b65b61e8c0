-- list User
select coalesce(json_agg(p.o) filter (where p.n <= $1::bigint), '[]')::text as data, (case when count(*) > $1::bigint then max(p.k::text) filter (where p.n = $1::bigint) end) as next
from (select r.o, r.k, row_number() over () as n
from (select (select row_to_json(j)
from (select "t"."id" as "id", "t"."name" as "name", case when "t"."id" = $2::uuid then "t"."email" end as "email", "t"."role" as "role", to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt", "t"."version" as "version") j) as o, json_build_array(("t"."id")::text) as k
from "users" t
where true and (("t"."id" = $2::uuid and "t"."email" = $3::text))
order by "t"."id"
limit $1::bigint + 1) r) p
