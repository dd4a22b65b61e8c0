-- list Post
select case when octet_length(l.data) <= 16777216 then l.data end, l.next
from (select coalesce(json_agg((select row_to_json(j)
from (select "t"."title" as "title", (select (select row_to_json(j)
from (select "t_author"."id" as "id", "t_author"."name" as "name", case when "t_author"."id" = $1::uuid then "t_author"."email" end as "email", "t_author"."role" as "role", to_char("t_author"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", to_char("t_author"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt", "t_author"."version" as "version") j)
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true) as "author") j)) filter (where t."#place" <= 20), '[]')::text as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "posts" t
where (("t"."published" or "t"."author_id" = $1::uuid)) and ("t"."published") and exists (select 1
from "users" "r1"
where "r1"."id" = "t"."author_id" and ("r1"."name" <> $2::text))
order by "t"."id"
limit 21) t) t) l
