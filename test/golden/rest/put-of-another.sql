-- update User
update "users" o set "name" = $1::text, "email" = $2::text, "updated_at" = now(), "version" = o."version" + 1
where o."id" = $3::uuid and true and (($4::bigint[] is null or o."version" = any($4::bigint[]))) and exists (select 1
from (select 1 as "#ord", o."id" as "id", $1::text as "name", $2::text as "email", o."password" as "password", o."role" as "role", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version") n
where (("o"."id" = $5::uuid) is true and ("n"."id" = $5::uuid) is true))
returning 1, true, true, true, '[]', '[]', true, true, "o"."id"::text, case when true then (((('{"id":' || coalesce('"' || ("o"."id")::text || '"', 'null')) || (',"name":' || coalesce((to_json("o"."name"))::text, 'null'))) || ((',"email":' || coalesce((to_json(case when "o"."id" = $5::uuid then "o"."email" end))::text, 'null')) || (',"role":' || coalesce((to_json("o"."role"))::text, 'null')))) || (((',"createdAt":' || coalesce('"' || (to_char("o"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null')) || (',"updatedAt":' || coalesce('"' || (to_char("o"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null'))) || ((',"version":' || coalesce(("o"."version")::text, 'null')) || '}'))) end, "o"."version"

-- update User
with call as (select 1 as ord),
old as materialized (select call.ord as "#ord", t.*
from call
join "users" t on t."id" = $1::uuid
where true for no key update of t),
new as materialized (select n.*, ("o"."id" = $2::uuid) is true as "#allowed", ($3::bigint[] is null or o."version" = any($3::bigint[])) as "#fresh", ("n"."id" = $2::uuid) is true as "#settled"
from old o
join call on call.ord = o."#ord" cross
join lateral (select o."#ord" as "#ord", o."id" as "id", $4::text as "name", $5::text as "email", o."password" as "password", o."role" as "role", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version") n),
done as (update "users" t set "name" = n."name", "email" = n."email", "updated_at" = n."updated_at", "version" = n."version"
from new n
where t."id" = n."id" and (n."#allowed" and n."#fresh" and n."#settled")
returning t.*, n."#ord") select n."#ord", true, n."#allowed", n."#fresh", '[]', '[]', n."#settled", true, "d"."id"::text, case when true then (((('{"id":' || coalesce('"' || ("d"."id")::text || '"', 'null')) || (',"name":' || coalesce((to_json("d"."name"))::text, 'null'))) || ((',"email":' || coalesce((to_json(case when "d"."id" = $2::uuid then "d"."email" end))::text, 'null')) || (',"role":' || coalesce((to_json("d"."role"))::text, 'null')))) || (((',"createdAt":' || coalesce('"' || (to_char("d"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null')) || (',"updatedAt":' || coalesce('"' || (to_char("d"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null'))) || ((',"version":' || coalesce(("d"."version")::text, 'null')) || '}'))) end, "d"."version"
from new n
join call on call.ord = n."#ord"
left join done d on d."#ord" = n."#ord"
