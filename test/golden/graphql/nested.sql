query ($author: UUID!, $word: String!) {
    user(id: $author) { name posts(first: 2, filter: { title: { startsWith: $word } }, orderBy: [{ createdAt: DESC }]) { edges { cursor node { title author { name } } } pageInfo { hasNextPage } } }
    users(first: 3) { totalCount nodes { nodeId __typename posts(first: 2) { nodes { id } } } }
  }

select (select (select row_to_json(j)
from (select "t0"."name" as "name", (select row_to_json(j)
from (select coalesce(json_agg((select row_to_json(j)
from (select p.c as "cursor", p."o0" as "node") j)
order by p.n) filter (where p.n <= 2), '[]') as "edges", json_build_object('hasNextPage', count(*) > 2) as "pageInfo"
from (select r.*, row_number() over () as n
from (select (select row_to_json(j)
from (select "t0_0"."title" as "title", (select (select row_to_json(j)
from (select "t0_0_0"."name" as "name") j)
from "users" "t0_0_0"
where "t0_0_0"."id" = "t0_0"."author_id" and true) as "author") j) as "o0", translate(encode(convert_to(json_build_array('-createdAt,-id', to_char("t0_0"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ("t0_0"."id")::text)::text, 'UTF8'), 'base64'), '+/=
', '-_') as c
from "posts" "t0_0"
where "t0_0"."author_id" = "t0"."id" and ("t0_0"."published") and (starts_with("t0_0"."title", $1::text))
order by "t0_0"."created_at" desc, "t0_0"."id" desc
limit 3) r) p) j) as "posts") j)
from "users" "t0"
where "t0"."id" = $2::uuid and true)::text as "f0", (select row_to_json(j)
from (select (select count(*)
from "users" "t1"
where true) as "totalCount", coalesce(json_agg(p."o0"
order by p.n) filter (where p.n <= 3), '[]') as "nodes"
from (select r.*, row_number() over () as n
from (select (select row_to_json(j)
from (select translate(encode(convert_to('User:' || "t1"."id"::text, 'UTF8'), 'base64'), '+/=
', '-_') as "nodeId", 'User' as "__typename", (select row_to_json(j)
from (select coalesce(json_agg(p."o0"
order by p.n) filter (where p.n <= 2), '[]') as "nodes"
from (select r.*, row_number() over () as n
from (select (select row_to_json(j)
from (select "t1_0"."id" as "id") j) as "o0"
from "posts" "t1_0"
where "t1_0"."author_id" = "t1"."id" and ("t1_0"."published")
order by "t1_0"."id"
limit 3) r) p) j) as "posts") j) as "o0"
from "users" "t1"
where true
order by "t1"."id"
limit 4) r) p) j)::text as "f1"
