/** The design that Plinth serves: the blog of the examples with comments, which give queries a third level. */

import { backend, ref, text } from 'plinth'
import blog from '../examples/blog/design.ts'

const { login, password, role } = blog.entities.User.identity

/**
 * The blog with comments. It sends no mails, for which the benchmark has no server. Its identity has no newer keys, because `--against`
 * also runs it with earlier versions of Plinth.
 */
export default backend({
  ...blog,
  on: {},
  integrations: {},
  entities: {
    ...blog.entities,
    User: { ...blog.entities.User, identity: { login, password, role } },
    Comment: {
      fields: {
        text: text({ max: 2_000 }),
        post: ref('Post', { inverse: 'comments', immutable: true, onDelete: 'cascade' }),
        author: ref('User', { set: 'auth.id', onDelete: 'cascade' }),
      },
      access: { read: 'true', create: 'auth.id != null', update: 'false', delete: 'author.id == auth.id || staff' },
      indexes: [['post', '-createdAt']],
    },
  },
})
