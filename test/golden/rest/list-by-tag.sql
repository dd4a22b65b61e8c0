-- list Post
select case when octet_length(l.data) <= coalesce(nullif(current_setting('plinth.room', true), ''), '16777216')::bigint then l.data end as data, l.next
from (select '[' || coalesce(string_agg((('{"title":' || coalesce((to_json("t"."title"))::text, 'null')) || '}'), ',') filter (where t."#place" <= 20), '') || ']' as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "posts" t
where ("t"."published") and (("t"."tags" @> array[$1::text]::text[] and "t"."published" = true))
order by "t"."id"
limit 21) t) t) l
