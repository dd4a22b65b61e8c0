/**
 * Pages of GraphQL planned by recipes against pages planned in the ordinary way: the same plan, the same values, the same refusal. SEED
 * repeats a run, CASES makes it longer.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { hasErrors } from '../../src/base/diagnostic.ts'
import { Failure } from '../../src/base/failure.ts'
import { graphqlSchemas } from '../../src/compile/graphql/schemas.ts'
import type { OrderKey } from '../../src/compile/statements/plan.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { bindPages } from '../../src/server/graphql/bind-pages.ts'
import {
  type CompiledOperation,
  compileDocument,
  openDocumentCache,
  operationOf,
  variableValuesOf,
} from '../../src/server/graphql/documents/document.ts'
import { GraphqlRefusal } from '../../src/server/graphql/documents/problem.ts'
import { queryTemplate } from '../../src/server/graphql/documents/query-template.ts'
import { pageRecipes, pageValues } from '../../src/server/graphql/page-recipe.ts'
import { openPlanContext } from '../../src/server/plan/plan-context.ts'
import { writeCursor } from '../../src/server/plan/plan-order.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { modelOf } from '../support/resolved.ts'
import { wide } from '../support/wide-design.ts'
import { randomDesign } from './design/random-design.ts'
import { randomDocument } from './request/random-document.ts'

const CASES = Number(process.env.CASES ?? (process.env.PLINTH_FULL === '1' ? 10_000 : 2_000))
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)

const tally = { cases: 0, followed: 0, refused: 0 }

function callersOf(random: Random, model: Model): readonly Caller[] {
  const user = (id: string): Caller => ({
    claims: new Map(model.claims.map(({ name }) => [name, name === 'id' ? id : name === 'role' ? 'user' : random.pick([null, 1, 'red'])])),
    session: id,
  })
  return [ANONYMOUS, user('018cc251-f7e8-724c-89e1-5e52afc47c22'), user('018cc251-f7e8-724c-89e1-5e52afc47c23')]
}

/** Plans the pages of random documents of a model, each several times with other values. */
function judge(random: Random, model: Model, documents: number): void {
  const contexts = { plain: openPlanContext(model, { recipes: false }), recipes: openPlanContext(model) }
  const cache = openDocumentCache()
  for (let n = 0; n < documents; n++) {
    const caller = random.pick(callersOf(random, model))
    const variant = contexts.plain.viewFor(caller)
    const api = graphqlSchemas(model).forVariant(variant)
    const lists = [...api.queries].filter(([, { kind }]) => kind === 'many').map(([name]) => name)
    if (lists.length === 0) return
    let order: readonly OrderKey[] = []
    const document = randomDocument(random, api, random.pick(lists), () => cursorOf(random, order))
    const compiled = compileDocument(cache, { text: document.text, apiOf: () => api, variant: variant.key, telling: 'all' })
    const operation = operationOf(compiled, null)
    for (let time = 0; time < 6; time++) {
      tally.cases++
      const sent = document.next()
      const outcome = (context: typeof contexts.plain) => outcomeOf(operation, { api, caller, variant, stack: { context } }, sent)
      const [plain, recipes] = [outcome(contexts.plain), outcome(contexts.recipes)]
      assert.deepEqual(recipes, plain, `${document.text} ${JSON.stringify(sent)}`)
      if (plain.pages === undefined) tally.refused++
      else order = plain.pages[0]?.order ?? order
    }
  }
}

function outcomeOf(operation: CompiledOperation, planner: Parameters<typeof bindPages>[0], sent: Readonly<Record<string, unknown>>) {
  try {
    const variables = variableValuesOf(planner.api, operation, sent, 'all')
    const make = () =>
      queryTemplate({ api: planner.api, fragments: operation.of.fragments, variables, pages: [] }, operation.node.selectionSet, () => null)
    const template = operation.templates.get('') ?? make()
    operation.templates.set('', template)
    if (planner.stack.context.recipes !== null) {
      for (const page of template.pages) {
        const form = pageValues(page, variables)?.form
        if (form !== undefined && pageRecipes(page).get(form)) tally.followed++
      }
    }
    const pages = bindPages(planner, template.pages, variables).map(({ size, rows }) => {
      const { filter, search, order, after, key, values } = rows
      return { size, filter, search, order, after, key, values }
    })
    return { pages }
  } catch (error) {
    if (error instanceof GraphqlRefusal || error instanceof Failure)
      return { refusal: `${error.name} ${error.message}`, error: JSON.stringify(error) }
    throw error
  }
}

function cursorOf(random: Random, order: readonly OrderKey[]): unknown {
  if (order.length === 0) return undefined
  if (random.chance(0.1)) return random.pick(['', 'x', '!', 'bnVsbA'])
  const keys = order.map(({ nullable }) =>
    random.chance(nullable ? 0.4 : 0.02) ? null : random.pick(['1', '018cc251-f7e8-724c-89e1-5e52afc47c22']),
  )
  return writeCursor(order, keys)
}

test(`${CASES} random pages are planned alike with recipes and without (SEED=${SEED})`, (t) => {
  const random = randomFrom(SEED)
  judge(random, modelOf(blog), 300)
  judge(random, modelOf(wide), 300)
  for (let seed = SEED; tally.cases < CASES; seed++) {
    const { model, diagnostics } = resolveDesign(randomDesign(randomFrom(seed)), NO_SOURCE)
    if (model !== null && !hasErrors(diagnostics)) judge(randomFrom(seed), model, 60)
  }
  const { cases, followed, refused } = tally
  t.diagnostic(`${cases} cases, ${followed} with a recipe, ${refused} refused`)
  assert.ok(followed > cases / 8 && refused > cases / 20, `${followed} of ${cases} cases had a recipe, ${refused} were refused`)
})
