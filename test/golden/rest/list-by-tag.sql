-- list Post
select case when octet_length(l.data) <= 16777216 then l.data end, l.next
from (select coalesce(json_agg(p.o) filter (where p.n <= 20), '[]')::text as data, (case when count(*) > 20 then max(p.k::text) filter (where p.n = 20) end) as next
from (select r.o, r.k, row_number() over () as n
from (select (select row_to_json(j)
from (select "t"."title" as "title") j) as o, json_build_array(("t"."id")::text) as k
from "posts" t
where ("t"."published") and (("t"."tags" @> array[$1::text]::text[] and "t"."published" = true))
order by "t"."id"
limit 21) r) p) l
