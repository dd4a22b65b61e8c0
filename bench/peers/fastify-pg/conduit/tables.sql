-- The tables of the Conduit API by hand.
create table users (
  id uuid primary key default uuidv7(),
  username text not null unique,
  email text not null unique,
  password text not null,
  bio text,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table follows (
  follower_id uuid not null references users on delete cascade,
  followed_id uuid not null references users on delete cascade,
  primary key (followed_id, follower_id)
);
create index on follows (follower_id);
create table articles (
  id uuid primary key default uuidv7(),
  slug text not null unique,
  title text not null,
  description text not null,
  body text not null,
  tag_list text[] not null default '{}',
  author_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on articles (created_at desc, id desc);
create index on articles (author_id, created_at desc, id desc);
create index on articles using gin (tag_list);
create table favorites (
  article_id uuid not null references articles on delete cascade,
  user_id uuid not null references users on delete cascade,
  primary key (article_id, user_id)
);
create index on favorites (user_id);
create table comments (
  id integer generated always as identity primary key,
  body text not null,
  article_id uuid not null references articles on delete cascade,
  author_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on comments (article_id, id);
create index on comments (author_id);
