/**
 * Numbers keep their digits in every way of writing them: each numeric type × each way × numbers of 15, 16, 17 and 20 digits. A number is
 * stored with the same value in every way, or it is refused.
 */

import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { isObject } from '../../src/base/is-object.ts'
import { plainDigits } from '../../src/base/number/decimal.ts'
import { isExactNumber, parseJson } from '../../src/base/number/exact-json.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

/** Whole numbers, fractions, and both, of 15, 16, 17 and 20 digits; and some that a double rounds to a number of fewer digits. */
const NUMBERS = [
  '123456789012345',
  '1234567890123456',
  '12345678901234567',
  '12345678901234567891',
  '-12345678901234567891',
  '9007199254740991',
  '9007199254740993',
  '9007199254740990.9',
  '0.123456789012345',
  '0.1234567890123456',
  '0.12345678901234567',
  '0.12345678901234567891',
  '1234567.12345678',
  '1234567.123456789',
  '1234567.1234567891',
  '1234567.1234567891234',
  '99999999999999.999998',
  '0.100000000000000001',
  '1.0000000000000001',
  '750727362669608961',
] as const

const TYPES = ['integer', 'decimal', 'number', 'json'] as const
type Type = (typeof TYPES)[number]

const SCALE = 20

/** The value as the API answers it; null where the type cannot hold it. */
function held(type: Type, text: string): string | null {
  switch (type) {
    case 'integer':
      return !text.includes('.') && Number.isSafeInteger(Number(text)) ? text : null
    case 'decimal': {
      const [whole = '', fraction = ''] = text.split('.')
      return `${whole}.${fraction.padEnd(SCALE, '0')}`
    }
    case 'number':
      return plainDigits(String(Number(text))) ?? null
    case 'json':
      return text
    default:
      return null
  }
}

/** The value of a field in an answer, as digits. */
function digitsOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (isExactNumber(value)) return plainDigits(value.rawJSON) ?? null
  return typeof value === 'number' ? (plainDigits(String(value)) ?? null) : null
}

const raw = (text: string): unknown => parseJson(text)

const FIELDS = {
  integer: { type: 'integer', optional: true },
  decimal: { type: 'decimal', precision: 40, scale: SCALE, optional: true },
  number: { type: 'number', optional: true },
  json: { type: 'json', optional: true },
} as const

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const DESIGN = {
  name: 'numbers',
  entities: {
    Box: { fields: { name: { type: 'text', optional: true } }, access: OPEN },
    Item: {
      fields: { ...FIELDS, box: { type: 'ref', entity: 'Box', inverse: 'items', optional: true } },
      indexes: [['integer'], ['decimal'], ['number']],
      access: OPEN,
    },
  },
}

type Way = (backend: TestBackend, type: Type, text: string) => Promise<{ readonly status: number; readonly value: unknown }>

const memberOf = (body: string, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)]
    return isObject(at) ? at[key] : undefined
  }, parseJson(body))

const graphql = async (backend: TestBackend, query: string, variables: unknown) => {
  const { text } = await backend.ask('POST', '/graphql', { body: { query, variables } })
  const failed = memberOf(text, ['errors']) !== undefined
  return { status: failed ? 400 : 201, value: memberOf(text, ['data', 'createItem', 'item', 'field']) }
}

const GRAPHQL_TYPES: Readonly<Record<Type, string>> = { integer: 'SafeInt', decimal: 'Decimal', number: 'Float', json: 'JSON' }

/** Each way to write a value. */
const WAYS: Readonly<Record<string, Way>> = {
  'JSON number': async ({ ask }, type, text) => {
    const answer = await ask('POST', '/api/items', { body: { [type]: raw(text) } })
    return { status: answer.status, value: memberOf(answer.text, [type]) }
  },
  'JSON number of a change': async ({ ask }, type, text) => {
    const { json } = await ask('POST', '/api/items', { body: {} })
    const answer = await ask('PATCH', `/api/items/${json.id}`, { body: { [type]: raw(text) } })
    return { status: answer.status, value: memberOf(answer.text, [type]) }
  },
  'nested rows': async ({ ask }, type, text) => {
    const answer = await ask('POST', '/api/boxes?include=items', { body: { items: [{ [type]: raw(text) }] } })
    return { status: answer.status, value: memberOf(answer.text, ['items', 0, type]) }
  },
  transaction: async ({ ask }, type, text) => {
    const operations = [{ method: 'POST', path: '/api/items', body: { [type]: raw(text) } }]
    const answer = await ask('POST', '/api/transaction', { body: { operations } })
    return { status: answer.status, value: memberOf(answer.text, ['results', 0, 'body', type]) }
  },
  'reference in a transaction': async ({ ask }, type, text) => {
    const operations = [
      { method: 'POST', path: '/api/items', name: 'first', body: { [type]: raw(text) } },
      { method: 'POST', path: '/api/items', body: { [type]: { $ref: `first.${type}` } } },
    ]
    const answer = await ask('POST', '/api/transaction', { body: { operations } })
    return { status: answer.status, value: memberOf(answer.text, ['results', 1, 'body', type]) }
  },
  'GraphQL literal': (backend, type, text) =>
    graphql(backend, `mutation { createItem(input: { ${type}: ${text} }) { item { field: ${type} } } }`, {}),
  'GraphQL variable': (backend, type, text) =>
    graphql(backend, `mutation ($v: ${GRAPHQL_TYPES[type]}) { createItem(input: { ${type}: $v }) { item { field: ${type} } } }`, {
      v: raw(text),
    }),
  'GraphQL variable within an input': (backend, type, text) =>
    graphql(backend, `mutation ($v: CreateItemInput!) { createItem(input: $v) { item { field: ${type} } } }`, { v: { [type]: raw(text) } }),
}

let model: Model
before(() => {
  model = modelFrom(DESIGN)
})

test('a number that is written is answered with its digits, or refused', async (t) => {
  const backend = await testBackend(t, model)
  for (const type of TYPES) {
    for (const [way, write] of Object.entries(WAYS)) {
      for (const text of NUMBERS) {
        const { status, value } = await write(backend, type, text)
        const expected = held(type, text)
        const place = `${type}, ${way}, ${text}`
        if (expected === null) assert.equal(status, 400, place)
        else assert.deepEqual([status < 300, digitsOf(value)], [true, expected], place)
      }
    }
  }
})

test('a text is a number only for a decimal, and keeps its digits', async (t) => {
  const { ask } = await testBackend(t, model)
  for (const text of NUMBERS) {
    const answer = await ask('POST', '/api/items', { body: { decimal: text, json: text } })
    assert.deepEqual([answer.json.decimal, answer.json.json], [held('decimal', text), text])
    for (const type of ['integer', 'number']) assert.equal((await ask('POST', '/api/items', { body: { [type]: text } })).status, 400)
  }
})

test('numbers inside of a json value keep their digits at every depth, from REST and GraphQL', async (t) => {
  const backend = await testBackend(t, model)
  const json = `{"id":750727362669608961,"list":[12345678901234567891,-0.12345678901234567891,{"deep":1e-7}],"text":"12345678901234567891"}`
  const stored = `{"id": 750727362669608961, "list": [12345678901234567891, -0.12345678901234567891, {"deep": 0.0000001}], "text": "12345678901234567891"}`
  const rest = await backend.ask('POST', '/api/items', { body: `{"json":${json}}` })
  assert.ok(rest.text.includes(`"json":${stored}`), rest.text)
  assert.ok((await backend.ask('GET', String(rest.headers.location))).text.includes(`"json":${stored}`))
  const literal = '{ id: 750727362669608961, list: [12345678901234567891, $n, { deep: 1e-7 }], text: "12345678901234567891" }'
  const query = `mutation ($n: JSON) { createItem(input: { json: ${literal} }) { item { json } } }`
  const answer = await backend.ask('POST', '/graphql', {
    body: `{"query":${JSON.stringify(query)},"variables":{"n":-0.12345678901234567891}}`,
  })
  assert.ok(answer.text.includes(`"json":${stored}`), answer.text)
})

test('numbers beyond the range of a double are refused everywhere, not rounded to zero or infinity', async (t) => {
  const backend = await testBackend(t, model)
  for (const text of ['1e400', '-1e400', '1e-400', `0.${'0'.repeat(400)}1`]) {
    for (const type of TYPES) {
      const answer = await backend.ask('POST', '/api/items', { body: `{"${type}":${text}}` })
      assert.deepEqual([answer.status, answer.json.code], [400, 'validation_failed'], `${type} ${text}`)
      if (type === 'json') continue
      for (const filter of [`filter[${type}]=${text}`, `filter=${encodeURIComponent(`${type} == ${text}`)}`]) {
        const { status } = await backend.ask('GET', `/api/items?${filter}`)
        assert.equal(status, 400, `${type} ${filter}`)
      }
    }
  }
})

/** Numbers next to each other in the last digit that is written. */
function neighbours(text: string): readonly string[] {
  const last = Number(text.at(-1))
  const change = (digit: number): string => `${text.slice(0, -1)}${digit}`
  return [text, change((last + 1) % 10), change((last + 9) % 10)]
}

/** Fills a table with the numbers, their neighbours and their values as doubles. */
async function fill(backend: TestBackend): Promise<void> {
  const all = NUMBERS.flatMap(neighbours)
  for (const text of all) {
    const whole = held('integer', text)
    await backend.sql('insert into items (id, integer, decimal, number) values (gen_random_uuid(), $1, $2, $3)', [whole, text, text])
    await backend.sql('insert into items (id, decimal) values (gen_random_uuid(), $1)', [plainDigits(String(Number(text)))])
  }
}

/** Each way to compare a field with a number: the digits of the values that are found, or null when the request is refused. */
const COMPARISONS: Readonly<Record<string, (backend: TestBackend, type: Type, text: string) => Promise<ReadonlySet<string> | null>>> = {
  'filter[…]': ({ ask }, type, text) => rowsOf(ask('GET', `/api/items?filter[${type}]=${text}&page[size]=100`), type),
  'filter[…][in]': ({ ask }, type, text) => rowsOf(ask('GET', `/api/items?filter[${type}][in]=${text},3&page[size]=100`), type),
  'CEL in a request': ({ ask }, type, text) =>
    rowsOf(ask('GET', `/api/items?page[size]=100&filter=${encodeURIComponent(`${type} == ${text}`)}`), type),
  'CEL list in a request': ({ ask }, type, text) =>
    rowsOf(ask('GET', `/api/items?page[size]=100&filter=${encodeURIComponent(`${type} in [${text}, 3]`)}`), type),
  'CEL range in a request': ({ ask }, type, text) =>
    rowsOf(ask('GET', `/api/items?page[size]=100&filter=${encodeURIComponent(`${type} <= ${text} && ${type} >= ${text}`)}`), type),
  'GraphQL literal': (backend, type, text) =>
    nodesOf(backend, `{ items(first: 100, filter: { ${type}: { eq: ${text} } }) { nodes { ${type} } } }`, type),
  'GraphQL variable': (backend, type, text) =>
    nodesOf(
      backend,
      `query ($v: ${GRAPHQL_TYPES[type]}) { items(first: 100, filter: { ${type}: { eq: $v } }) { nodes { ${type} } } }`,
      type,
      {
        v: raw(text),
      },
    ),
  'CEL in GraphQL': (backend, type, text) =>
    nodesOf(backend, `{ items(first: 100, where: "${type} == ${text}") { nodes { ${type} } } }`, type),
}

async function rowsOf(answer: ReturnType<TestBackend['ask']>, type: Type): Promise<ReadonlySet<string> | null> {
  const { status, text } = await answer
  if (status === 400) return null
  assert.equal(status, 200, text)
  const rows = memberOf(text, ['data']) as readonly Readonly<Record<string, unknown>>[]
  return new Set(rows.map((row) => digitsOf(row[type]) ?? ''))
}

async function nodesOf(backend: TestBackend, query: string, type: Type, variables: unknown = {}): Promise<ReadonlySet<string> | null> {
  const { text } = await backend.ask('POST', '/graphql', { body: { query, variables } })
  if (memberOf(text, ['errors']) !== undefined) return null
  const rows = memberOf(text, ['data', 'items', 'nodes']) as readonly Readonly<Record<string, unknown>>[]
  return new Set(rows.map((row) => digitsOf(row[type]) ?? ''))
}

test('a comparison with a number finds exactly the rows that hold it, or is refused', async (t) => {
  const backend = await testBackend(t, model)
  await fill(backend)
  for (const type of ['integer', 'decimal', 'number'] as const) {
    for (const [way, compare] of Object.entries(COMPARISONS)) {
      for (const text of NUMBERS) {
        const found = await compare(backend, type, text)
        const expected = held(type, text)
        const place = `${type}, ${way}, ${text}`
        if (expected !== null) assert.deepEqual(found === null ? null : [...found], [expected], place)
        // A column of whole numbers may be compared with a fraction: no row is equal to it.
        else assert.ok(found === null || (found.size === 0 && text.includes('.')), place)
      }
    }
  }
})

/** A design that contains one number in each part that may be an expression. */
function designWith(type: Type, text: string) {
  return {
    name: 'numbers',
    entities: {
      Item: {
        fields: {
          value: FIELDS[type],
          same: { type: 'computed', expression: `value == ${text}` },
          filled: { ...FIELDS[type as 'decimal'], default: { expression: text } },
        },
        access: { ...OPEN, read: `value == null || value != ${text} || filled != null` },
      },
      Checked: { fields: { value: FIELDS[type] }, checks: { known: { rule: `value == ${text}`, message: 'must be it' } }, access: OPEN },
      Seen: { fields: { value: FIELDS[type] }, access: { ...OPEN, read: `value == ${text}` } },
    },
  }
}

async function inDesign(t: TestContext, type: Exclude<Type, 'json'>, text: string): Promise<void> {
  const place = `${type} ${text}`
  const { model: resolved, diagnostics } = resolveDesign(designWith(type, text), NO_SOURCE)
  if (resolved === null) {
    assert.ok(held(type, text) === null, `${place}: ${diagnostics.map((d) => d.message).join('; ')}`)
    return
  }
  const expected = held(type, text)
  const backend = await testBackend(t, resolved)
  for (const near of new Set([...neighbours(text), plainDigits(String(Number(text))) ?? ''])) {
    const value = held(type, near)
    if (value === null) continue
    const { text: body } = await backend.ask('POST', '/api/items', { body: { value: raw(near) } })
    assert.equal(memberOf(body, ['same']), value === expected, `${place} computed beside ${near}`)
    assert.equal(digitsOf(memberOf(body, ['filled'])), expected, `${place} default`)
    const seen = await backend.ask('POST', '/api/seens', { body: { value: raw(near) } })
    const checked = await backend.ask('POST', '/api/checkeds', { body: { value: raw(near) } })
    assert.equal(checked.status, value === expected ? 201 : 400, `${place} check beside ${near}: ${checked.text}`)
    const { status } = await backend.ask('GET', String(seen.headers.location))
    assert.equal(status, value === expected ? 200 : 404, `${place} rule beside ${near}`)
  }
}

for (const type of ['integer', 'decimal', 'number'] as const) {
  test(`rules, computed fields and defaults of a design keep the digits of a constant beside ${type}`, async (t) => {
    for (const text of ['123456789012345', '9007199254740993', '99999999999999.999998', '0.100000000000000001', '0.12345678901234567891'])
      await inDesign(t, type, text)
  })
}
