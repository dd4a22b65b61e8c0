import { relations } from 'drizzle-orm'
import { bigint, boolean, customType, pgSchema, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

const time = (name) => timestamp(name, { withTimezone: true, precision: 3 })
const bytea = customType({ dataType: () => 'bytea' })

/** The table of users. */
export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  password: text('password').notNull(),
  role: text('role').notNull().default('user'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
  version: bigint('version', { mode: 'number' }).notNull().default(1),
})

/** The table of posts. */
export const posts = pgTable('posts', {
  id: uuid('id').primaryKey(),
  title: text('title').notNull(),
  body: text('body').notNull(),
  tags: text('tags').array().notNull().default([]),
  published: boolean('published').notNull().default(false),
  authorId: uuid('author_id').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
  version: bigint('version', { mode: 'number' }).notNull().default(1),
})

/** The table of sessions of the peers. */
export const sessions = pgSchema('bench').table('sessions', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: time('expires_at').notNull(),
})

/** A post has one author. */
export const postsRelations = relations(posts, ({ one }) => ({ author: one(users, { fields: [posts.authorId], references: [users.id] }) }))
/** A user has many posts. */
export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }))
