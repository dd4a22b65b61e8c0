query ($author: UUID!, $word: String!) {
    user(id: $author) { name posts(first: 2, filter: { title: { startsWith: $word } }, orderBy: [{ createdAt: DESC }]) { edges { cursor node { title author { name } } } pageInfo { hasNextPage } } }
    users(first: 3) { totalCount nodes { nodeId __typename posts(first: 2) { nodes { id } } } }
  }

select r.*
from (select (select ((('{"name":' || coalesce((to_json("t0"."name"))::text, 'null')) || ',"posts":') || (coalesce(((select case when counted.total >= 107378477367296 then current_setting('plinth.too_many_rows') when counted.total & 4294967295 > 67108864 then current_setting('plinth.too_many_bytes') else counted.j end
from (select listed.j, set_config('plinth.answer', (coalesce(nullif(current_setting('plinth.answer', true), ''), '0')::bigint + listed.n * 8589934592::bigint + octet_length(listed.j))::text, true)::bigint as total
from (select ((('{"edges":[' || coalesce(string_agg(((('{"cursor":' || coalesce('"' || (translate(encode(convert_to(json_build_array('-createdAt,-id', to_char("t0_0"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ("t0_0"."id")::text)::text, 'UTF8'), 'base64'), '+/=
', '-_'))::text || '"', 'null')) || ',"node":') || (coalesce((((('{"title":' || coalesce((to_json("t0_0"."title"))::text, 'null')) || ',"author":') || (coalesce(((select (('{"name":' || coalesce((to_json("t0_0_0"."name"))::text, 'null')) || '}')
from "users" "t0_0_0"
where "t0_0_0"."id" = "t0_0"."author_id" and true))::text, 'null') || '}')))::text, 'null') || '}')), ',') filter (where "t0_0"."#place" <= 2), '')) || '],"pageInfo":') || (coalesce(((('{"hasNextPage":' || coalesce(((count(*) > 2)::text)::text, 'null')) || '}'))::text, 'null') || '}')) as j, least(count(*), 2) as n
from (select "t0_0".*, row_number() over () as "#place"
from (select "t0_0".*
from "posts" "t0_0"
where "t0_0"."author_id" = "t0"."id" and ("t0_0"."published") and (starts_with("t0_0"."title", $1::text))
order by "t0_0"."created_at" desc, "t0_0"."id" desc
limit 3) "t0_0") "t0_0") listed) counted))::text, 'null') || '}'))
from "users" "t0"
where "t0"."id" = $2::uuid and true) as "f0", (select ((('{"totalCount":' || coalesce(((select count(*)
from "users" "t1"
where true))::text, 'null')) || ',"nodes":[') || (coalesce(string_agg(((('{"nodeId":' || coalesce('"' || (translate(encode(convert_to('User:' || "t1"."id"::text, 'UTF8'), 'base64'), '+/=
', '-_'))::text || '"', 'null')) || ',"__typename":"User","posts":') || (coalesce(((select case when counted.total >= 107378477367296 then current_setting('plinth.too_many_rows') when counted.total & 4294967295 > 67108864 then current_setting('plinth.too_many_bytes') else counted.j end
from (select listed.j, set_config('plinth.answer', (coalesce(nullif(current_setting('plinth.answer', true), ''), '0')::bigint + listed.n * 4294967296::bigint + octet_length(listed.j))::text, true)::bigint as total
from (select (('{"nodes":[' || coalesce(string_agg((('{"id":' || coalesce('"' || ("t1_0"."id")::text || '"', 'null')) || '}'), ',') filter (where "t1_0"."id" is not null), '')) || ']}') as j, least(count(*), 2) as n
from (select "t1_0".*
from "posts" "t1_0"
where "t1_0"."author_id" = "t1"."id" and ("t1_0"."published")
order by "t1_0"."id"
limit 2) "t1_0") listed) counted))::text, 'null') || '}')), ',') filter (where "t1"."id" is not null), '') || ']}'))
from (select "t1".*
from "users" "t1"
where true
order by "t1"."id"
limit 3) "t1") as "f1" offset 0) r
where case when set_config('plinth.answer', case when coalesce(nullif(current_setting('plinth.answer', true), ''), '0')::bigint < 107378477367296 then '0' else current_setting('plinth.too_many_rows') end, true) = '0' then coalesce(octet_length(r."f0"), 0)::bigint + coalesce(octet_length(r."f1"), 0)::bigint <= 16777216 end
