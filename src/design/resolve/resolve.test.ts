import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDiagnostic } from '../../base/diagnostic.ts'
import { ALWAYS, NEVER } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { entityNamed, fieldNamed } from '../../model/model.ts'
import { NO_SOURCE } from '../findings/source.ts'
import {
  backend,
  choice,
  computed,
  decimal,
  email,
  integer,
  json,
  list,
  password,
  ref,
  text,
  time,
  timestamp,
  url,
} from '../language/define.ts'
import { resolveDesign } from './resolve.ts'

const CLOSED = { read: 'true', create: 'true', update: 'false', delete: 'false' }

/** Every finding, as the lines that an author sees. */
function findings(design: unknown): readonly string[] {
  return resolveDesign(design, NO_SOURCE).diagnostics.map(formatDiagnostic)
}

function modelOf(design: unknown): Model {
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  assert.ok(model !== null, diagnostics.map(formatDiagnostic).join('\n'))
  return model
}

/** The entity Post with the fields and options. */
function postOf(fields: Record<string, unknown>, options: Record<string, unknown> = {}): Entity {
  return entityNamed(modelOf({ name: 'x', entities: { Post: { access: CLOSED, fields, ...options } } }), 'Post')
}

function fieldOf(design: unknown): Field {
  return fieldNamed(postOf({ it: design }), 'it')
}

test('a misspelt field in a rule is answered with its place and the field that was meant', () => {
  const design = { name: 'x', entities: { Post: { access: { ...CLOSED, read: 'publishd' }, fields: { published: { type: 'boolean' } } } } }
  assert.deepEqual(findings(design), [
    'error PLN-D302 entities.Post.access.read: unknown field "publishd" at 1:1, did you mean "published"?',
  ])
})

test('every entity has id, createdAt, updatedAt and version, which nobody may write', () => {
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

test('a password is read by nobody, whatever else the design says', () => {
  const { read, write } = fieldOf(password({ min: 8 }))
  assert.deepEqual([read, write], [NEVER, ALWAYS])
})

test('a text default is a value, and an expression is written as one', () => {
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

test('a computed field knows its type and whether it may be missing', () => {
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

test('uniqueness within another field is a constraint over both, blamed on the field that asks for it', () => {
  const { uniques } = postOf(
    { org: text(), slug: text({ unique: { within: 'org' } }), code: text({ unique: true }), a: text(), b: text() },
    { unique: [['a', 'b']] },
  )
  assert.deepEqual(uniques, [
    { fields: ['org', 'slug'], blame: 'slug' },
    { fields: ['code'], blame: 'code' },
    { fields: ['a', 'b'], blame: 'b' },
  ])
})

test('indexes keep their order and direction; one that begins with a list is for membership', () => {
  const { indexes } = postOf({ title: text(), tags: list(text()) }, { indexes: [['title', '-createdAt'], ['tags', 'title'], ['-id']] })
  assert.deepEqual(indexes, [
    {
      method: 'btree',
      parts: [
        { field: 'title', descending: false },
        { field: 'createdAt', descending: true },
      ],
    },
    {
      method: 'gin',
      parts: [
        { field: 'tags', descending: false },
        { field: 'title', descending: false },
      ],
    },
    { method: 'btree', parts: [{ field: 'id', descending: true }] },
  ])
})

test('search takes a list of fields, or fields and a language', () => {
  assert.deepEqual(postOf({ title: text() }, { search: ['title'] }).search, { fields: ['title'], language: 'simple' })
  assert.deepEqual(postOf({ title: text() }, { search: { fields: ['title'], language: 'german' } }).search, {
    fields: ['title'],
    language: 'german',
  })
})

test('an update rule holds before and after the write, or is one for each', () => {
  const access = (update: unknown) => postOf({ title: text() }, { access: { ...CLOSED, update } }).access
  const one = access('title == "a"')
  assert.equal(one.update.from, one.update.to)
  assert.equal(one.source.update, 'title == "a"')
  const two = access({ from: 'title == "a"', to: 'title == "b"' })
  assert.notDeepEqual(two.update.from, two.update.to)
  assert.equal(two.source.update, 'title == "a" (before), title == "b" (after)')
})

test('what the design does not open is closed, and a note says so', () => {
  const design = { name: 'x', entities: { Post: { access: { read: 'true' }, fields: { title: text() } } } }
  const { access } = entityNamed(modelOf(design), 'Post')
  assert.deepEqual([access.create, access.update, access.delete], [NEVER, { from: NEVER, to: NEVER }, NEVER])
  assert.deepEqual(access.source, { read: 'true', create: null, update: null, delete: null })
  assert.deepEqual(findings(design), [
    "note PLN-D401 entities.Post.access: create, update and delete of Post are closed to all; write a rule, or create: 'false' to say that it is meant",
  ])
})

test('auth offers id, role and the claims that the identity lists', () => {
  const { claims } = modelOf(
    backend({
      name: 'x',
      entities: {
        Org: { access: CLOSED, fields: { id: integer(), name: text() } },
        Member: {
          identity: { login: 'mail', password: 'secret', role: 'kind', claims: ['org', 'level'] },
          access: { ...CLOSED, read: 'org == auth.org && auth.level > 3' },
          fields: {
            mail: email({ unique: true }),
            secret: password(),
            kind: choice(['a', 'b'], { default: 'a', write: 'auth.role == "b"' }),
            org: ref('Org'),
            level: integer({ default: 0 }),
          },
        },
      },
    }),
  )
  assert.deepEqual(claims, [
    { name: 'id', field: 'id', scalar: 'uuid' },
    { name: 'role', field: 'kind', scalar: 'text' },
    { name: 'org', field: 'org', scalar: 'integer' },
    { name: 'level', field: 'level', scalar: 'integer' },
  ])
})

test('everything that is not yet in effect is listed, and nothing else is', () => {
  const { pending } = modelOf({
    name: 'x',
    entities: {
      Post: {
        access: CLOSED,
        fields: { title: text() },
        cache: { ttl: '5m' },
        history: { keep: '90d' },
        hooks: { beforeCreate: './h.ts' },
        actions: { publish: { run: () => null } },
      },
      Note: { access: CLOSED, fields: { title: text() }, history: false, hooks: {}, softDelete: true, search: ['title'] },
    },
    on: { 'Post.publish': [{ run: './a.ts' }] },
    actions: { clean: { run: './c.ts' } },
    schedules: { nightly: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', run: './n.ts' } },
    routes: './r.ts',
    integrations: { email: { from: 'a@example.com' } },
    targets: { p99: '50ms' },
  })
  assert.deepEqual(
    pending.map(({ path }) => path.join('.')),
    [
      'entities.Post.cache',
      'entities.Post.history',
      'entities.Post.hooks',
      'entities.Post.actions',
      'on.Post.publish',
      'actions.clean',
      'schedules.nightly',
      'routes',
      'integrations',
    ],
  )
})

test('a fault in one part does not raise findings in the parts that use it', () => {
  const design = {
    name: 'x',
    entities: {
      User: {
        access: CLOSED,
        fields: { name: { type: 'txt' }, boss: { type: 'ref', entity: 'Nobody' } },
        indexes: [['name']],
        search: ['name'],
      },
      Post: { access: { ...CLOSED, read: 'author.name == "x" || author.boss.name == "y"' }, fields: { author: ref('User') } },
      Broken: { feilds: {} },
      Note: { access: CLOSED, fields: { broken: ref('Broken') } },
    },
  }
  assert.deepEqual(findings(design), [
    'error PLN-D104 entities.User.fields.name.type: unknown type "txt", did you mean "text"?',
    'error PLN-D101 entities.Broken.feilds: unknown key "feilds", did you mean "fields"?',
    'error PLN-D103 entities.Broken: the key "fields" is missing; write fields: {"title":{"type":"text","max":200}}',
    'error PLN-D208 entities.User.fields.boss.entity: unknown entity "Nobody"',
  ])
})

test('the same design gives the same model', () => {
  const design = () => ({
    name: 'x',
    rules: { open: 'true' },
    entities: { Post: { access: { ...CLOSED, read: 'open' }, fields: { a: text(), b: list(integer()) }, indexes: [['b'], ['a']] } },
  })
  assert.deepEqual(modelOf(design()), modelOf(design()))
})

test('a rule that its author broke into lines is shown on one', () => {
  const access = { ...CLOSED, read: 'title == "a" ||\n    title == "b"\n', update: { from: 'true\n', to: 'title\n != "c"' } }
  const { source } = postOf({ title: text() }, { access }).access
  assert.deepEqual([source.read, source.update], ['title == "a" || title == "b"', 'true (before), title != "c" (after)'])
})
