/** The database enforces the constraints of a design on values for every client, also for plain SQL. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { constraintFacts, factKey } from '../../src/compile/tables/tables.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { type ErrorKind, explainError } from '../../src/postgres/sqlstate.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Entities, empty, execute, migrateTo, modelOfEntities, rowsOf } from './schema.ts'

interface FieldCase {
  readonly field: Readonly<Record<string, unknown>>
  /** SQL expressions that are accepted and that are refused. */
  readonly good: readonly string[]
  readonly bad: readonly string[]
}

const label = { type: 'text', max: 40 }

/** Keyed by the end of the sentence "the database refuses …". */
const FIELDS: Readonly<Record<string, FieldCase>> = {
  'a text that is too short or too long, counted in characters': {
    field: { type: 'text', min: 2, max: 3 },
    good: ["'ab'", "'abc'", "'😀😀😀'", "'Ä́'"],
    bad: ["''", "'a'", "'abcd'", "'😀'", 'null'],
  },
  'a text that does not match its pattern': {
    field: { type: 'text', pattern: '^[a-z][\\w-]*$', max: 20 },
    good: ["'a'", "'a_b-9'"],
    bad: ["''", "'A'", "'ä'", "'aä'", "E'a\\n'"],
  },
  'an address in capitals or of more than 254 characters': {
    field: { type: 'email' },
    good: ["'a@b.example'"],
    bad: ["'A@b.example'", "repeat('a', 250) || '@b.example'"],
  },
  'a URL of more than 2048 characters': { field: { type: 'url' }, good: ["'https://a.example'"], bad: ["'https://' || repeat('a', 2048)"] },
  'what is not a UUID': { field: { type: 'uuid' }, good: ['gen_random_uuid()'], bad: ["'1'"] },
  'an integer that JSON cannot carry': {
    field: { type: 'integer' },
    good: ['9007199254740991', '-9007199254740991'],
    bad: ['9007199254740992', '-9007199254740992', '9223372036854775808'],
  },
  'an integer out of its own range': { field: { type: 'integer', min: 1, max: 5 }, good: ['1', '5'], bad: ['0', '6', '-1'] },
  'a decimal with too many digits, out of range or NaN': {
    field: { type: 'decimal', precision: 6, scale: 2, min: '0.01' },
    good: ['0.01', '9999.99'],
    bad: ['0', '10000', "'NaN'", "'Infinity'"],
  },
  'a decimal that is not a number': { field: { type: 'decimal', precision: 6, scale: 2 }, good: ['-1'], bad: ["'NaN'", "'-Infinity'"] },
  'a number that is not finite': {
    field: { type: 'number' },
    good: ['1e308', '-1e308', '0'],
    bad: ["'NaN'", "'Infinity'", "'-Infinity'", "'1e309'"],
  },
  'a number out of its own range': { field: { type: 'number', min: 0.5, max: 1 }, good: ['0.5', '1'], bad: ['0.4', '1.1', "'NaN'"] },
  'what is neither true nor false': { field: { type: 'boolean' }, good: ['true'], bad: ["'perhaps'"] },
  'a time outside the years 1 to 9999': {
    field: { type: 'timestamp' },
    good: ["'9999-12-31T23:59:59.999Z'", "'0001-01-01T00:00:00Z'"],
    bad: ["'infinity'", "'-infinity'", "'10000-01-01T00:00:00Z'", "'0001-12-31T00:00:00Z BC'", "'2024-02-30'"],
  },
  'a time out of its own range': {
    field: { type: 'timestamp', min: '2020-01-01T00:00:00Z' },
    good: ["'2020-01-01T00:00:00Z'"],
    bad: ["'2019-12-31T23:59:59Z'", "'infinity'"],
  },
  'a date outside RFC 3339': {
    field: { type: 'date', max: '2030-01-01' },
    good: ["'2030-01-01'"],
    bad: ["'2030-01-02'", "'infinity'", "'-infinity'", "'0001-01-01 BC'"],
  },
  'a time of day after the last': { field: { type: 'time' }, good: ["'23:59:59.999'"], bad: ["'24:00'", "'23:59:59.9999'"] },
  'a duration of no fixed length': { field: { type: 'duration' }, good: ["'P3DT4H'"], bad: ["'P1M'", "'P1Y'"] },
  'what is none of the choices': {
    field: { type: 'choice', values: ["it's", 'b\\c', 'ü'] },
    good: ["'it''s'", "E'b\\\\c'", "'ü'"],
    bad: ["'x'", "''"],
  },
  'a list with too many items, nulls or lists in it': {
    field: { type: 'list', of: { type: 'integer' }, min: 1, max: 2 },
    good: ["'{1,2}'"],
    bad: ["'{}'", "'{1,2,3}'", "'{1,null}'", "'{{1,2}}'", "'{9007199254740992}'"],
  },
  'a list with an item that is too short or too long': {
    field: { type: 'list', of: { type: 'text', min: 2, max: 3 }, max: 5 },
    good: ["'{}'", "'{ab,abc,abc}'", "'{äöü}'"],
    bad: ["'{a}'", "'{ab,abcd}'", "array['']", "'{null}'"],
  },
  'a list with an item that does not match': {
    field: { type: 'list', of: { type: 'text', pattern: '^#[0-9a-f]{6}$', max: 10 }, max: 5 },
    good: ["'{}'", "'{#00ff00}'"],
    bad: ["'{#00ff00,red}'"],
  },
  'a list with an item that is none of the choices': {
    field: { type: 'list', of: { type: 'choice', values: ['a', 'b'] }, max: 5 },
    good: ["'{}'", "'{a,b,a}'"],
    bad: ["'{a,c}'"],
  },
  'a list with an item that is out of range': {
    field: { type: 'list', of: { type: 'decimal', precision: 4, scale: 1, min: 0 }, max: 5 },
    good: ["'{0,1.5}'"],
    bad: ["'{-1}'", "'{1,-0.1}'"],
  },
  'a reference to nothing': { field: { type: 'ref', entity: 'Target' }, good: [], bad: ['gen_random_uuid()', 'null'] },
}

const KINDS: ReadonlySet<ErrorKind> = new Set(['check', 'not-null', 'foreign-key', 'unique'])

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

async function made(entities: Entities): Promise<void> {
  await empty(database.url)
  assert.equal((await migrateTo(database.url, entities)).kind, 'applied')
}

describe('the database refuses', () => {
  for (const [what, { field, good, bad }] of Object.entries(FIELDS)) {
    it(what, async () => {
      const entities = { Thing: { fields: { value: field } }, Target: { fields: { label } } }
      const facts = constraintFacts(modelOfEntities(entities))
      await made(entities)
      await withClient(database.url, async (client) => {
        const column = field.type === 'ref' ? 'value_id' : 'value'
        for (const value of good) await client.query(`insert into things (${column}) values (${value})`)
        for (const value of bad) {
          const error = await client.query(`insert into things (${column}) values (${value})`).then(() => null, explainError)
          assert.ok(error !== null, `${value} was accepted`)
          if (error.kind === 'invalid-value') continue
          assert.ok(KINDS.has(error.kind), `${value}: ${error.message}`)
          const key =
            error.constraint === null
              ? factKey({ table: error.table ?? '', column: error.column ?? '' })
              : factKey({ constraint: error.constraint })
          const fact = facts.get(key)
          assert.equal(fact?.kind, error.kind, `${value}: ${error.message}`)
          assert.deepEqual([fact?.entity, fact?.blame], ['Thing', 'value'])
        }
      })
    })
  }
})

describe('checks across fields', () => {
  const event = {
    fields: { starts: { type: 'date' }, ends: { type: 'date', optional: true }, seats: { type: 'integer', default: 1 } },
    checks: {
      order: { rule: 'starts <= ends', message: 'an event ends after it starts' },
      room: { rule: 'ends == null || seats > 0', message: 'an event with an end has seats' },
    },
  }

  it('accept a row only when they are true: with a missing value they refuse it', async () => {
    await made({ Event: event })
    await execute(database.url, ["insert into events (starts, ends) values ('2030-01-01', '2030-01-02')"])
    for (const values of ["'2030-01-02', '2030-01-01'", "'2030-01-02', null"]) {
      await assert.rejects(execute(database.url, [`insert into events (starts, ends) values (${values})`]), {
        constraint: 'events_order_check',
      })
    }
    await assert.rejects(execute(database.url, ["insert into events (starts, ends, seats) values ('2030-01-01', '2030-01-02', 0)"]), {
      constraint: 'events_room_check',
    })
    const fact = constraintFacts(modelOfEntities({ Event: event })).get(factKey({ constraint: 'events_order_check' }))
    assert.deepEqual(fact, {
      kind: 'check',
      entity: 'Event',
      fields: ['starts', 'ends'],
      blame: null,
      rule: 'order',
      message: 'an event ends after it starts',
    })
  })
})

describe('unique fields', () => {
  it('within another field may repeat for other values of that field', async () => {
    await made({
      Org: { fields: { label } },
      Page: { fields: { org: { type: 'ref', entity: 'Org' }, slug: { ...label, unique: { within: 'org' } } } },
    })
    await execute(database.url, [
      "insert into orgs (label) values ('a'), ('b')",
      "insert into pages (org_id, slug) select id, 'home' from orgs",
    ])
    await assert.rejects(execute(database.url, ["insert into pages (org_id, slug) select id, 'home' from orgs where label = 'a'"]), {
      code: '23505',
    })
  })

  it('of a soft-deleted row are free again', async () => {
    await made({ Page: { fields: { slug: { ...label, unique: true } }, softDelete: true } })
    await execute(database.url, [
      "insert into pages (slug) values ('home')",
      'update pages set deleted_at = now()',
      "insert into pages (slug) values ('home')",
    ])
    await assert.rejects(execute(database.url, ["insert into pages (slug) values ('home')"]), { constraint: 'pages_slug_key' })
  })
})

describe('plain SQL', () => {
  it('need not name columns that Plinth fills: id, times, version, defaults', async () => {
    await made({
      Post: {
        fields: {
          title: label,
          tags: { type: 'list', of: label, default: ["it's", 'b'] },
          status: { type: 'choice', values: ['new', 'old'], default: 'new' },
          stars: { type: 'decimal', precision: 4, scale: 1, default: '2.5' },
          meta: { type: 'json', default: { a: [1, "'"] } },
          at: { type: 'timestamp', default: '2030-01-01T00:00:00Z' },
        },
      },
    })
    await execute(database.url, ["insert into posts (title) values ('a')"])
    const [row] = await rowsOf(database.url, 'select *, created_at = updated_at as fresh, id is not null as known from posts')
    assert.deepEqual([row?.tags, row?.status, row?.stars, row?.meta, row?.version], [["it's", 'b'], 'new', '2.5', { a: [1, "'"] }, '1'])
    assert.deepEqual([row?.fresh, row?.known, row?.at], [true, true, new Date('2030-01-01T00:00:00Z')])
  })

  it('numbers rows of an entity with integer ids, and refers to them', async () => {
    await made({
      Order: { fields: { id: { type: 'integer' }, label } },
      Line: { fields: { order: { type: 'ref', entity: 'Order', inverse: 'lines' } } },
    })
    await execute(database.url, ["insert into orders (label) values ('a'), ('b')", 'insert into lines (order_id) select id from orders'])
    assert.deepEqual(await rowsOf(database.url, 'select order_id from lines order by 1'), [{ order_id: '1' }, { order_id: '2' }])
  })
})

describe('computed fields', () => {
  const fields = {
    name: label,
    other: { ...label, optional: true },
    count: { type: 'integer' },
    price: { type: 'decimal', precision: 10, scale: 2 },
    share: { type: 'number' },
    on: { type: 'boolean' },
    at: { type: 'timestamp' },
    lasts: { type: 'duration' },
    tags: { type: 'list', of: label },
    kind: { type: 'choice', values: ['a', 'b'] },
  }
  const values =
    "insert into rows (name, count, price, share, \"on\", at, lasts, tags, kind) values ('Ab', 7, 2.50, 0.5, true, '2030-02-03T04:05:06.007Z', 'PT1H', '{x,y}', 'a')"
  const cases: Readonly<Record<string, unknown>> = {
    "name + '-' + kind": 'Ab-a',
    'size(name) + size(tags)': '4',
    'name.lowerAscii()': 'ab',
    'name.upperAscii()': 'AB',
    'count * 2 - 1': '13',
    'count / 2': '3',
    'count % 4': '3',
    '-count': '-7',
    'share * 2.0': 1,
    'on && count > 3': true,
    'other == null': true,
    "other == 'x'": null,
    "kind in ['a', 'b']": true,
    "'x' in tags": true,
    "name.startsWith('A') || name.endsWith('z') || name.contains('q')": true,
    "name.matches('^[A-Z]')": true,
    'at.getFullYear()': '2030',
    'at.getMonth()': '1',
    'at.getDayOfWeek()': '0',
    'at.getMilliseconds()': '7',
    'at + lasts': new Date('2030-02-03T05:05:06.007Z'),
    'at > timestamp("2030-01-01T00:00:00Z") ? "late" : "early"': 'late',
    'string(count)': '7',
    'int(share)': '0',
    'double(count)': 7,
  }
  for (const [expression, value] of Object.entries(cases)) {
    it(`${expression} is enforced by the database`, async () => {
      await made({ Row: { fields: { ...fields, result: { type: 'computed', expression } } } })
      await execute(database.url, [values])
      assert.deepEqual(await rowsOf(database.url, 'select result from rows'), [{ result: value }])
    })
  }
})

describe('indexes', () => {
  async function indexes(table: string): Promise<readonly string[]> {
    const rows = await rowsOf(
      database.url,
      `select indexdef from pg_indexes where schemaname = 'public' and tablename = '${table}' order by indexname`,
    )
    return rows.map((row) => String(row.indexdef).replace(/^.* USING /, ''))
  }

  it('end with the id, begin with each reference once, and are split when a list comes first', async () => {
    await made({
      User: { fields: { label } },
      Post: {
        fields: {
          title: label,
          tags: { type: 'list', of: label, default: [] },
          published: { type: 'boolean', default: false },
          author: { type: 'ref', entity: 'User' },
          editor: { type: 'ref', entity: 'User', optional: true },
        },
        indexes: [
          ['author', '-createdAt'],
          ['tags', 'published'],
        ],
        search: ['title'],
      },
    })
    assert.deepEqual(await indexes('posts'), [
      'btree (author_id, created_at DESC, id DESC)',
      'btree (created_at, id)',
      'btree (editor_id, id)',
      'btree (id)',
      'btree (published, id)',
      'gin (search_vector)',
      'gin (tags)',
    ])
  })

  it('find words in lists of texts', async () => {
    await made({ Post: { fields: { title: label, tags: { type: 'list', of: label, optional: true } }, search: ['title', 'tags'] } })
    await execute(database.url, ["insert into posts (title, tags) values ('a', '{red apple,pear}'), ('b', null)"])
    const query = "select title from posts where search_vector @@ to_tsquery('simple', 'apple & pear')"
    assert.deepEqual(await rowsOf(database.url, query), [{ title: 'a' }])
  })

  it('find words by language, and rank fields higher that come first in the design', async () => {
    await made({
      Post: { fields: { title: label, body: { ...label, optional: true } }, search: { fields: ['title', 'body'], language: 'english' } },
    })
    await execute(database.url, ["insert into posts (title, body) values ('none', 'running'), ('run', null)"])
    const query =
      "select title from posts, to_tsquery('english', 'runs') q where search_vector @@ q order by ts_rank(search_vector, q) desc"
    assert.deepEqual(await rowsOf(database.url, query), [{ title: 'run' }, { title: 'none' }])
  })
})
