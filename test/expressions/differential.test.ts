/** SQL selects the rows that the evaluator of the CEL library accepts, for random designs, callers, expressions and rows with nulls. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { render } from '../../src/base/sql/render.ts'
import { ident, join, type Sql, slot, sql } from '../../src/base/sql/sql.ts'
import { rowScope, truthOf, whenFalse, whenTrue } from '../../src/compile/rules/predicate-sql.ts'
import { fold, specialise } from '../../src/compile/rules/specialise.ts'
import { conditions } from '../../src/compile/rules/where-sql.ts'
import { compilePredicate } from '../../src/design/expression/compile.ts'
import type { Caller } from '../../src/model/caller.ts'
import { type Predicate, rootRow, type Truth } from '../../src/model/expression.ts'
import { type Entity, fieldNamed } from '../../src/model/model.ts'
import { type Connection, withClient } from '../../src/postgres/connect.ts'
import { oracleOf } from '../../src/verify/oracle/oracle.ts'
import type { PlainRow } from '../../src/verify/oracle/oracle-rows.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { randomFrom } from '../support/random.ts'
import { randomCondition } from './random-expression.ts'
import { type RandomWorld, randomWorld } from './random-world.ts'
import { boundValue, columnTypeOf, fillWorld } from './world-database.ts'

/** The minimum number of decisions. A decision is about one row, one expression and one caller. */
const DECISIONS = Number(process.env.PLINTH_DECISIONS ?? (process.env.PLINTH_FULL === '1' ? 100_000 : 10_000))
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const ROWS = 14
const EXPRESSIONS = 30

interface Case {
  readonly source: string
  readonly predicate: Predicate
}

describe(`rules in SQL and in CEL (SEED=${SEED})`, () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())

  test(`${DECISIONS} decisions are the same`, async () => {
    let decisions = 0
    let run = 0
    const tally = { true: 0, false: 0, unknown: 0, refused: 0, compiled: 0 }
    await withClient(database.url, async (client) => {
      // A time zone with daylight saving. No result may depend on it.
      await client.query(`set timezone to 'America/New_York'`)
      while (decisions < DECISIONS) {
        const seed = SEED + run++
        const made = randomWorld(randomFrom(seed), ROWS)
        await fillWorld(client, made.world, `world_${run}`)
        for (const entity of made.world.model.entities) decisions += await compareEntity(client, made, { entity, seed, tally })
        await client.query(`drop schema "world_${run}" cascade`)
      }
    })
    console.log(`# ${decisions} decisions in ${run} worlds: ${JSON.stringify(tally)}`)
    assert.ok(tally.refused < tally.compiled / 20, 'the generator writes expressions that compile')
    for (const truth of ['true', 'false', 'unknown'] as const) assert.ok(tally[truth] > decisions / 20, `enough decisions are ${truth}`)
  })
})

interface About {
  readonly entity: Entity
  readonly seed: number
  readonly tally: Record<'true' | 'false' | 'unknown' | 'refused' | 'compiled', number>
}

async function compareEntity(client: Connection, made: RandomWorld, { entity, seed, tally }: About): Promise<number> {
  const { world, callers } = made
  const cases = casesFor(made, entity, seed, tally)
  const rows = world.rows.get(entity.name) ?? []
  const input = rows[seed % rows.length] ?? {}
  const oracle = oracleOf(world)
  let decisions = 0
  for (const caller of callers) {
    const { now, truths } = await decideInSql(client, made, { entity, cases, caller, input })
    rows.forEach((row) => {
      cases.forEach(({ source }, i) => {
        const expected = oracle.decide({ source, entity: entity.name, row, caller, input, now })
        const found = truths.get(String(row.id))?.[i]
        const spelt = expected === null ? 'unknown' : expected ? 'true' : 'false'
        tally[spelt]++
        decisions++
        if (found !== `${spelt} ${spelt} ${expected === true} ${expected === true}`)
          report({ seed, source, entity, row, caller, expected, found })
      })
    })
  }
  return decisions
}

function casesFor(made: RandomWorld, entity: Entity, seed: number, tally: About['tally']): readonly Case[] {
  const random = randomFrom(seed * 31 + entity.name.charCodeAt(1))
  const cases: Case[] = []
  while (cases.length < EXPRESSIONS) {
    const source = randomCondition({ shape: made.shape, random, entity: entity.name, rows: [], items: [], steps: 3 }, 3)
    const compiled = compilePredicate(source, {
      shape: made.shape,
      entity: entity.name,
      input: true,
      relations: true,
      auth: true,
      clock: true,
    })
    if (compiled.ok) cases.push({ source, predicate: compiled.value })
    else tally.refused++
    if (!compiled.ok && process.env.PLINTH_SHOW_REFUSED !== undefined) console.log(source, compiled.problems)
  }
  tally.compiled += cases.length
  return cases
}

interface Batch {
  readonly entity: Entity
  readonly cases: readonly Case[]
  readonly caller: Caller
  readonly input: PlainRow
}

/**
 * All cases for all rows in one query: both SQL forms of the rule, its value, the rule specialised to the caller, and that rule as
 * conditions of a page.
 */
async function decideInSql(client: Connection, made: RandomWorld, batch: Batch) {
  const { model } = made.world
  const { entity, cases, caller, input } = batch
  const scope = { ...rowScope(model, ident('t')), input: (name: string) => slot(`input.${name}`, columnTypeOf(fieldNamed(entity, name))) }
  const columns = cases.map(({ predicate }): Sql => {
    const both = sql`case when ${whenTrue(predicate, scope)} then case when ${whenFalse(predicate, scope)} then 'both' else 'true' end when ${whenFalse(predicate, scope)} then 'false' else 'unknown' end`
    const value = sql`case ${truthOf(fold(predicate, caller), scope)} when true then 'true' when false then 'false' else 'unknown' end`
    const rule = specialise(predicate, caller)
    const page = join(conditions(rule, { row: rootRow(entity.name), scope }), ' and ', sql`true`)
    return sql`${both} || ' ' || ${value} || ' ' || ((${whenTrue(rule, scope)}) is true)::text || ' ' || ((${page}) is true)::text`
  })
  const { text, slots } = render(
    sql`select t."id"::text as id, now()::timestamp(3) with time zone as now, array[${join(columns, ', ', sql``)}] as truths from ${ident(entity.table)} t`,
  )
  const values = slots.map(({ key }) => {
    const [space = '', name = ''] = key.split('.')
    return space === 'auth' ? (caller.claims.get(name) ?? null) : boundValue(input[name])
  })
  try {
    const result = await client.query<{ id: string; now: Date; truths: string[] }>({ text, values })
    return { now: result.rows[0]?.now ?? new Date(), truths: new Map(result.rows.map((row) => [row.id, row.truths])) }
  } catch (error) {
    throw new Error(`the statement failed for ${cases.map((c) => c.source).join('\n')}`, { cause: error })
  }
}

interface Difference {
  readonly seed: number
  readonly source: string
  readonly entity: Entity
  readonly row: PlainRow
  readonly caller: Caller
  readonly expected: Truth
  readonly found: string | undefined
}

function report(difference: Difference): never {
  const { seed, source, entity, row, caller, expected, found } = difference
  const what = { seed, source, entity: entity.name, row, caller: [...caller.claims], expected, found }
  assert.fail(`SQL and CEL differ (run again with SEED=${seed}):\n${JSON.stringify(what, null, 1)}`)
}
