/** The results of the functions over relations, written by hand. SQL and the oracle must both agree with the table. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
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
  claims: {},
  entities: {
    Thing: {
      fields: {
        ...{ name: 'text', day: 'date?', at: 'timestamp?', other: 'ref? Thing' },
        tags: 'list text',
        counts: 'list integer',
        prices: 'list decimal',
        reals: 'list number',
        spans: 'list duration',
        days: 'list date',
        empty: 'list integer',
        absent: 'list? integer',
      },
      read: 'true',
    },
    Line: {
      fields: {
        thing: 'ref Thing lines',
        n: 'integer?',
        price: 'decimal?',
        real: 'number?',
        span: 'duration?',
        text: 'text?',
        day: 'date?',
        yes: 'boolean?',
      },
      read: 'true',
    },
    Empty: { fields: { thing: 'ref Thing nothings', n: 'integer?' }, read: 'true' },
  },
}

const THING = {
  ...{ id: `${ID}1`, name: 'Crème Brûlée & Co.', day: '2024-02-29', at: '2024-12-31T23:05:06.789Z', other: null },
  tags: ['b', 'a', 'B', 'ä', 'a'],
  counts: [3, 1, 4, 1],
  prices: ['0.1', '0.2', '123456789012345678901234567890.00'],
  reals: [1.5, 1e70, 2],
  spans: ['PT1H', 'PT30M'],
  days: ['2024-02-29', '2023-12-31'],
  empty: [],
  absent: null,
}
const line = (id: number, values: object) => ({
  ...{ id: `${ID}${id}`, thing: `${ID}1`, n: null, price: null, real: null, span: null, text: null, day: null, yes: null },
  ...values,
})
const WORLD: World = {
  model: modelOf(SPEC),
  rules: new Map(),
  rows: new Map([
    ['Thing', [THING]],
    [
      'Line',
      [
        line(2, { n: 1, price: '1.10', real: 1.5, span: 'PT1H', text: 'b', day: '2024-01-02', yes: true }),
        line(3, { n: 2, price: '2.25', real: 2, span: 'PT30M', text: 'a', day: '2024-01-01', yes: false }),
        line(4, { n: 4, yes: true }),
        line(5, {}),
      ],
    ],
    ['Empty', []],
  ]),
}

const SHAPE = shapeOfSpec(SPEC)

const TABLE: readonly (readonly [source: string, truth: Truth])[] = [
  ['lines.sum(l, l.n) == 7', true],
  ['lines.sum(l, l.n * 2) == 14', true],
  ['lines.sum(l, l.price) == 3.35', true],
  ['lines.sum(l, l.real) == 3.5', true],
  ['lines.sum(l, l.span) == duration("90m")', true],
  ['lines.avg(l, l.price) == 1.675', true],
  ['lines.avg(l, l.n) > 2.333 && lines.avg(l, l.n) < 2.334', true],
  ['lines.min(l, l.n) == 1', true],
  ['lines.max(l, l.n) == 4', true],
  ['lines.min(l, l.text) == "a"', true],
  ['lines.max(l, l.day) == "2024-01-02"', true],
  ['2 in lines.map(l, l.n)', true],
  ['3 in lines.map(l, l.n)', false],
  ['size(lines.map(l, l.n)) == 3', true],
  ['nothings.sum(e, e.n) == 0', true],
  ['nothings.avg(e, e.n) == 0', null],
  ['nothings.min(e, e.n) == 0', null],
  ['nothings.max(e, e.n) == null', true],
  ['size(nothings.map(e, e.n)) == 0', true],
  ['size(lines) == 4', true],
  ['size(lines.filter(l, l.yes)) == 2', true],
  ['size(lines.filter(l, !l.yes)) == 1', true],
  ['lines.filter(l, l.yes).sum(x, x.n) == 5', true],
  ['lines.filter(l, l.yes).filter(x, x.n > 1).sum(y, y.n) == 4', true],
  ['lines.filter(l, l.yes).exists(x, x.n == 2)', false],
  ['lines.filter(l, l.yes).exists(x, x.n == 4)', true],
  ['lines.filter(l, l.yes).all(x, x.n != 2)', true],
  ['lines.filter(l, l.n > 1).all(x, x.yes)', false],
  ['lines.filter(l, l.thing.lines.sum(m, m.n) == 7).sum(x, x.n) == 7', true],
  ['other.lines.sum(l, l.n) == 0', null],
  ['size(other.lines.filter(l, l.yes)) == 0', null],
  ['counts.sum(c, c) == 9', true],
  ['sum(counts) == 9', true],
  ['counts.sum() == 9', true],
  ['counts.sum(c, c * 2) == 18', true],
  ['counts.sum(c, 2) == 8', true],
  ['counts.sum(c, other.counts.sum(d, d)) == 0', true],
  ['sum(prices) == 123456789012345678901234567890.30', true],
  ['sum(prices) == 123456789012345678901234567890.3000001', false],
  ['avg(counts) == 2.25', true],
  ['prices.filter(p, p < 1.0).avg() == 0.15', true],
  ['sum(reals) == 3.5', true],
  ['size(reals.filter(r, r > 1.6)) == 2', true],
  ['size(reals.map(r, r)) == 3', true],
  ['sum(spans) == duration("90m")', true],
  ['max(spans) == duration("1h")', true],
  ['min(tags) == "B"', true],
  ['max(tags) == "ä"', true],
  ['tags.filter(t, t != "ä").max(t, t) == "b"', true],
  ['min(days) == "2023-12-31"', true],
  ['max(days) > "2024-01-01"', true],
  ['size(tags.filter(t, t == "a")) == 2', true],
  ['"c" in tags.filter(t, t != "a")', false],
  ['"b" in tags.filter(t, t != "a")', true],
  ['"B" in tags.map(t, t.upperAscii())', true],
  ['tags.map(t, size(t)).sum() == 5', true],
  ['tags.filter(t, t != "a").filter(t, t != "b").exists(t, t == "B")', true],
  ['tags.map(t, t.lowerAscii()).all(t, t in tags || t == "b")', true],
  ['counts.filter(c, c > 1).exists(c, counts.filter(d, d < c).sum() == 5)', true],
  ['counts.map(c, 6 / (c - 1)).sum() == 5', true],
  ['size(counts.map(c, 6 / (c - 1))) == 2', true],
  ['lines.sum(l, counts.filter(c, c == l.n).sum()) == 6', true],
  ['lines.map(l, l.n).filter(n, n > 1).sum() == 6', true],
  ['sum(lines.map(l, l.price)) == 3.35', true],
  ['max(lines.map(l, l.text)) == "b"', true],
  ['sum(empty) == 0', true],
  ['avg(empty) == null', true],
  ['min(empty) == 0', null],
  ['max(empty) == null', true],
  ['size(empty.filter(e, e > 0)) == 0', true],
  ['size(empty.map(e, e)) == 0', true],
  ['sum(absent) == 0', null],
  ['sum(absent) == null', true],
  ['absent.map(a, a) == null', true],
  ['size(absent.filter(a, a > 0)) == 0', null],
  ['sum(other.counts) == 0', null],
  ['yearMonth(day) == "2024-02"', true],
  ['yearMonth(at) == "2024-12"', true],
  ['yearMonth(other.day) == "2024-02"', null],
  ['slugify(name) == "creme-brulee-co"', true],
  ['slugify(name + "  ﬁne №5, ΑΒΓ ß") == "creme-brulee-co-fine-no5"', true],
  ['slugify("ΑΒΓ") == ""', true],
  ['slugify(other.name) == "x"', null],
  ['slugify(lines.min(l, l.text)) == "a"', true],
  ['replace(name, "Br", "X") == "Crème Xûlée & Co."', true],
  ['name.replace("e", "") == "Crèm Brûlé & Co."', true],
  ['replace(name, ".", "$&") == "Crème Brûlée & Co$&"', true],
  ['replace(name, "\\\\", "x") == name', true],
  ['replace(replace(name, "C", "BB"), "B", "b") == "bbrème brûlée & bbo."', true],
  ['replace(other.name, "a", "b") == "x"', null],
]

describe('functions over relations', () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
    await withClient(database.url, (client) => fillWorld(client, WORLD, 'world'))
  })
  after(() => database.drop())

  test('give what the reference says', async () => {
    const oracle = oracleOf(WORLD)
    await withClient(database.url, async (client) => {
      await client.query(`set search_path to world; set timezone to 'Asia/Kathmandu'`)
      for (const [source, truth] of TABLE) {
        assert.equal(
          await decideInSql(client, { model: WORLD.model, shape: SHAPE, entity: 'Thing', source, caller: ANONYMOUS }),
          truth,
          `SQL: ${source}`,
        )
        const judged = oracle.decide({ source, entity: 'Thing', row: THING, caller: ANONYMOUS, input: {}, now: new Date() })
        assert.equal(judged, truth, `oracle: ${source}`)
      }
    })
  })
})
