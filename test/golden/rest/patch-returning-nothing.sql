-- update Post
update "posts" o set "title" = $1::text, "updated_at" = now(), "version" = o."version" + 1
where o."id" = $2::uuid and true and ((("o"."published" or "o"."author_id" = $3::uuid)) is true and ($4::bigint[] is null or o."version" = any($4::bigint[]))) and exists (select 1
from (select 1 as "#ord", o."id" as "id", $1::text as "title", o."body" as "body", o."tags" as "tags", o."published" as "published", o."author_id" as "author_id", o."created_at" as "created_at", now() as "updated_at", o."version" + 1 as "version") n
where (("o"."author_id" = $3::uuid) is true and ("n"."author_id" = $3::uuid) is true))
returning 1, true, true, true, '[]', '[]', true, true, "o"."id"::text, null::text, "o"."version"
