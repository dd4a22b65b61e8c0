-- list Post
select "t"."title"::text, ("t"."id")::uuid
from (select t.*
from "posts" t
where ("t"."published") and (("t"."tags" @> array[$1::text]::text[] and "t"."published" = true))
order by "t"."id"
limit 21) t offset 0
