-- get Post
select t."version"::bigint, "t"."id"::uuid, "t"."title"::text, "t"."body"::text, "t"."tags"::text[], "t"."published"::boolean, "t"."author_id"::uuid, "t"."created_at"::timestamptz, "t"."updated_at"::timestamptz, "t"."version"::bigint
from "posts" t
where t."id" = $1::uuid and ("t"."published")
