/** Properties of all rules and filters, tested with random ones: a missing value never allows more, and no filter reads hidden values. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Values } from '../../src/base/sql/statement.ts'
import { maskFilter } from '../../src/compile/rules/mask.ts'
import { specialise, variantKey } from '../../src/compile/rules/specialise.ts'
import { parameterise } from '../../src/compile/statements/parameterise.ts'
import { compilePredicate } from '../../src/design/expression/compile.ts'
import type { Caller, ClaimValue } from '../../src/model/caller.ts'
import type { Predicate } from '../../src/model/expression.ts'
import type { Entity } from '../../src/model/model.ts'
import { type Connection, withClient } from '../../src/postgres/connect.ts'
import { type Oracle, oracleOf } from '../../src/verify/oracle/oracle.ts'
import type { PlainRow, World } from '../../src/verify/oracle/oracle-rows.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { randomFrom } from '../support/random.ts'
import { type Place, randomCondition } from './random-expression.ts'
import { type Kind, type RandomWorld, RULES, randomWorld, uuid } from './random-world.ts'
import { fillWorld, selectedBy } from './world-database.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const WORLDS = Number(process.env.PLINTH_WORLDS ?? 8)
const ROWS = 12
const EXPRESSIONS = 25
const NOW = new Date()

describe(`properties of rules (SEED=${SEED})`, () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())

  async function forEachWorld(kind: Kind, work: (client: Connection, made: RandomWorld, seed: number) => Promise<void>): Promise<void> {
    await withClient(database.url, async (client) => {
      for (let i = 0; i < WORLDS; i++) {
        const made = randomWorld(randomFrom(SEED + i), ROWS, kind)
        const name = `${kind}_${i}`
        await fillWorld(client, made.world, name)
        await work(client, made, SEED + i)
        await client.query(`drop schema "${name}" cascade`)
      }
    })
  }

  test('a caller without a claim sees no row that a caller with a new value of the claim would not see', async () => {
    let visible = 0
    await forEachWorld('monotone', async (client, made, seed) => {
      for (const entity of made.world.model.entities) {
        const { predicates, sources } = conditions(made, { entity, seed, only: 'no-null-test' })
        for (const claim of ['id', 'role', 'level', 'name', 'tag']) {
          const whole = made.callers[1] ?? assert.fail()
          const [without, fresh] = [withClaim(whole, claim, null), withClaim(whole, claim, FRESH[claim] ?? null)]
          const seenWithout = await selectedBy(client, made.world.model, { entity, predicates, caller: without })
          const seenFresh = await selectedBy(client, made.world.model, { entity, predicates, caller: fresh })
          for (const [id, held] of seenWithout) {
            held.forEach((yes, i) => {
              if (yes) visible++
              if (yes && seenFresh.get(id)?.[i] !== true)
                assert.fail(`without auth.${claim}, row ${id} of ${entity.name} passes ${sources[i]} (SEED=${seed})`)
            })
          }
        }
      }
    })
    assert.ok(visible > 1_000, 'some rows are visible without the attribute')
  })

  test('a filter gives the same result as without the rows and values that its caller may not read', async () => {
    let decisions = 0
    let narrowed = 0
    await forEachWorld('ruled', async (client, made, seed) => {
      const { model } = made.world
      for (const caller of made.callers) {
        const redacted = redact(made, caller)
        const [plain, oracle] = [oracleOf(made.world), oracleOf(redacted)]
        for (const entity of model.entities) {
          const { predicates, sources } = conditions(made, { entity, seed, only: 'request' })
          const values: Record<string, Values[string]> = {}
          const masked = predicates.map((predicate, n) => {
            const shaped = parameterise(predicate)
            for (const key in shaped.values) values[`${n}_${key}`] = shaped.values[key] ?? null
            return specialise(maskFilter(withPrefix(shaped.predicate, `${n}_`), model), caller)
          })
          const seen = await selectedBy(client, model, { entity, predicates: masked, caller, values })
          for (const row of redacted.rows.get(entity.name) ?? []) {
            const whole = made.world.rows.get(entity.name)?.find((each) => each.id === row.id) ?? assert.fail()
            sources.forEach((source, i) => {
              const about = { source, entity: entity.name, caller, input: {}, now: NOW }
              const expected = oracle.decide({ ...about, row }) === true
              decisions++
              if ((plain.decide({ ...about, row: whole }) === true) !== expected) narrowed++
              if (seen.get(String(row.id))?.[i] !== expected) {
                assert.fail(
                  `${source} about ${JSON.stringify(row)} for ${JSON.stringify([...caller.claims])}: ${expected} expected (SEED=${seed})`,
                )
              }
            })
          }
        }
      }
    })
    assert.ok(decisions > 2_000, `${decisions} decisions`)
    assert.ok(narrowed > 50, 'some answers differ from what the whole data would give')
  })

  test('callers of the same variant get equal rules', () => {
    const variants = new Map<string, string>()
    let shared = 0
    for (let i = 0; i < 40; i++) {
      const made = randomWorld(randomFrom(SEED + i), 3, 'ruled')
      const { model } = made.world
      variants.clear()
      for (let n = 0; n < 30; n++) {
        const [, caller] = randomWorld(randomFrom(SEED + 1_000 + n), 3).callers
        assert.ok(caller !== undefined)
        const key = variantKey(model, caller)
        const rules = model.entities.flatMap((entity) => [entity.access.read, ...entity.fields.map((field) => field.read)])
        const special = JSON.stringify(rules.map((rule) => specialise(rule, caller)))
        if (variants.has(key)) shared++
        assert.equal(variants.get(key) ?? special, special)
        variants.set(key, special)
      }
    }
    assert.ok(shared > 100, 'many callers share a variant')
  })
})

const FRESH: Readonly<Record<string, ClaimValue>> = {
  id: uuid(999_999),
  role: 'moderator',
  level: 424_242,
  name: 'fresh',
  tag: uuid(999_998),
}

function withClaim(caller: Caller, claim: string, value: ClaimValue): Caller {
  return { ...caller, claims: new Map([...caller.claims, [claim, value]]) }
}

interface Conditions {
  readonly predicates: readonly Predicate[]
  readonly sources: readonly string[]
}

function conditions(
  made: RandomWorld,
  about: { readonly entity: Entity; readonly seed: number; readonly only: NonNullable<Place['only']> },
): Conditions {
  const { entity, seed, only } = about
  const random = randomFrom(seed * 17 + entity.name.charCodeAt(1))
  const predicates: Predicate[] = []
  const sources: string[] = []
  while (sources.length < EXPRESSIONS) {
    const source = randomCondition({ shape: made.shape, random, entity: entity.name, rows: [], items: [], steps: 2, only }, 2)
    const compiled = compilePredicate(source, {
      shape: made.shape,
      entity: entity.name,
      input: false,
      relations: true,
      auth: true,
      clock: true,
    })
    if (!compiled.ok) continue
    sources.push(source)
    predicates.push(compiled.value)
  }
  return { predicates, sources }
}

/** The keys of parameters with a prefix, so that several filters fit in one statement. */
function withPrefix(predicate: Predicate, prefix: string): Predicate {
  const spelt = JSON.stringify(predicate, (_, value) => (value?.kind === 'param' ? { ...value, key: `${prefix}${value.key}` } : value))
  return JSON.parse(spelt)
}

/** The rows that a caller may read. Refused rows are absent and refused values are missing. The rules themselves see all values. */
function redact(made: RandomWorld, caller: Caller): World {
  const { world, spec } = made
  const oracle = oracleOf(world)
  const rows = new Map(
    world.model.entities.map((entity) => {
      const rules = spec.entities[entity.name]
      const readable = (world.rows.get(entity.name) ?? []).filter((row) =>
        holds(oracle, { source: rules?.read ?? 'false', entity, row, caller }),
      )
      return [
        entity.name,
        readable.map(
          (row): PlainRow =>
            Object.fromEntries(
              Object.entries(row).map(([field, value]) => {
                const source = rules?.fieldRead?.[field]
                return [field, source === undefined || holds(oracle, { source, entity, row, caller }) ? value : null]
              }),
            ),
        ),
      ]
    }),
  )
  return { model: world.model, rules: new Map(Object.entries(RULES)), rows }
}

function holds(
  oracle: Oracle,
  about: { readonly source: string; readonly entity: Entity; readonly row: PlainRow; readonly caller: Caller },
): boolean {
  const { source, entity, row, caller } = about
  return oracle.decide({ source, entity: entity.name, row, caller, input: {}, now: NOW }) === true
}
