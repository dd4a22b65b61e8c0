/** A migration with nearly every kind of change, which the test kills at each statement. */

import type { Entities } from './schema.ts'

const text = { type: 'text', max: 100 }

export const KILLED: { readonly old: Entities; readonly new: Entities; readonly rows: readonly string[] } = {
  old: {
    User: { fields: { name: text, nick: { ...text, unique: true }, old: text } },
    Post: {
      fields: {
        title: { ...text, optional: true },
        stars: { type: 'integer' },
        author: { type: 'ref', entity: 'User', inverse: 'posts' },
        twice: { type: 'computed', expression: 'stars * 2' },
      },
      indexes: [['title']],
    },
  },
  new: {
    Member: { was: 'User', fields: { name: { ...text, unique: true }, nick: { ...text, unique: true } }, softDelete: true },
    Post: {
      fields: {
        heading: { ...text, was: 'title', min: 1 },
        stars: { type: 'decimal', precision: 12, scale: 2 },
        author: { type: 'ref', entity: 'Member', inverse: 'posts', onDelete: 'cascade' },
        editor: { type: 'ref', entity: 'Member', optional: true },
        twice: { type: 'computed', expression: 'stars * 2.0' },
      },
      search: ['heading'],
    },
    Tag: { fields: { label: text, post: { type: 'ref', entity: 'Post' } } },
  },
  rows: [
    "insert into users (name, nick, old) select 'name ' || n, 'nick ' || n, 'old' from generate_series(1, 50) n",
    "insert into posts (title, stars, author_id) select 'title', 3, id from users",
  ],
}
