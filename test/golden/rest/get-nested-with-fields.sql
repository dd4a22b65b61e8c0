-- get Post
select case when octet_length(g.body) <= coalesce(nullif(current_setting('plinth.room', true), ''), '16777216')::bigint then g.body end as body, g."version"
from (select ((('{"title":' || coalesce((to_json("t"."title"))::text, 'null')) || ',"author":') || (coalesce(((select ((('{"name":' || coalesce((to_json("t_author"."name"))::text, 'null')) || (',"email":' || coalesce((to_json(case when "t_author"."id" = $1::uuid then "t_author"."email" end))::text, 'null'))) || ((',"posts":[' || coalesce((select case when counted.total >= 107378477367296 then current_setting('plinth.too_many_rows') when counted.total & 4294967295 > 67108864 then current_setting('plinth.too_many_bytes') else counted.j end
from (select listed.j, set_config('plinth.answer', (coalesce(nullif(current_setting('plinth.answer', true), ''), '0')::bigint + listed.n * 4294967296::bigint + octet_length(listed.j))::text, true)::bigint as total
from (select coalesce(string_agg(m.o, ','), '') || ']' || case when count(*) = 100 then coalesce(',"posts@next":"' || (select max(e.c) filter (where e.place = 1)
from (select translate(encode(convert_to(json_build_array('id', ("t_author_posts"."id")::text)::text, 'UTF8'), 'base64'), '+/=
', '-_') as c, row_number() over () as place
from (select "t_author_posts".*
from "posts" "t_author_posts"
where "t_author_posts"."author_id" = "t_author"."id" and (("t_author_posts"."published" or "t_author_posts"."author_id" = $1::uuid))
order by "t_author_posts"."id" offset 99
limit 2) "t_author_posts") e having count(*) = 2) || '"', '') else '' end as j, count(*) as n
from (select (('{"title":' || coalesce((to_json("t_author_posts"."title"))::text, 'null')) || '}') as o
from "posts" "t_author_posts"
where "t_author_posts"."author_id" = "t_author"."id" and (("t_author_posts"."published" or "t_author_posts"."author_id" = $1::uuid))
order by "t_author_posts"."id"
limit 100) m) listed) counted), ']')) || '}'))
from "users" "t_author"
where "t_author"."id" = "t"."author_id" and true))::text, 'null') || '}')) as body, t."version"
from "posts" t
where t."id" = $2::uuid and (("t"."published" or "t"."author_id" = $1::uuid)) offset 0) g
where set_config('plinth.answer', case when coalesce(nullif(current_setting('plinth.answer', true), ''), '0')::bigint < 107378477367296 then '0' else current_setting('plinth.too_many_rows') end, true) = '0'
