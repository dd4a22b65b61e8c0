import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSED, findings, modelOf, postOf } from '../../../test/support/resolved.ts'
import { NEVER } from '../../model/expression.ts'
import { entityNamed } from '../../model/model.ts'
import { backend, choice, email, integer, list, password, ref, text } from '../authoring/define.ts'

test('the finding for a misspelt field in a rule has its place and suggests the right field', () => {
  const design = { name: 'x', entities: { Post: { access: { ...CLOSED, read: 'publishd' }, fields: { published: { type: 'boolean' } } } } }
  assert.deepEqual(findings(design), [
    'error PLN-D302 entities.Post.access.read: unknown field "publishd" at 1:1, did you mean "published"?',
  ])
})

test('an update has one rule for before and after the write, or one for each', () => {
  const access = (update: unknown) => postOf({ title: text() }, { access: { ...CLOSED, update } }).access
  const one = access('title == "a"')
  assert.equal(one.update.from, one.update.to)
  assert.equal(one.source.update, 'title == "a"')
  const two = access({ from: 'title == "a"', to: 'title == "b"' })
  assert.notDeepEqual(two.update.from, two.update.to)
  assert.equal(two.source.update, 'title == "a" (before), title == "b" (after)')
})

test('operations without a rule are closed, and a note says so', () => {
  const design = { name: 'x', entities: { Post: { access: { read: 'true' }, fields: { title: text() } } } }
  const { access } = entityNamed(modelOf(design), 'Post')
  assert.deepEqual([access.create, access.update, access.delete], [NEVER, { from: NEVER, to: NEVER }, NEVER])
  assert.deepEqual(access.source, { read: 'true', create: null, update: null, delete: null })
  assert.deepEqual(findings(design), [
    "note PLN-D401 entities.Post.access: create, update and delete of Post are closed to all; write a rule, or create: 'false' to close it on purpose",
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

test('all parts that are not yet in effect are listed, and no other parts', () => {
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
    on: { 'Post.publish': [{ publish: 'posts' }] },
    actions: { clean: { run: './c.ts' } },
    schedules: { nightly: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', as: 'system', run: './n.ts' } },
    routes: './r.ts',
    integrations: { email: { from: 'a@example.com' }, broker: { nats: 'NATS_URL' } },
    targets: { p99: '50ms' },
  })
  assert.deepEqual(
    pending.map(({ path }) => path.join('.')),
    ['entities.Post.cache', 'entities.Post.history'],
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
    'error PLN-D208 entities.User.fields.boss.entity: unknown entity "Nobody"; correct the name, or declare the entity',
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

test('a rule of several lines is shown on one line', () => {
  const access = { ...CLOSED, read: 'title == "a" ||\n    title == "b"\n', update: { from: 'true\n', to: 'title\n != "c"' } }
  const { source } = postOf({ title: text() }, { access }).access
  assert.deepEqual([source.read, source.update], ['title == "a" || title == "b"', 'true (before), title != "c" (after)'])
})
