-- list Post
select coalesce(json_agg(p.o) filter (where p.n <= $1::bigint), '[]')::text as data, (case when count(*) > $1::bigint then max(p.k::text) filter (where p.n = $1::bigint) end) as next
from (select r.o, r.k, row_number() over () as n
from (select (select row_to_json(j)
from (select "t"."title" as "title") j) as o, json_build_array(("t"."id")::text) as k
from "posts" t
where ("t"."published") and (("t"."tags" @> array[$2::text]::text[] and "t"."published" = true))
order by "t"."id"
limit $1::bigint + 1) r) p
