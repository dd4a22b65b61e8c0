-- list User
select "t"."id"::uuid, "t"."name"::text, case when "t"."id" = $1::uuid then "t"."email"::text end, "t"."role"::text, "t"."created_at"::timestamptz, "t"."updated_at"::timestamptz, "t"."version"::bigint
from (select t.*
from "users" t
where (("t"."id" = $1::uuid and "t"."email" = $2::text))
order by "t"."id"
limit 21) t offset 0
