/** An author with many long posts, so that PostgreSQL needs some time to search their texts. */

import type { World } from './scenario.ts'

const POSTS = 40_000

/** Inserts the posts of the author unless they exist; returns the id of the author. */
export async function busyAuthor({ database, sample }: World): Promise<string> {
  const author = sample.authors[0] ?? ''
  const [row] = await database.query('select count(*) as posts from posts where author_id = $1', [author])
  if (Number(row?.posts) < POSTS)
    await database.query(
      `insert into posts (id, title, body, tags, published, author_id, created_at, updated_at, version)
       select gen_random_uuid(), 'Post ' || n, repeat('Lorem ipsum dolor sit amet ' || md5(n::text) || '. ', 15), '{}', true, $1, now(), now(), 1
       from generate_series(1, ${POSTS}) n`,
      [author],
    )
  return author
}

/** The address of a list that searches each of these posts for this number of texts, and finds none. */
export function costlyList(author: string, texts: number): string {
  const conditions = Array.from({ length: texts }, (_, i) => `body.contains("nowhere ${i}")`).join(' || ')
  return `/api/posts?filter=${encodeURIComponent(`author == "${author}" && (${conditions})`)}&count=true`
}
