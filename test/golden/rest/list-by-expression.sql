-- list Post
select "t"."title"::text, "t_author"."id" is not null, "t_author"."id"::uuid, "t_author"."name"::text, case when "t_author"."id" = $1::uuid then "t_author"."email"::text end, "t_author"."role"::text, "t_author"."created_at"::timestamptz, "t_author"."updated_at"::timestamptz, "t_author"."version"::bigint, ("t"."id")::uuid
from (select t.*
from "posts" t
where (("t"."published" or "t"."author_id" = $1::uuid)) and ("t"."published") and exists (select 1
from "users" "r1"
where "r1"."id" = "t"."author_id" and ("r1"."name" <> $2::text))
order by "t"."id"
limit 21) t
left join lateral (select "t_author".*
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true
limit 1) "t_author" on true offset 0
