/** Frequent queries, prepared once by Drizzle and by PostgreSQL; `me` and `staff` are the caller. */

import { and, desc, eq, or, sql } from 'drizzle-orm'
import { posts, users } from './schema.js'

const given = sql.placeholder

/** The rule `published || author.id == auth.id || staff`. */
const visible = (post) => or(post.published, eq(post.authorId, given('me')), sql`${given('staff')}::boolean`)

/** Prepares the queries on a connection of Drizzle. */
export function prepareQueries(db) {
  return {
    getPost: db
      .select()
      .from(posts)
      .where(and(eq(posts.id, given('id')), visible(posts)))
      .limit(1)
      .prepare('get_post'),
    listPosts: db.query.posts
      .findMany({
        where: (post) => and(eq(post.authorId, given('author')), visible(post)),
        orderBy: (post) => [desc(post.createdAt), desc(post.id)],
        limit: given('limit'),
        with: { author: { columns: { password: false } } },
      })
      .prepare('list_posts'),
    listPostsAfter: db.query.posts
      .findMany({
        where: (post) =>
          and(
            eq(post.authorId, given('author')),
            visible(post),
            sql`(${post.createdAt}, ${post.id}) < (${given('at')}::timestamptz, ${given('id')}::uuid)`,
          ),
        orderBy: (post) => [desc(post.createdAt), desc(post.id)],
        limit: given('limit'),
        with: { author: { columns: { password: false } } },
      })
      .prepare('list_posts_after'),
    createPost: db
      .insert(posts)
      .values({
        id: given('id'),
        title: given('title'),
        body: given('body'),
        tags: given('tags'),
        published: given('published'),
        authorId: given('author'),
      })
      .returning()
      .prepare('create_post'),
    findLogin: db
      .select()
      .from(users)
      .where(eq(users.email, given('email')))
      .prepare('find_login'),
  }
}
