-- The blog's rules as row-level security, for PostGraphile's role. The owner of the tables, as whom all other servers connect, is not subject to them.

alter table posts enable row level security;
alter table users enable row level security;
alter table comments enable row level security;

create policy posts_read on posts for select to bench_api using (
  published
  or author_id = nullif(current_setting('jwt.claims.id', true), '')::uuid
  or current_setting('jwt.claims.role', true) in ('admin', 'moderator')
);
create policy posts_create on posts for insert to bench_api with check (author_id = nullif(current_setting('jwt.claims.id', true), '')::uuid);
create policy posts_update on posts for update to bench_api using (
  author_id = nullif(current_setting('jwt.claims.id', true), '')::uuid
  or current_setting('jwt.claims.role', true) in ('admin', 'moderator')
);
create policy users_read on users for select to bench_api using (true);
create policy comments_read on comments for select to bench_api using (true);

grant usage on schema public, plinth to bench_api;
grant select on users, comments to bench_api;
grant select, insert (title, body, tags, published, author_id), update (title, body, tags, published) on posts to bench_api;

-- A column cannot have a policy of its own: the password is not in the schema, and the address is a function that asks.
comment on column users.password is '@behavior -*';
comment on column users.email is '@behavior -*';
create function public.users_address(u users) returns text language sql stable as $$
  select case
    when u.id = nullif(current_setting('jwt.claims.id', true), '')::uuid or current_setting('jwt.claims.role', true) in ('admin', 'moderator')
    then u.email
  end
$$;
