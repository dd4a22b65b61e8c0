/** Defaults that are computed for each row, such as `uuid()` and `today()`, and the empty text, through every API. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const FIELDS = {
  name: { type: 'text', max: 40 },
  note: { type: 'text', max: 40, default: '' },
  key: { type: 'uuid', default: 'uuid()', unique: true },
  code: { type: 'text', max: 40, default: { expression: '"T-" + string(uuid())' } },
  day: { type: 'date', default: 'today()' },
}
const DESIGN = { name: 'defaults', entities: { Thing: { access: OPEN, fields: FIELDS } } }
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Thing {
  readonly note: string
  readonly key: string
  readonly code: string
  readonly day: string
}

function expectDefaults(things: readonly Thing[]): void {
  for (const { note, key, code, day } of things) {
    assert.equal(note, '')
    assert.match(key, UUID)
    assert.match(code.slice(2), UUID)
    assert.ok(Math.abs(Date.parse(day) - Date.now()) < 2 * 86_400_000, day)
  }
  assert.equal(new Set(things.flatMap(({ key, code }) => [key, code])).size, 2 * things.length)
}

const backendOf = (t: TestContext): Promise<TestBackend> => testBackend(t, modelFrom(DESIGN))

test('each new row has its own uuid(), by REST alone, in bulk, merged, in a transaction, by GraphQL and by SQL', async (t) => {
  const { ask, sql } = await backendOf(t)
  const one = await ask('POST', '/api/things', { body: { name: 'one' } })
  const bulk = await ask('POST', '/api/things', { body: [{ name: 'a' }, { name: 'b' }] })
  const merged = await Promise.all(Array.from({ length: 20 }, (_, i) => ask('POST', '/api/things', { body: { name: `m${i}` } })))
  const operations = ['x', 'y'].map((name) => ({ method: 'POST', path: '/api/things', body: { name } }))
  const both = await ask('POST', '/api/transaction', { body: { operations } })
  const document = 'mutation { a: createThing(input: { name: "g" }) { thing { note key code day } } }'
  const graph = await ask('POST', '/graphql', { body: { query: document } })
  const [direct] = await sql("insert into things (name) values ('sql') returning note, key, code, day::text")
  assert.deepEqual([one.status, bulk.status, both.status, graph.status], [201, 201, 200, 200], graph.text)
  const rows = [one.json, ...bulk.json, ...merged.map(({ json }) => json), direct]
  const listed = await ask('GET', '/api/things?page[size]=100')
  expectDefaults(listed.json.data)
  assert.equal(listed.json.data.length, rows.length + operations.length + 1)
})

test('a sent value replaces the default', async (t) => {
  const { ask } = await backendOf(t)
  const key = '0198c0de-0000-7000-8000-000000000000'
  const { json } = await ask('POST', '/api/things', { body: { name: 'n', note: 'x', key, day: '2020-01-01' } })
  assert.deepEqual([json.note, json.key, json.day], ['x', key, '2020-01-01'])
})

test('a rule and a filter compare with today()', async (t) => {
  const access = { ...OPEN, read: 'day <= today()' }
  const { ask } = await testBackend(t, modelFrom({ name: 'due', entities: { Thing: { access, fields: FIELDS, indexes: [['day']] } } }))
  await ask('POST', '/api/things', {
    body: [
      { name: 'past', day: '2000-01-01' },
      { name: 'future', day: '2999-01-01' },
    ],
  })
  const names = async (url: string) => (await ask('GET', url)).json.data.map(({ name }: { name: string }) => name)
  assert.deepEqual(await names('/api/things'), ['past'])
  assert.deepEqual(await names(`/api/things?filter=${encodeURIComponent('day == today()')}`), [])
  assert.deepEqual(await names(`/api/things?filter=${encodeURIComponent('day < today()')}`), ['past'])
})

const PLACES: readonly (readonly [place: string, entity: object, expression: string, code: string | null])[] = [
  ['a check', { checks: { c: { rule: 'day <= today()', message: 'no' } } }, 'today()', 'PLN-D308'],
  ['a check', { checks: { c: { rule: 'key != uuid()', message: 'no' } } }, 'uuid()', 'PLN-D308'],
  ['a computed field', { fields: { ...FIELDS, c: { type: 'computed', expression: 'day < today()' } } }, 'today()', null],
  ['a computed field', { fields: { ...FIELDS, c: { type: 'computed', expression: 'uuid()' } } }, 'uuid()', 'PLN-D308'],
  ['a rule', { access: { ...OPEN, read: 'key == uuid()' } }, 'uuid()', 'PLN-D308'],
  ['a rule', { access: { ...OPEN, read: 'day == today()' } }, 'today()', null],
  ['a rule of a field', { fields: { ...FIELDS, c: { type: 'text', write: 'today() > "2020-01-01"' } } }, 'today()', null],
  ['a default of another type', { fields: { ...FIELDS, c: { type: 'integer', default: { expression: 'uuid()' } } } }, 'uuid()', 'PLN-D312'],
  ['a default', { fields: { ...FIELDS, c: { type: 'date', default: { expression: 'today()' } } } }, 'today()', null],
]

for (const [place, entity, expression, code] of PLACES) {
  test(`${expression} in ${place} is ${code === null ? 'possible' : `refused (${code})`}: ${JSON.stringify(entity).slice(0, 60)}`, () => {
    const design = { name: 'places', entities: { Thing: { access: OPEN, fields: FIELDS, ...entity } } }
    const errors = resolveDesign(design, NO_SOURCE).diagnostics.filter(({ severity }) => severity === 'error')
    assert.deepEqual(
      errors.map((error) => error.code),
      code === null ? [] : [code],
    )
  })
}
