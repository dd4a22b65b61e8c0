-- list User
select case when octet_length(l.data) <= 16777216 then l.data end, l.next
from (select coalesce(json_agg((select row_to_json(j)
from (select "t"."id" as "id", "t"."name" as "name", case when "t"."id" = $1::uuid then "t"."email" end as "email", "t"."role" as "role", to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt", "t"."version" as "version") j)) filter (where t."#place" <= 20), '[]')::text as data, (case when count(*) > 20 then max(json_build_array(("t"."id")::text)::text) filter (where t."#place" = 20) end) as next
from (select t.*, row_number() over () as "#place"
from (select t.*
from "users" t
where (("t"."id" = $1::uuid and "t"."email" = $2::text))
order by "t"."id"
limit 21) t) t) l
