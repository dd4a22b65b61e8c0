-- list Post
select case when octet_length(l.data) <= coalesce(nullif(current_setting('plinth.room', true), ''), '16777216')::bigint then l.data end as data, l.next
from (select '[' || coalesce(string_agg(((((('{"id":' || coalesce('"' || ("t"."id")::text || '"', 'null')) || ',"title":') || (coalesce((to_json("t"."title"))::text, 'null') || ',"body":')) || (((coalesce((to_json("t"."body"))::text, 'null') || ',"tags":') || coalesce((to_json("t"."tags"))::text, 'null')) || (',"published":' || coalesce(("t"."published")::text, 'null')))) || ((((',"author":' || coalesce('"' || ("t"."author_id")::text || '"', 'null')) || ',"createdAt":') || (coalesce('"' || (to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"updatedAt":')) || ((coalesce('"' || (to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"version":') || (coalesce(("t"."version")::text, 'null') || '}')))), ',') filter (where t."#place" <= 1), '') || ']' as data, (case when count(*) > 1 then max(json_build_array(to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ("t"."id")::text)::text) filter (where t."#place" = 1) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "posts" t
where ("t"."published") and ("t"."author_id" = $1::uuid)
order by "t"."created_at" desc, "t"."id" desc
limit 2) t) t) l
