-- list Post
select "t"."id"::uuid, "t"."title"::text, "t"."body"::text, "t"."tags"::text[], "t"."published"::boolean, "t"."author_id"::uuid, "t"."created_at"::timestamptz, "t"."updated_at"::timestamptz, "t"."version"::bigint
from (select t.*
from "posts" t
where (("t"."published" or "t"."author_id" = $1::uuid))
order by "t"."created_at" desc, "t"."id" desc
limit 2) t offset 0
