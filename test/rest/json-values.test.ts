/** The API returns each sent value in one canonical form, with any settings of the session. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { render } from '../../src/base/sql/render.ts'
import { slot, sql } from '../../src/base/sql/sql.ts'
import { fieldJson, jsonColumn } from '../../src/compile/statements/json/json-sql.ts'
import { objectText } from '../../src/compile/statements/json/json-text.ts'
import { columnType } from '../../src/compile/values/column-type.ts'
import { encodeJson } from '../../src/compile/values/encode.ts'
import type { FieldType, ScalarType } from '../../src/model/field-type.ts'
import { SCALAR_KINDS, type ScalarKind } from '../../src/model/scalar.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { SEEDED } from '../support/random.ts'

let database: TestDatabase
let client: pg.Client

before(async () => {
  database = await testDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query("set datestyle = 'sql, dmy'; set intervalstyle = 'sql_standard'; set timezone = 'Asia/Kolkata'")
})
after(async () => {
  await client.end()
  await database.drop()
})

function scalar(kind: ScalarKind): ScalarType {
  return {
    kind: 'scalar',
    scalar: kind,
    min: null,
    max: null,
    pattern: null,
    precision: kind === 'decimal' ? { digits: 12, scale: 3 } : null,
  }
}

/** The value that the API returns for a sent value. @throws when PostgreSQL refuses it. */
async function answered(type: FieldType, value: unknown): Promise<unknown> {
  const encoded = encodeJson(type, value)
  assert.ok(encoded.ok, JSON.stringify(encoded))
  const { text } = render(
    sql`select ${objectText([['value', fieldJson({ type }, sql`r.v`, null)]])} as json from (select ${slot('value', columnType(type))} as v) r`,
  )
  const { rows } = await client.query(text, [encoded.value])
  return JSON.parse(rows[0].json).value
}

const two = (n: number): string => String(n).padStart(2, '0')
const instant = fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
const storable = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000') && text.isWellFormed())

/** Values of each type as a client may send them, with the form in which they come back. */
const SENT: Readonly<Record<ScalarKind, fc.Arbitrary<readonly [sent: unknown, answered: unknown]>>> = {
  text: storable.map((text) => [text, text]),
  encrypted: storable.map((text) => [text, text]),
  encryptedEqual: storable.map((text) => [text, text]),
  email: fc
    .emailAddress()
    .filter((text) => encodeJson(scalar('email'), text).ok)
    .map((text) => [text.toUpperCase(), text.toLowerCase()]),
  url: fc
    .webUrl({ withFragments: true, withQueryParameters: true })
    .filter((text) => encodeJson(scalar('url'), text).ok)
    .map((text) => [text, text]),
  uuid: fc.uuid().map((id) => [id.toUpperCase(), id]),
  integer: fc.maxSafeInteger().map((n) => [n, n]),
  decimal: fc.tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 999 })).map(([whole, part]) => {
    const fraction = String(part).padStart(3, '0')
    const text = `${whole}.${fraction}`
    return [text, text]
  }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => [n, n === 0 ? 0 : n]),
  boolean: fc.boolean().map((b) => [b, b]),
  timestamp: fc.tuple(instant, fc.integer({ min: -23, max: 23 })).map(([at, hours]) => {
    const local = new Date(at.getTime() + hours * 3_600_000).toISOString().slice(0, -1)
    return [`${local}${hours < 0 ? '-' : '+'}${two(Math.abs(hours))}:00`, at.toISOString()]
  }),
  date: instant.map((at) => [at.toISOString().slice(0, 10), at.toISOString().slice(0, 10)]),
  time: instant.map((at) => {
    const time = at.toISOString().slice(11, 23)
    return [time, time.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros.replace(/0+$/, '')))]
  }),
  duration: fc.tuple(fc.nat(3_000_000), fc.nat(99), fc.nat(5_000), fc.nat(100_000), fc.nat(999)).map(([d, h, m, s, ms]) => {
    const sent = `P${d}DT${h}H${m}M${s}.${String(ms).padStart(3, '0')}S`
    const encoded = encodeJson(scalar('duration'), sent)
    return [sent, encoded.ok ? encoded.value : null]
  }),
  json: fc
    .jsonValue({ maxDepth: 3 })
    .filter((value) => value !== null && encodeJson(scalar('json'), value).ok && !JSON.stringify(value).includes('e-'))
    // JSON.stringify writes minus zero as 0.
    .map((v) => [v, JSON.parse(JSON.stringify(v))]),
}

for (const kind of SCALAR_KINDS) {
  test(`a ${kind} comes back as it was sent, alone and in a list`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(SENT[kind], { minLength: 1, maxLength: 4 }), async (pairs) => {
        const [first] = pairs
        assert.deepEqual(await answered(scalar(kind), first?.[0]), first?.[1])
        const list: FieldType = { kind: 'list', of: scalar(kind), min: null, max: 10 }
        assert.deepEqual(
          await answered(
            list,
            pairs.map(([sent]) => sent),
          ),
          pairs.map(([, expected]) => expected),
        )
      }),
      { numRuns: 60, ...SEEDED },
    )
    assert.deepEqual(await answered({ kind: 'list', of: scalar(kind), min: null, max: 10 }, []), [])
  })
}

test('a choice comes back unchanged with any characters, alone and in a list', async () => {
  const values = ['plain', 'a"b', 'c\\d', "e'f", 'ü', '50%', '{}', 'tab\there']
  for (const value of values) assert.equal(await answered({ kind: 'choice', values }, value), value)
  assert.deepEqual(await answered({ kind: 'list', of: { kind: 'choice', values }, min: null, max: 10 }, values), values)
})

test('a hidden value of any type is null', async () => {
  for (const kind of SCALAR_KINDS) {
    const json = objectText([['value', fieldJson({ type: scalar(kind) }, slot('value', columnType(scalar(kind))), sql`false`)]])
    const [[sent] = []] = fc.sample(SENT[kind], 1)
    const encoded = encodeJson(scalar(kind), sent)
    const { rows } = await client.query(render(sql`select ${json} as json`).text, [encoded.ok ? encoded.value : null])
    assert.equal(rows[0].json, '{"value":null}')
  }
})

test('a missing value is null, even for a list', async () => {
  for (const kind of SCALAR_KINDS) {
    for (const type of [scalar(kind), { kind: 'list', of: scalar(kind), min: null, max: 10 } as const]) {
      const { text } = render(
        sql`select ${objectText([['value', fieldJson({ type }, sql`r.v`, null)]])} as json from (select ${slot('value', columnType(type))} as v) r`,
      )
      assert.deepEqual((await client.query(text, [null])).rows[0].json, '{"value":null}')
    }
  }
})

test('a duration that SQL has computed may be negative or have months', async () => {
  const { text } = render(jsonColumn({ type: scalar('duration') }, slot('value', 'interval')))
  const spelled = async (value: string) => (await client.query(`select ${text} as value`, [value])).rows[0].value
  assert.equal(await spelled('-25 hours'), '-P1DT1H')
  assert.equal(await spelled('1 month'), 'P30D')
  assert.equal(await spelled('0.000001 seconds'), 'PT0.000001S')
})
