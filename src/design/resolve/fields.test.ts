import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSED, fieldOf, modelOf, postOf } from '../../../test/support/resolved.ts'
import { ALWAYS, NEVER } from '../../model/expression.ts'
import { entityNamed, fieldNamed } from '../../model/model.ts'
import { choice, computed, decimal, email, integer, json, list, password, ref, text, time, timestamp, url } from '../authoring/define.ts'

test('every entity has id, createdAt, updatedAt and version, which no caller may write', () => {
  const { fields } = postOf({ title: text() }, { softDelete: true })
  assert.deepEqual(
    fields.map((f) => [f.name, f.column, f.system, f.optional]),
    [
      ['id', 'id', 'id', false],
      ['title', 'title', null, false],
      ['createdAt', 'created_at', 'createdAt', false],
      ['updatedAt', 'updated_at', 'updatedAt', false],
      ['version', 'version', 'version', false],
      ['deletedAt', 'deleted_at', 'deletedAt', true],
    ],
  )
  for (const field of fields) assert.deepEqual(field.write, field.system === null ? ALWAYS : NEVER)
  assert.deepEqual(
    fields.map((f) => f.default),
    [
      { kind: 'generated', by: 'uuidv7' },
      null,
      { kind: 'generated', by: 'now' },
      { kind: 'generated', by: 'now' },
      { kind: 'generated', by: 'one' },
      null,
    ],
  )
})

test('an own id is numbered by the database or given by the caller', () => {
  const numbered = fieldNamed(postOf({ id: integer() }), 'id')
  assert.deepEqual(
    [numbered.type.kind === 'scalar' && numbered.type.scalar, numbered.default, numbered.write, numbered.system],
    ['integer', { kind: 'generated', by: 'identity' }, NEVER, 'id'],
  )
  const given = fieldNamed(postOf({ id: text({ pattern: '^[a-z]+$' }) }), 'id')
  assert.deepEqual([given.default, given.write, given.immutable, given.system], [null, ALWAYS, true, null])
  assert.deepEqual(given.type, { kind: 'scalar', scalar: 'text', min: 1, max: 200, pattern: '^[a-z]+$', precision: null })
  const other = modelOf({
    name: 'x',
    entities: { Post: { access: CLOSED, fields: { id: integer() } }, Note: { access: CLOSED, fields: { post: ref('Post') } } },
  })
  const { type } = fieldNamed(entityNamed(other, 'Note'), 'post')
  assert.equal(type.kind === 'ref' && type.scalar, 'integer')
})

test('names in the database follow from the design, and table and path override them', () => {
  const names = (name: string, options: Record<string, unknown> = {}) => {
    const [entity] = modelOf({ name: 'x', entities: { [name]: { access: CLOSED, fields: { t: text() }, ...options } } }).entities
    return [entity?.table, entity?.path]
  }
  assert.deepEqual(names('OrderItem'), ['order_items', 'order-items'])
  assert.deepEqual(names('Category'), ['categories', 'categories'])
  assert.deepEqual(names('HTTPLog'), ['http_logs', 'http-logs'])
  assert.deepEqual(names('Person', { table: 'people "of" note', path: 'people' }), ['people "of" note', 'people'])
})

test('limits that the author does not give have their documented values', () => {
  assert.deepEqual(fieldOf(text()).type, { kind: 'scalar', scalar: 'text', min: null, max: 10_000, pattern: null, precision: null })
  assert.deepEqual(fieldOf(email()).type, { kind: 'scalar', scalar: 'email', min: null, max: 254, pattern: null, precision: null })
  assert.deepEqual(fieldOf(url()).type, { kind: 'scalar', scalar: 'url', min: null, max: 2_048, pattern: null, precision: null })
  assert.deepEqual(fieldOf(password()).type, { kind: 'password', min: 15, max: 256, pattern: null })
  const tags = fieldOf(list(text({ max: 5 }))).type
  assert.deepEqual([tags.kind === 'list' && tags.min, tags.kind === 'list' && tags.max], [null, 100])
  const price = fieldOf(decimal(10, 2, { min: 0, max: '99.50' })).type
  assert.deepEqual(price, { kind: 'scalar', scalar: 'decimal', min: '0', max: '99.50', pattern: null, precision: { digits: 10, scale: 2 } })
  const open = fieldOf(time({ min: '08:00' })).type
  assert.equal(open.kind === 'scalar' && open.min, '08:00:00.000')
})

test('nobody may read a password, for any read rule of the entity', () => {
  const { read, write } = fieldOf(password({ min: 8 }))
  assert.deepEqual([read, write], [NEVER, ALWAYS])
})

test('a text default is a value, and an expression is written as an object', () => {
  assert.deepEqual(fieldOf(text({ default: 'now()' })).default, { kind: 'value', value: 'now()' })
  assert.deepEqual(fieldOf(timestamp({ default: '2024-01-01T01:00:00+01:00' })).default, {
    kind: 'value',
    value: '2024-01-01T00:00:00.000Z',
  })
  assert.deepEqual(fieldOf(json({ default: { a: 1 } })).default, { kind: 'value', value: { a: 1 } })
  assert.deepEqual(fieldOf(list(text(), { default: [] })).default, { kind: 'value', value: [] })
  assert.deepEqual(fieldOf(choice(['a', 'b'], { default: 'b' })).default, { kind: 'value', value: 'b' })
  const now = fieldOf(timestamp({ default: 'now()' })).default
  assert.equal(now?.kind === 'expression' && now.term.kind, 'now')
  const words = fieldOf(text({ default: { expression: '"a" + "b"' } })).default
  assert.equal(words?.kind, 'expression')
})

test('a computed field has a type, and is optional if it may be missing', () => {
  const { fields } = postOf({
    price: decimal(10, 2),
    quantity: integer(),
    note: text({ optional: true }),
    total: computed('price * quantity'),
    loud: computed('note.upperAscii()'),
    each: computed('price / quantity'),
  })
  const seen = fields.flatMap((f) => (f.type.kind === 'computed' ? [[f.name, f.type.scalar, f.optional]] : []))
  assert.deepEqual(seen, [
    ['total', 'decimal', false],
    ['loud', 'text', true],
    ['each', 'decimal', true],
  ])
})
