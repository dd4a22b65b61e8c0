-- list Post
select case when octet_length(l.data) <= 16777216 then l.data end, l.next
from (select '[' || coalesce(string_agg(((((('{"id":"' || ("t"."id")::text) || '","title":') || ((to_json("t"."title"))::text || ',"body":')) || ((((to_json("t"."body"))::text || ',"tags":') || (to_json("t"."tags"))::text) || (',"published":' || ("t"."published")::text))) || ((((',"author":"' || ("t"."author_id")::text) || '","createdAt":"') || ((to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '","updatedAt":"')) || (((to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '","version":') || (("t"."version")::text || '}')))), ',') filter (where t."#place" <= 20), '') || ']' as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "posts" t
where ("t"."published")
order by "t"."id"
limit 21) t) t) l
