-- get Post
select case when octet_length(g.body) <= 16777216 then g.body end as body, g."version"
from (select ((('{"title":' || coalesce((to_json("t"."title"))::text, 'null')) || ',"author":') || (coalesce(((select ((('{"name":' || coalesce((to_json("t_author"."name"))::text, 'null')) || (',"email":' || coalesce((to_json(case when "t_author"."id" = $1::uuid then "t_author"."email" end))::text, 'null'))) || ((',"posts":[' || coalesce((select coalesce(string_agg(m.o, ','), '')
from (select (('{"title":' || coalesce((to_json("t_author_posts"."title"))::text, 'null')) || '}') as o
from "posts" "t_author_posts"
where "t_author_posts"."author_id" = "t_author"."id" and (("t_author_posts"."published" or "t_author_posts"."author_id" = $1::uuid))
order by "t_author_posts"."id"
limit 100) m), '')) || ']}'))
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true))::text, 'null') || '}')) as body, t."version"
from "posts" t
where t."id" = $2::uuid and (("t"."published" or "t"."author_id" = $1::uuid)) offset 0) g
