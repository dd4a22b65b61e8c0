/** A design with any number of entities, to measure what grows with them. */

/**
 * Returns the design. One entity signs in; each of the others refers to it and to the entity before, with rules on both, an index, a check
 * and a choice.
 */
export function designOf(entities: number): object {
  const names = Array.from({ length: entities - 1 }, (_, i) => `Thing${i + 1}`)
  return {
    name: 'wide',
    rules: { staff: 'auth.role in ["admin", "moderator"]' },
    entities: Object.fromEntries([['User', USER], ...names.map((name, i) => [name, thing(i === 0 ? null : (names[i - 1] ?? null))])]),
  }
}

const USER = {
  identity: { login: 'email', password: 'password', role: 'role' },
  fields: {
    name: { type: 'text', max: 50 },
    email: { type: 'email', unique: true, read: 'id == auth.id || staff' },
    password: { type: 'password', min: 8 },
    role: { type: 'choice', values: ['user', 'moderator', 'admin'], default: 'user', write: 'auth.role == "admin"' },
  },
  access: { create: 'true', read: 'true', update: 'id == auth.id || staff', delete: 'auth.role == "admin"' },
}

function thing(parent: string | null): object {
  const mine = 'owner.id == auth.id || staff'
  return {
    fields: {
      title: { type: 'text', max: 200 },
      notes: { type: 'text', max: 5000, optional: true, read: mine },
      state: { type: 'choice', values: ['open', 'done', 'gone'], default: 'open' },
      amount: { type: 'decimal', precision: 12, scale: 2, min: 0 },
      count: { type: 'integer', default: 0 },
      due: { type: 'timestamp', optional: true },
      tags: { type: 'list', of: { type: 'text', max: 40 }, default: [] },
      owner: { type: 'ref', entity: 'User', set: 'auth.id', onDelete: 'cascade' },
      ...(parent === null ? {} : { parent: { type: 'ref', entity: parent, inverse: 'parts', optional: true, onDelete: 'setNull' } }),
    },
    access: { read: `state != "gone" || ${mine}`, create: 'auth.id != null', update: mine, delete: mine },
    checks: { finished: { rule: 'state != "done" || due != null', message: 'what is done has a date' } },
    indexes: [
      ['owner', '-createdAt'],
      ['state', 'due'],
    ],
  }
}
