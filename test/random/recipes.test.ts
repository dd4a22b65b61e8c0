/**
 * Lists planned by recipes against lists planned in the ordinary way: the same statement, the same values, the same failure. The cases are
 * random designs, callers and queries, and every field of two designs with odd values. SEED repeats a run, CASES makes it longer.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { hasErrors } from '../../src/base/diagnostic.ts'
import { Failure } from '../../src/base/failure.ts'
import { memo } from '../../src/base/memo.ts'
import { render } from '../../src/base/sql/render.ts'
import type { Statement } from '../../src/base/sql/statement.ts'
import type { ListPlan } from '../../src/compile/statements/plan.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import { type Entity, entityNamed, type Model } from '../../src/model/model.ts'
import { openPlanContext } from '../../src/server/plan/plan-context.ts'
import { writeCursor } from '../../src/server/plan/plan-order.ts'
import type { PlanContext } from '../../src/server/plan/planning.ts'
import { prepareRestRead } from '../../src/server/rest/prepare-rest-read.ts'
import { referenceOf } from '../../src/verify/expected/reference.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { modelOf } from '../support/resolved.ts'
import { wide } from '../support/wide-design.ts'
import { randomDesign } from './design/random-design.ts'
import { randomRows } from './design/random-rows.ts'
import type { Asker } from './design/random-value.ts'
import { nextQuery, ODD_VALUES, type Parameter, randomParameters, spelledBy } from './request/random-query.ts'
import { randomRequest } from './request/random-request.ts'

const CASES = Number(process.env.CASES ?? (process.env.PLINTH_FULL === '1' ? 20_000 : 2_000))
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)

/** Two backends of one model, of which one uses recipes. */
interface Pair {
  readonly model: Model
  readonly plain: PlanContext
  readonly recipes: PlanContext
  /** The number of cases, and of those that a recipe was found for. */
  readonly tally: { cases: number; found: number; refused: number }
}

function openPair(model: Model): Pair {
  const tally = { cases: 0, found: 0, refused: 0 }
  const recipes = openPlanContext(model)
  const table = recipes.recipes
  assert.ok(table !== null)
  const get: typeof table.get = (key) => {
    const found = table.get(key)
    if (found !== undefined && found !== null) tally.found++
    return found
  }
  return { model, plain: openPlanContext(model, { recipes: false }), recipes: { ...recipes, recipes: { ...table, get } }, tally }
}

/** The result of a planning as data, and the plan where there is one. */
function outcomeOf(context: PlanContext, caller: Caller, entity: Entity, query: string) {
  try {
    const { plan, statement, values } = prepareRestRead({ context }, caller, { entity, id: null, query })
    return { plan, outcome: { name: statement.name, text: textOf(statement), key: plan.key, values } }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { code, status, detail, note, errors } = error
    return { plan: null, outcome: { code, status, detail, note, errors } }
  }
}

const textOf = memo((statement: Statement) => render(statement.sql).text)

/** Asks both backends. @throws AssertionError when they differ. */
function judge({ plain, recipes, tally }: Pair, caller: Caller, { entity, query }: { readonly entity: Entity; readonly query: string }) {
  tally.cases++
  const expected = outcomeOf(plain, caller, entity, query)
  const { outcome } = outcomeOf(recipes, caller, entity, query)
  if (expected.plan === null) tally.refused++
  assert.deepEqual(outcome, expected.outcome, `${entity.name}: ${query}`)
  return expected.plan
}

/** A cursor of a list: mostly of its order, with values and nulls as rows have them. */
function cursorOf(random: Random, plan: ListPlan): string {
  const order = random.chance(0.05) ? plan.order.slice(1) : plan.order
  const values = order.map(({ term, nullable }) => {
    if (random.chance(nullable ? 0.3 : 0.02)) return null
    return random.pick(random.chance(0.05) ? ['', 'x', '\u0000', 5] : (TEXTS[term.type.scalar] ?? ['apple', 'berry']))
  })
  return random.chance(0.03) ? random.pick(['', 'x', '%zz', '!', 'bnVsbA']) : writeCursor(order, values as readonly (string | null)[])
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  uuid: ['018cc251-f7e8-724c-89e1-5e52afc47c22', '018CC251-F7E8-724C-89E1-5E52AFC47C23'],
  integer: ['1', '-5'],
  boolean: ['true', 'false', 't'],
  decimal: ['1.50', '2'],
  date: ['2001-01-01', '2024-02-29'],
  timestamp: ['2001-01-01T00:00:00.000Z', '2020-02-29T12:30:00.5Z'],
}

/** Sends a query some times with other values, then some of its later pages, for the caller and for others. */
function ask(random: Random, pair: Pair, { callers, entity, parameters }: Form): void {
  let plan: ListPlan | null = null
  for (let time = 0; time < 8; time++) {
    const planned = judge(pair, random.pick(callers), { entity, query: nextQuery(random, parameters) })
    if (planned?.kind === 'list') plan = planned
  }
  if (plan === null || random.chance(0.5)) return
  const paged = plan
  const after: Parameter = { name: random.pick(['page[after]', 'page%5Bafter%5D']), next: () => cursorOf(random, paged) }
  for (let time = 0; time < 8; time++) {
    judge(pair, random.pick(callers), { entity, query: nextQuery(random, [...parameters, after]) })
  }
}

interface Form {
  readonly callers: readonly Caller[]
  readonly entity: Entity
  readonly parameters: readonly Parameter[]
}

test(`${CASES} random queries are planned alike with recipes and without (SEED=${SEED})`, (t) => {
  let [cases, found, refused] = [0, 0, 0]
  for (let seed = SEED; cases < CASES; seed++) {
    const random = randomFrom(seed)
    const design = randomDesign(random)
    const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
    if (model === null || hasErrors(diagnostics)) continue
    const reference = referenceOf(design, model, randomRows(random, model, 3))
    const users = [null, ...(reference.rows().get('User') ?? []).map((row) => String(row.id))]
    const sights = users.map((user) => reference.sightOf(user))
    const callers = sights.map(({ caller }) => caller)
    const pair = openPair(model)
    for (let i = 0; i < 60; i++) {
      const asker: Asker = { random, reference, sight: random.pick(sights), kept: new Set() }
      const request = randomRequest(asker, 'list')
      if (request.kind !== 'list') continue
      const simple = random.chance(0.8) ? { ...request, filters: request.filters.filter(({ kind }) => kind === 'bracket') } : request
      const parameters = spelledBy(random, randomParameters(asker, simple))
      // Often one caller asks again; sometimes other callers ask the same.
      const askers = random.chance(0.6) ? [asker.sight.caller] : callers
      ask(random, pair, { callers: askers, entity: entityNamed(model, request.entity), parameters })
    }
    cases += pair.tally.cases
    found += pair.tally.found
    refused += pair.tally.refused
  }
  t.diagnostic(`${cases} cases, ${found} with a recipe, ${refused} refused`)
  assert.ok(found > cases / 5 && refused > cases / 20, `${found} of ${cases} cases had a recipe, ${refused} were refused`)
})

const USER: Caller = { claims: new Map(Object.entries({ id: '018cc251-f7e8-724c-89e1-5e52afc47c22', role: 'user' })), session: 's' }
const ADMIN: Caller = { claims: new Map(Object.entries({ id: '018cc251-f7e8-724c-89e1-5e52afc47c23', role: 'admin' })), session: 's' }

/** Operators of filters, with some that do not exist for most fields. */
const OPS = ['', '[eq]', '[ne]', '[gt]', '[lte]', '[in]', '[nin]', '[contains]', '[startsWith]', '[isNull]'] as const

for (const [name, model] of Object.entries({ blog: modelOf(blog), wide: modelOf(wide) })) {
  test(`every field of ${name} with every operator and every odd value is planned alike`, (t) => {
    const pair = openPair(model)
    const random = randomFrom(SEED)
    for (const entity of model.entities) {
      const [pin = 'id'] = entity.fields.filter(({ type }) => type.kind === 'ref').map((field) => field.name)
      for (const { name: field } of entity.fields) {
        for (const op of OPS) {
          const caller = random.pick([ANONYMOUS, USER, ADMIN])
          for (const value of [...EACH_TYPE, ...ODD_VALUES].filter(() => random.chance(0.3))) {
            const id = `018cc251-f7e8-724c-89e1-${String(random.below(1e12)).padStart(12, '0')}`
            judge(pair, caller, { entity, query: `filter[${pin}]=${id}&filter[${field}]${op}=${value}` })
          }
        }
      }
    }
    t.diagnostic(`${pair.tally.cases} cases, ${pair.tally.found} with a recipe, ${pair.tally.refused} refused`)
    assert.ok(pair.tally.found > pair.tally.cases / 8)
  })
}

/** Two values of each type. */
const EACH_TYPE = [
  ...['apple', 'Apple', 'a@example.com', 'A@EXAMPLE.com', 'https://example.com', 'http://example.com/%2F', '1', '2', '1.5', '2.25', 'DE'],
  ...[
    'true',
    'false',
    '2001-01-01',
    '2024-02-29',
    '2001-01-01T00:00:00Z',
    '2020-02-29T12:30:00.5%2B01:00',
    '08:30',
    '18:30:00',
    'PT1H',
    'P1D',
  ],
  ...['018cc251-f7e8-724c-89e1-5e52afc47c22', '018CC251-F7E8-724C-89E1-5E52AFC47C23', 'red', 'up', 's', 'm', 'dark+%22red%22', "it's"],
]
