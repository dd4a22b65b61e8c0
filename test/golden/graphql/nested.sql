query ($author: UUID!, $word: String!) {
    user(id: $author) { name posts(first: 2, filter: { title: { startsWith: $word } }, orderBy: [{ createdAt: DESC }]) { edges { cursor node { title author { name } } } pageInfo { hasNextPage } } }
    users(first: 3) { totalCount nodes { nodeId __typename posts(first: 2) { nodes { id } } } }
  }

select (select (select row_to_json(j)
from (select "t0"."name" as "name", (select row_to_json(j)
from (select coalesce(json_agg((select row_to_json(j)
from (select translate(encode(convert_to(json_build_array('-createdAt,-id', to_char("t0_0"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ("t0_0"."id")::text)::text, 'UTF8'), 'base64'), '+/=
', '-_') as "cursor", (select row_to_json(j)
from (select "t0_0"."title" as "title", (select (select row_to_json(j)
from (select "t0_0_0"."name" as "name") j)
from "users" "t0_0_0"
where "t0_0_0"."id" = "t0_0"."author_id" and true) as "author") j) as "node") j)
order by "t0_0"."#place") filter (where "t0_0"."#place" <= 2), '[]') as "edges", json_build_object('hasNextPage', count(*) > 2) as "pageInfo"
from (select "t0_0".*, row_number() over () as "#place"
from (select "t0_0".*
from "posts" "t0_0"
where "t0_0"."author_id" = "t0"."id" and ("t0_0"."published") and (starts_with("t0_0"."title", $1::text))
order by "t0_0"."created_at" desc, "t0_0"."id" desc
limit 3) "t0_0") "t0_0") j) as "posts") j)
from "users" "t0"
where "t0"."id" = $2::uuid and true)::text as "f0", (select row_to_json(j)
from (select (select count(*)
from "users" "t1"
where true) as "totalCount", coalesce(json_agg((select row_to_json(j)
from (select translate(encode(convert_to('User:' || "t1"."id"::text, 'UTF8'), 'base64'), '+/=
', '-_') as "nodeId", 'User' as "__typename", (select row_to_json(j)
from (select coalesce(json_agg((select row_to_json(j)
from (select "t1_0"."id" as "id") j)
order by "t1_0"."#place") filter (where "t1_0"."#place" <= 2), '[]') as "nodes"
from (select "t1_0".*, row_number() over () as "#place"
from (select "t1_0".*
from "posts" "t1_0"
where "t1_0"."author_id" = "t1"."id" and ("t1_0"."published")
order by "t1_0"."id"
limit 3) "t1_0") "t1_0") j) as "posts") j)
order by "t1"."#place") filter (where "t1"."#place" <= 3), '[]') as "nodes"
from (select "t1".*, row_number() over () as "#place"
from (select "t1".*
from "users" "t1"
where true
order by "t1"."id"
limit 4) "t1") "t1") j)::text as "f1"
