/** The results of each operator and function, written by hand. SQL and the oracle must both agree with the table. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { portablePattern } from '../../src/design/expression/pattern/portable-pattern.ts'
import type { Caller } from '../../src/model/caller.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import type { Truth } from '../../src/model/expression.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { oracleOf } from '../../src/verify/oracle/oracle.ts'
import type { World } from '../../src/verify/oracle/oracle-rows.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { decideInSql } from './decide-in-sql.ts'
import { type ModelSpec, modelOf, shapeOfSpec } from './model-of.ts'
import { fillWorld } from './world-database.ts'

const ID = '0190f6e0-1c2a-7000-8000-00000000000'
const SPEC: ModelSpec = {
  identity: 'User',
  claims: { id: 'id', role: 'role' },
  rules: { staff: 'auth.role in ["admin", "moderator"]' },
  entities: {
    User: { fields: { role: 'choice user moderator admin', org: 'ref? Org members' }, read: 'id == auth.id || staff' },
    Org: { fields: { name: 'text' }, read: 'true', softDelete: true },
    Thing: {
      fields: {
        owner: 'ref? User things',
        nobody: 'ref? User',
        gone: 'ref? Org',
        n: 'integer?',
        none: 'integer?',
        yes: 'boolean?',
        no: 'boolean?',
        maybe: 'boolean?',
        text: 'text?',
        blank: 'text?',
        list: 'list? text',
        empty: 'list? text',
        absent: 'list? text',
        at: 'timestamp?',
        span: 'duration?',
        day: 'date?',
        hour: 'time?',
        real: 'number?',
        price: 'decimal?',
        tiny: 'number?',
        huge: 'number?',
      },
      read: 'true',
    },
  },
}

const THING = {
  id: `${ID}3`,
  owner: `${ID}1`,
  nobody: null,
  gone: `${ID}2`,
  n: 7,
  none: null,
  yes: true,
  no: false,
  maybe: null,
  text: 'Straße 😀 ÉA ',
  blank: null,
  list: ['a', 'b'],
  empty: [],
  absent: null,
  at: '2024-02-29T23:05:06.789Z',
  span: 'PT1H1M1.5S',
  day: '2024-02-29',
  hour: '09:30:00',
  real: 2.5,
  price: '10.10',
  tiny: 1e-70,
  huge: 1e70,
}

const WORLD: World = {
  model: modelOf(SPEC),
  rules: new Map(Object.entries(SPEC.rules ?? {})),
  rows: new Map([
    ['User', [{ id: `${ID}1`, role: 'user', org: `${ID}2` }]],
    ['Org', [{ id: `${ID}2`, name: 'closed', deletedAt: '2024-01-01T00:00:00.000Z' }]],
    ['Thing', [THING]],
  ]),
}

type Table = readonly (readonly [source: string, truth: Truth])[]

/** `yes`, `no` and `maybe` are true, false and missing. */
const LOGIC: Table = [
  ['yes', true],
  ['no', false],
  ['maybe', null],
  ['!yes', false],
  ['!no', true],
  ['!maybe', null],
  ['yes && yes', true],
  ['yes && no', false],
  ['yes && maybe', null],
  ['no && maybe', false],
  ['maybe && no', false],
  ['maybe && maybe', null],
  ['yes || maybe', true],
  ['maybe || yes', true],
  ['no || maybe', null],
  ['no || no', false],
  ['maybe || maybe', null],
  ['!(yes && maybe)', null],
  ['!(no && maybe)', true],
  ['!(maybe || yes)', false],
  ['yes ? maybe : yes', null],
  ['maybe ? yes : yes', null],
  ['no ? maybe : yes', true],
]

const MISSING: Table = [
  ['n == 7', true],
  ['n != 7', false],
  ['none == 7', null],
  ['none != 7', null],
  ['!(none == 7)', null],
  ['none < 7', null],
  ['none == none', null],
  ['none != none', null],
  ['none == null', true],
  ['none != null', false],
  ['n == null', false],
  ['!(none == null)', false],
  ['none in [7]', null],
  ['!(none in [7])', null],
  ['none in []', null],
  ['!(none in [])', null],
  ['n in []', false],
  ['!(n in [])', true],
  ['n in [1, none]', null],
  ['n in [7, none]', true],
  ['!(n in [1, none])', null],
  ['blank in list', null],
  ['!(blank in empty)', null],
  ['"a" in list', true],
  ['"c" in list', false],
  ['"a" in empty', false],
  ['!("a" in empty)', true],
  ['"a" in absent', null],
  ['!("a" in absent)', null],
  ['blank.startsWith("a")', null],
  ['!blank.contains("a")', null],
  ['size(absent) == 0', null],
  ['size(empty) == 0', true],
  ['absent.exists(x, x == "a")', null],
  ['!absent.exists(x, x == "a")', null],
  ['absent.all(x, x == "a")', null],
  ['empty.exists(x, x == "a")', false],
  ['empty.all(x, x == "a")', true],
  ['list.exists(x, x == blank || x == "a")', true],
  ['list.exists(x, x == blank)', null],
  ['list.all(x, x == blank || x == "a")', null],
  ['list.all(x, x != blank && x == "a")', false],
]

const RELATIONS: Table = [
  ['owner != null', true],
  ['nobody == null', true],
  [`owner == "${ID}1"`, true],
  [`owner.id == "${ID}1"`, true],
  ['nobody.id == auth.id', null],
  ['nobody.role == "user"', null],
  ['!(nobody.role == "user")', null],
  ['nobody.role == null', true],
  ['nobody.things.exists(t, true)', null],
  ['!nobody.things.exists(t, true)', null],
  ['nobody.things.all(t, false)', null],
  ['size(nobody.things) == 0', null],
  ['size(owner.things) == 1', true],
  ['owner.things.all(t, t.n == 7)', true],
  ['owner.things.exists(t, t.none == 7)', null],
  ['owner.role in [nobody.role]', null],
  ['!(owner.role in [nobody.role])', null],
  // A soft-deleted row does not exist for callers, but references to it do.
  [`gone == "${ID}2"`, true],
  ['gone.name == "closed"', null],
  ['gone.name == null', true],
  ['gone.members.exists(m, true)', null],
  ['size(owner.org.members) == 1', null],
  ['owner.org.id != null', true],
]

const CALLER: Table = [
  ['owner == auth.id', true],
  ['auth.role == "user"', true],
  ['staff', false],
  ['can("read", owner)', true],
  ['can("read", nobody)', false],
  ['!can("read", nobody)', true],
  ['can("read", gone)', false],
  ['can("update", owner)', false],
]

const NOBODY: Table = [
  ['owner == auth.id', null],
  ['owner != auth.id', null],
  ['!(owner == auth.id)', null],
  ['auth.id == null', true],
  ['auth.role != "user"', null],
  ['!(auth.role in ["user"])', null],
  ['staff', null],
  ['!staff', null],
  ['can("read", owner)', null],
  ['!can("read", owner)', null],
  ['yes || owner == auth.id', true],
  ['no && owner == auth.id', false],
]

const FUNCTIONS: Table = [
  ['size(text) == 12', true],
  ['text.lowerAscii() == "straße 😀 Éa "', true],
  ['text.upperAscii() == "STRAßE 😀 ÉA "', true],
  ['text.trim() == "Straße 😀 ÉA"', true],
  ['("\\u00a0\\t" + text + "\\u3000").trim().startsWith("S")', true],
  ['text.contains("😀")', true],
  ['text.startsWith("Str")', true],
  ['text.startsWith("")', true],
  ['text.endsWith("A ")', true],
  ['text.endsWith("")', true],
  ['text.endsWith(text + "x")', false],
  ['text.contains("%")', false],
  ['text.contains("_")', false],
  ['text.matches("^\\\\w+ß")', true],
  ['text.matches("😀.É")', true],
  ['text.matches("^\\\\S+\\\\s.\\\\s\\\\S+\\\\s$")', true],
  ['"\\ufb01" < "😀"', true],
  ['text < "a"', true],
  ['string(n) + "!" == "7!"', true],
  ['string(yes) == "true"', true],
  [`string(id) == "${ID}3"`, true],
  ['at.getFullYear() == 2024', true],
  ['at.getMonth() == 1', true],
  ['at.getDayOfMonth() == 28', true],
  ['at.getDayOfWeek() == 4', true],
  ['timestamp("2024-03-03T00:00:00Z").getDayOfWeek() == 0', true],
  ['at.getDayOfYear() == 59', true],
  ['at.getHours() == 23', true],
  ['at.getMinutes() == 5', true],
  ['at.getSeconds() == 6', true],
  ['at.getMilliseconds() == 789', true],
  ['at + duration("1h") > timestamp("2024-03-01T00:05:06.788Z")', true],
  ['at + span - span == at', true],
  ['at - timestamp("2024-02-28T23:05:06.789Z") == duration("24h")', true],
  ['at < timestamp("2024-03-01T01:05:06+02:00")', false],
  ['span.getHours() == 1', true],
  ['span.getMinutes() == 61', true],
  ['span.getSeconds() == 3661', true],
  ['span.getMilliseconds() == 3661500', true],
  ['span == duration("61m1.5s")', true],
  ['day == "2024-02-29"', true],
  ['day > "2024-02-28"', true],
  ['hour == "09:30"', true],
  ['hour < "09:30:00.001"', true],
  ['now() > at', true],
  ['today() > day', true],
  ['today() == "2024-02-29"', false],
  ['today() <= "9999-12-31"', true],
]

const ARITHMETIC: Table = [
  ['n + 1 == 8', true],
  ['n - 10 == -3', true],
  ['n / 2 == 3', true],
  ['-n / 2 == -3', true],
  ['n % 4 == 3', true],
  ['-n % 4 == -3', true],
  ['n / 0 == 1', null],
  ['n % 0 == 1', null],
  ['!(n / (n - 7) == 1)', null],
  ['9007199254740991 * 9007199254740991 * 9007199254740991 > 0', true],
  ['real * 2.0 == 5.0', true],
  ['real + n == 9.5', true],
  ['real / 0.0 > 1.0', null],
  ['int(real) == 2', true],
  ['int(-real) == -2', true],
  ['double(n) / 2.0 == 3.5', true],
  ['price + 0.2 == 10.30', true],
  ['price * 3 == 30.3', true],
  ['price / 3 > 3.36 && price / 3 < 3.37', true],
  ['int(price) == 10', true],
  ['price == 10.1', true],
  ['price > 10', true],
  ['n == 7.0', true],
  ['n < 7.5', true],
  ['real > 2', true],
  ['huge * huge > 0.0', null],
  ['tiny * tiny == 0.0', null],
  ['huge > 1.0', true],
  ['(yes ? n : 1) + 1 == 8', true],
  ['(maybe ? n : 1) + 1 == 8', null],
]

const USER: Caller = {
  session: 'session',
  claims: new Map([
    ['id', `${ID}1`],
    ['role', 'user'],
  ]),
}

describe('the truth of expressions', () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
    await withClient(database.url, (client) => fillWorld(client, WORLD, 'world'))
  })
  after(() => database.drop())

  const tables: readonly (readonly [string, Table, Caller])[] = [
    ['logic has three truth values', LOGIC, USER],
    ['a missing value makes a comparison unknown', MISSING, USER],
    ['a row that does not exist is missing, and so are its related rows', RELATIONS, USER],
    ['the attributes of a caller, and rules about related rows', CALLER, USER],
    ['an anonymous caller lacks every attribute', NOBODY, ANONYMOUS],
    ['functions give what the reference says', FUNCTIONS, USER],
    ['arithmetic is exact, and a calculation without a result is missing', ARITHMETIC, USER],
  ]
  for (const [name, table, caller] of tables) {
    test(name, async () => {
      const oracle = oracleOf(WORLD)
      await withClient(database.url, async (client) => {
        await client.query(`set search_path to world; set timezone to 'Asia/Kathmandu'`)
        for (const [source, truth] of table) {
          assert.equal(
            await decideInSql(client, { model: WORLD.model, shape: SHAPE, entity: 'Thing', source, caller }),
            truth,
            `SQL: ${source}`,
          )
          const judged = oracle.decide({ source, entity: 'Thing', row: THING, caller, input: {}, now: new Date() })
          assert.equal(judged, truth, `oracle: ${source}`)
        }
      })
    })
  }
})

const PATTERNS = [
  '^a',
  'b$',
  '^[a-z]+$',
  '\\d',
  '^\\w*$',
  '\\s',
  '^\\S+$',
  '\\D',
  '\\W',
  '.',
  '^.$',
  '^.{2}$',
  'a.b',
  '(a|b)c?',
  '^(?:ab)+$',
  '[^a-c]',
  '[.+*?]',
  '\\.',
  '\\u00e9',
  '[\\u00e0-\\u00ff]',
  '^a?b*$',
  'é',
  '😀',
  '[😀é]',
  '^[^😀]$',
  'a|^$',
  '[a\\-]',
  '[\\]\\^]',
  '\\$',
]
const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'abab',
  'abc',
  'A',
  '1',
  '٣',
  '_',
  ' ',
  '\t',
  '\n',
  'a\n',
  'a\nb',
  '\u00a0',
  '\u2028',
  'é',
  'É',
  'ß',
  '😀',
  '😀😀',
  'a😀b',
  '.',
  '+',
  ']',
  '^',
  '-',
  '$',
  '\\',
  'aXb',
  'x1_',
]

describe('patterns', () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())

  test('mean the same in PostgreSQL and ECMAScript', async () => {
    await withClient(database.url, async (client) => {
      for (const pattern of PATTERNS) {
        const checked = portablePattern(pattern)
        assert.ok(checked.ok, pattern)
        const { rows } = await client.query<{ text: string; found: boolean }>(
          'select text, text collate "C" ~ $1::text as found from unnest($2::text[]) text',
          [checked.pattern, TEXTS],
        )
        for (const { text, found } of rows)
          assert.equal(found, new RegExp(pattern, 'v').test(text), `${pattern} on ${JSON.stringify(text)}`)
      }
    })
  })
})

const SHAPE = shapeOfSpec(SPEC)
