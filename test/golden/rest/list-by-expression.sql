-- list Post
select case when octet_length(l.data) <= coalesce(nullif(current_setting('plinth.room', true), ''), '16777216')::bigint then l.data end as data, l.next
from (select '[' || coalesce(string_agg(((('{"title":' || coalesce((to_json("t"."title"))::text, 'null')) || ',"author":') || (coalesce(((select (((('{"id":' || coalesce('"' || ("t_author"."id")::text || '"', 'null')) || (',"name":' || coalesce((to_json("t_author"."name"))::text, 'null'))) || ((',"email":' || coalesce((to_json(case when "t_author"."id" = $1::uuid then "t_author"."email" end))::text, 'null')) || (',"role":' || coalesce((to_json("t_author"."role"))::text, 'null')))) || (((',"createdAt":' || coalesce('"' || (to_char("t_author"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null')) || (',"updatedAt":' || coalesce('"' || (to_char("t_author"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null'))) || ((',"version":' || coalesce(("t_author"."version")::text, 'null')) || '}')))
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true))::text, 'null') || '}')), ',') filter (where t."#place" <= 20), '') || ']' as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "posts" t
where (("t"."published" or "t"."author_id" = $1::uuid)) and ("t"."published") and exists (select 1
from "users" "r1"
where "r1"."id" = "t"."author_id" and ("r1"."name" <> $2::text))
order by "t"."id"
limit 21) t) t) l
