-- list User
select case when octet_length(l.data) <= coalesce(nullif(current_setting('plinth.room', true), ''), '16777216')::bigint then l.data end as data, l.next
from (select '[' || coalesce(string_agg((((('{"id":' || coalesce('"' || ("t"."id")::text || '"', 'null')) || (',"name":' || coalesce((to_json("t"."name"))::text, 'null'))) || ((',"email":' || coalesce((to_json(case when "t"."id" = $1::uuid then "t"."email" end))::text, 'null')) || (',"role":' || coalesce((to_json("t"."role"))::text, 'null')))) || (((',"createdAt":' || coalesce('"' || (to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null')) || (',"updatedAt":' || coalesce('"' || (to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null'))) || ((',"version":' || coalesce(("t"."version")::text, 'null')) || '}'))), ',') filter (where t."#place" <= 20), '') || ']' as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "users" t
where (("t"."id" = $1::uuid and "t"."email" = $2::text))
order by "t"."id"
limit 21) t) t) l
