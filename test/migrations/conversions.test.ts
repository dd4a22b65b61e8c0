/**
 * Changes of a field's type: a text becomes the value that a request with this text stores, and a value becomes the text that an answer
 * shows.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Value } from '../../src/base/sql/statement.ts'
import { columnType } from '../../src/compile/values/column-type.ts'
import { encodeJson, encodeText } from '../../src/compile/values/encode.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { conversionOf } from '../../src/postgres/schema/conversions.ts'
import { migrateTo, modelFrom, testBackend } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { scalar } from '../support/field-types.ts'
import { execute, migrateTo as migrateEntities, rowsOf } from './schema.ts'

const SCALARS = [
  scalar('uuid'),
  scalar('integer'),
  scalar('decimal', { precision: { digits: 6, scale: 2 } }),
  scalar('number'),
  scalar('boolean'),
  scalar('timestamp'),
  scalar('date'),
  scalar('time'),
  scalar('duration'),
]

const TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-0',
    '7',
    '007',
    '-12',
    '+5',
    ' 5',
    '5 ',
    '5\n',
    '1_000',
    '0x1F',
    ' 0x1F ',
    '0b1',
    '0o7',
    '１２',
    '٣',
    'NaN',
    'Infinity',
    '-infinity',
  ],
  ...[
    '9007199254740991',
    '9007199254740992',
    '-9007199254740992',
    '99999999999999999',
    '1e3',
    '1E+2',
    '1.5',
    '1.',
    '.5',
    '1.005',
    '-0.00',
    '9999.99',
  ],
  ...[
    '10000.00',
    '1e308',
    '1e309',
    '1.7976931348623157e308',
    '1.7976931348623158e308',
    '1.7976931348623159e308',
    '5e-324',
    '2.4e-324',
    '2.5e-324',
  ],
  ...['1e-9999', '1e9999', '1e99999', '0.1000000000000000055511151231257827', 'true', 'false', 'TRUE', 't', 'f', 'yes', 'on', '1', 'tru'],
  ...[
    '2024-02-29',
    '2023-02-29',
    '1900-02-29',
    '2000-02-29',
    '0000-01-01',
    '0001-01-01',
    '9999-12-31',
    '10000-01-01',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
  ],
  ...[
    '2024-1-1',
    '20240101',
    '2024/01/01',
    '01.02.2024',
    'tomorrow',
    'today',
    'now',
    'epoch',
    'infinity',
    '2024-01-01 BC',
    'J2451187',
    'Jan 1 2024',
  ],
  ...[
    '09:00',
    '09:00:00',
    '09:00:00.5',
    '09:00:00.1234',
    '24:00',
    '23:59:60',
    '9:00',
    '09:00Z',
    '09:00+01',
    'allballs',
    '0900',
    '12:00 PM',
  ],
  ...[
    '2024-01-01T00:00:00Z',
    '2024-01-01t00:00:00z',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:60Z',
  ],
  ...[
    '2024-01-01T00:00:00.9999Z',
    '2024-01-01T00:00:00.123456789Z',
    '2024-01-01T00:00:00.1234567891Z',
    '2024-01-01T00:00:00+23:59',
    '2024-01-01T00:00:00-23:59',
  ],
  ...[
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+05',
    '0001-01-01T00:00:00+00:01',
    '0001-01-01T00:00:00-00:01',
    '9999-12-31T23:59:59.9999Z',
  ],
  ...['9999-12-31T23:59:59-00:01', '2023-02-29T00:00:00Z', '2024-01-01T00:00:00 Z', '2024-01-01T00:00:00Europe/Paris'],
  ...[
    'P1D',
    'P1W',
    'PT36H',
    'PT90M',
    'PT0S',
    'PT0.001S',
    'PT0.0001S',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    '-P1D',
    'P-1D',
    'P1W1D',
    '1 day',
    '1:00',
    'P3652500D',
    'P3652501D',
  ],
  ...[
    'P9999999W',
    'PT999999999H',
    'PT9999999999M',
    'PT999999999999S',
    'PT315576000000S',
    'PT315576000000.001S',
    'P1DT2H3M4.567S',
    'p1d',
    'P1D ',
    'PT1,5S',
  ],
  ...[
    '0190f000-0000-7000-8000-00000000000A',
    '0190F000000070008000000000000000',
    '{0190f000-0000-7000-8000-000000000000}',
    'urn:uuid:0190f000-0000-7000-8000-000000000000',
  ],
]

/** Variants of the texts above: with one character more, less, or changed. */
const near = fc
  .tuple(
    fc.constantFrom(...TEXTS),
    fc.nat(),
    fc.constantFrom(...' 0123456789-+.:eETZPDHMSWtf_x\n'),
    fc.constantFrom('insert', 'drop', 'change'),
  )
  .map(([text, place, character, how]) => {
    const at = place % (text.length + 1)
    return text.slice(0, at) + (how === 'drop' ? '' : character) + text.slice(how === 'insert' ? at : at + 1)
  })

describe('a text becomes another type', () => {
  const texts = [...new Set([...TEXTS, ...fc.sample(near, { numRuns: 400, seed: 7 })])].filter((text) => !text.includes('\u0000'))
  for (const type of SCALARS)
    it(`${type.scalar}: exactly the texts that a request may send, with the same values`, async () => {
      const column = columnType(type)
      const { accepts, using } = conversionOf('text', column)
      assert.ok(accepts !== null)
      const sent = texts.map((text) => (type.scalar === 'decimal' ? encodeJson(type, text) : encodeText(type, text)))
      const values: readonly (Value | null)[] = sent.map((one) => (one.ok ? one.value : null))
      const database = await testDatabase()
      try {
        const { rows } = await withClient(database.url, (client) =>
          client.query<{ accepted: boolean; value: string | null; sent: string | null }>(
            `select ${accepts('x')} as accepted, (case when ${accepts('x')} then ${using('x')} end)::${column}::text as value, s::${column}::text as sent
             from unnest($1::text[], $2::text[]) with ordinality as given (x, s, place) order by place`,
            [texts, values.map((value) => (value === null ? null : String(value)))],
          ),
        )
        const seen = rows.map(({ accepted, value }, i) => ({ text: texts[i], accepted, value }))
        const wanted = rows.map(({ sent: stored }, i) => ({ text: texts[i], accepted: sent[i]?.ok === true, value: stored }))
        assert.deepEqual(seen, wanted)
        assert.ok(seen.some(({ accepted }) => accepted) && seen.some(({ accepted }) => !accepted))
      } finally {
        await database.drop()
      }
    })

  it('is refused with the number of bad rows, and nothing is changed', async (t) => {
    const database = await testDatabase()
    t.after(() => database.drop())
    const post = (when: object) => ({ Post: { fields: { id: { type: 'text', max: 20 }, when } } })
    await migrateEntities(database.url, post({ type: 'text', max: 40 }))
    await execute(database.url, ["insert into posts (id, \"when\") values ('a', 'tomorrow'), ('b', '2024-01-01'), ('c', ' 2024-01-01')"])
    const outcome = await migrateEntities(database.url, post({ type: 'date' }))
    assert.deepEqual(outcome.kind === 'refused' && outcome.problems.map(({ rows, complaint, remedy }) => ({ rows, complaint, remedy })), [
      {
        rows: 2,
        complaint: "2 rows of posts that cannot be converted to date: id a ('tomorrow'), id c (' 2024-01-01')",
        remedy: 'change what when holds there, or keep its type',
      },
    ])
    await execute(database.url, ["update posts set \"when\" = '2024-02-29' where id <> 'b'"])
    assert.equal((await migrateEntities(database.url, post({ type: 'date' }))).kind, 'applied')
    assert.deepEqual(await rowsOf(database.url, 'select id, "when"::text from posts order by id'), [
      { id: 'a', when: '2024-02-29' },
      { id: 'b', when: '2024-01-01' },
      { id: 'c', when: '2024-02-29' },
    ])
  })

  it('in a list, item by item', async (t) => {
    const database = await testDatabase()
    t.after(() => database.drop())
    const lists = (of: object) => ({ Post: { fields: { items: { type: 'list', of, max: 5 } } } })
    await migrateEntities(database.url, lists({ type: 'text', max: 40 }))
    await execute(database.url, ["insert into posts (items) values ('{1,0x1F}')"])
    const refused = await migrateEntities(database.url, lists({ type: 'integer' }))
    assert.match(JSON.stringify(refused.kind === 'refused' && refused.problems), /1 row of posts that cannot be converted to bigint\[\]/)
    await execute(database.url, ["update posts set items = '{1,-31}'"])
    assert.equal((await migrateEntities(database.url, lists({ type: 'integer' }))).kind, 'applied')
    assert.deepEqual(await rowsOf(database.url, 'select items::text from posts'), [{ items: '{1,-31}' }])
  })
})

const VALUES: readonly (readonly [object, unknown])[] = [
  [{ type: 'uuid' }, '0190f000-0000-7000-8000-00000000000a'],
  [{ type: 'integer' }, -9007199254740991],
  [{ type: 'decimal', precision: 20, scale: 3 }, '12345678901234567.120'],
  [{ type: 'number' }, 0.1],
  [{ type: 'boolean' }, true],
  [{ type: 'timestamp' }, '2024-01-01T00:00:00.5+02:00'],
  [{ type: 'date' }, '2024-02-29'],
  [{ type: 'time' }, '09:00'],
  [{ type: 'duration' }, 'PT36H0.5S'],
  [{ type: 'choice', values: ['a', 'b'] }, 'a'],
  [{ type: 'email' }, 'a@b.example'],
]

describe('a value becomes', () => {
  for (const [name, to] of [
    ['a text', { type: 'text', max: 200 }],
    ['JSON', { type: 'json' }],
  ] as const)
    it(`${name} in the form that an answer showed before`, async (t) => {
      const database = await testDatabase()
      t.after(() => database.drop())
      const designOf = (types: readonly object[]) =>
        modelFrom({
          name: 'test',
          entities: {
            Thing: { fields: Object.fromEntries(types.map((type, i) => [`f${i}`, type])), access: { read: 'true', create: 'true' } },
          },
        })
      const model = designOf(VALUES.map(([type]) => type))
      await migrateTo(model, database.url)
      const before = await testBackend(t, model, { databaseUrl: database.url })
      const made = await before.ask('POST', '/api/things', { body: Object.fromEntries(VALUES.map(([, value], i) => [`f${i}`, value])) })
      assert.equal(made.status, 201, made.text)
      const next = designOf(VALUES.map(() => to))
      await migrateTo(next, database.url)
      const after = await testBackend(t, next, { databaseUrl: database.url })
      const { json } = await after.ask('GET', `/api/things/${made.json.id}`)
      for (const [i, [type]] of VALUES.entries()) {
        const shown = made.json[`f${i}`]
        assert.deepEqual(json[`f${i}`], name === 'JSON' ? shown : String(shown), JSON.stringify(type))
      }
    })
})
