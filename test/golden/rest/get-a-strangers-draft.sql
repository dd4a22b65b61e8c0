-- get Post
select (select row_to_json(j)
from (select "t"."id" as "id", "t"."title" as "title", "t"."body" as "body", "t"."tags" as "tags", "t"."published" as "published", "t"."author_id" as "author", to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt", "t"."version" as "version") j)::text as body, t."version"
from "posts" t
where t."id" = $1::uuid and (("t"."published" or "t"."author_id" = $2::uuid))
