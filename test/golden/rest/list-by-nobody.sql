-- list Post
select "t"."id"::uuid, "t"."title"::text, "t"."body"::text, "t"."tags"::text[], "t"."published"::boolean, "t"."author_id"::uuid, "t"."created_at"::timestamptz, "t"."updated_at"::timestamptz, "t"."version"::bigint
from (select t.*
from "posts" t
where ("t"."published")
order by "t"."id"
limit 21) t offset 0
