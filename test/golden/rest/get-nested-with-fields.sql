-- get Post
select case when octet_length(g.body) <= 16777216 then g.body end, g."version"
from (select (select row_to_json(j)
from (select "t"."title" as "title", (select (select row_to_json(j)
from (select "t_author"."name" as "name", case when "t_author"."id" = $1::uuid then "t_author"."email" end as "email", (select coalesce(json_agg(m.o), '[]')
from (select (select row_to_json(j)
from (select "t_author_posts"."title" as "title") j) as o
from "posts" "t_author_posts"
where "t_author_posts"."author_id" = "t_author"."id" and (("t_author_posts"."published" or "t_author_posts"."author_id" = $1::uuid))
order by "t_author_posts"."id"
limit 100) m) as "posts") j)
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true) as "author") j)::text as body, t."version"
from "posts" t
where t."id" = $2::uuid and (("t"."published" or "t"."author_id" = $1::uuid)) offset 0) g
