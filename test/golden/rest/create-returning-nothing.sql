-- create Post
insert into "posts" as d ("id", "title", "body", "tags", "published", "author_id", "created_at", "updated_at", "version") select n."id", n."title", n."body", n."tags", n."published", n."author_id", n."created_at", n."updated_at", n."version"
from (select 1 as "#ord", $1::uuid as "id", $2::text as "title", $3::text as "body", $4::text[] as "tags", $5::boolean as "published", ($6::uuid)::uuid as "author_id", now() as "created_at", now() as "updated_at", 1::bigint as "version") n
where true
returning 1, true, '[]', '[]', true, d."id"::text, null::text, d."version"
