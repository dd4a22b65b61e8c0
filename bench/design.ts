/** The design that Plinth serves: the blog of the examples with comments, which give queries a third level. */

import { backend, ref, text } from 'plinth'
import blog from '../examples/blog/design.ts'

/** The blog with comments. */
export default backend({
  ...blog,
  entities: {
    ...blog.entities,
    Comment: {
      fields: {
        text: text({ max: 2_000 }),
        post: ref('Post', { inverse: 'comments', immutable: true, onDelete: 'cascade' }),
        author: ref('User', { set: 'auth.id', onDelete: 'cascade' }),
      },
      access: { read: 'true', create: 'auth.id != null', delete: 'author.id == auth.id || staff' },
      indexes: [['post', '-createdAt']],
    },
  },
})
