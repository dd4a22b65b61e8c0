-- get Post
select ((((('{"id":"' || ("t"."id")::text) || '","title":') || ((to_json("t"."title"))::text || ',"body":')) || ((((to_json("t"."body"))::text || ',"tags":') || (to_json("t"."tags"))::text) || (',"published":' || ("t"."published")::text))) || ((((',"author":"' || ("t"."author_id")::text) || '","createdAt":"') || ((to_char("t"."created_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '","updatedAt":"')) || (((to_char("t"."updated_at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '","version":') || (("t"."version")::text || '}')))) as body, t."version"
from "posts" t
where t."id" = $1::uuid and (("t"."published" or "t"."author_id" = $2::uuid))
