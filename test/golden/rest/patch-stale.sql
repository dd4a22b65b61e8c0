-- update Post
update "posts" o set "published" = $1::boolean, "updated_at" = now(), "version" = o."version" + 1
where o."id" = $2::uuid and true and ((("o"."published" or "o"."author_id" = $3::uuid)) is true and ($4::bigint[] is null or o."version" = any($4::bigint[]))) and exists (select 1
from (select 1 as "#ord", o."id" as "id", o."title" as "title", o."body" as "body", o."tags" as "tags", $1::boolean as "published", o."author_id" as "author_id", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version") n
where (("o"."author_id" = $3::uuid) is true and ("n"."author_id" = $3::uuid) is true))
returning 1, true, true, true, '[]', '[]', true, true, "o"."id"::text, case when ("o"."published" or "o"."author_id" = $3::uuid) then ((((('{"id":' || coalesce('"' || ("o"."id")::text || '"', 'null')) || ',"title":') || (coalesce((to_json("o"."title"))::text, 'null') || ',"body":')) || (((coalesce((to_json("o"."body"))::text, 'null') || ',"tags":') || coalesce((to_json("o"."tags"))::text, 'null')) || (',"published":' || coalesce(("o"."published")::text, 'null')))) || ((((',"author":' || coalesce('"' || ("o"."author_id")::text || '"', 'null')) || ',"createdAt":') || (coalesce('"' || (to_char("o"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"updatedAt":')) || ((coalesce('"' || (to_char("o"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"version":') || (coalesce(("o"."version")::text, 'null') || '}')))) end, "o"."version"

-- update Post
with call as (select 1 as ord),
old as materialized (select call.ord as "#ord", t.*
from call
join "posts" t on t."id" = $1::uuid
where true for no key update of t),
new as materialized (select n.*, (("o"."published" or "o"."author_id" = $2::uuid)) is true as "#readable", ("o"."author_id" = $2::uuid) is true as "#allowed", ($3::bigint[] is null or o."version" = any($3::bigint[])) as "#fresh", ("n"."author_id" = $2::uuid) is true as "#settled"
from old o
join call on call.ord = o."#ord" cross
join lateral (select o."#ord" as "#ord", o."id" as "id", o."title" as "title", o."body" as "body", o."tags" as "tags", $4::boolean as "published", o."author_id" as "author_id", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version") n),
done as (update "posts" t set "published" = n."published", "updated_at" = n."updated_at", "version" = n."version"
from new n
where t."id" = n."id" and (n."#readable" and n."#allowed" and n."#fresh" and n."#settled")
returning t.*, n."#ord") select n."#ord", n."#readable", n."#allowed", n."#fresh", '[]', '[]', n."#settled", true, "d"."id"::text, case when ("d"."published" or "d"."author_id" = $2::uuid) then ((((('{"id":' || coalesce('"' || ("d"."id")::text || '"', 'null')) || ',"title":') || (coalesce((to_json("d"."title"))::text, 'null') || ',"body":')) || (((coalesce((to_json("d"."body"))::text, 'null') || ',"tags":') || coalesce((to_json("d"."tags"))::text, 'null')) || (',"published":' || coalesce(("d"."published")::text, 'null')))) || ((((',"author":' || coalesce('"' || ("d"."author_id")::text || '"', 'null')) || ',"createdAt":') || (coalesce('"' || (to_char("d"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"updatedAt":')) || ((coalesce('"' || (to_char("d"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '"', 'null') || ',"version":') || (coalesce(("d"."version")::text, 'null') || '}')))) end, "d"."version"
from new n
join call on call.ord = n."#ord"
left join done d on d."#ord" = n."#ord"
