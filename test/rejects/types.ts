// @ts-nocheck
import { backend, boolean, choice, integer, list, ref, text } from 'plinth'

export default backend({
  name: 'Blog 2',
  entities: {
    Post: {
      fields: { title: text({ maxLength: 5 }), flags: list(boolean(), { unique: true }), state: choice([]), count: integer({ min: '1' }), by: ref(5) },
      indexes: 'title',
      access: { read: true, update: { before: 'true' } },
    },
  },
})
