/** The design of the benchmark with a field that takes any JSON, so that a row can hold more than one request can send. */

import { backend, json, ref } from 'plinth'
import blog from '../design.ts'

export default backend({
  ...blog,
  entities: {
    ...blog.entities,
    Note: {
      fields: { data: json(), author: ref('User', { set: 'auth.id', onDelete: 'cascade' }) },
      access: { read: 'true', create: 'auth.id != null', delete: 'author.id == auth.id' },
    },
  },
})
