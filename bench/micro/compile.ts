/** Compiles one design and prints how long each stage took: `node --conditions=source bench/micro/compile.ts <entities>`. */

import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { desiredDatabase } from '../../src/compile/tables/tables.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { planIntent } from '../../src/server/plan/plan.ts'
import { readIntent } from '../../src/server/rest/rest-intent.ts'
import { designOf } from './design.ts'
import { CALLER, planContextOf, requestsAbout } from './planning.ts'

/** Milliseconds of each stage. */
export interface CompileTimes {
  /** Checking the design and compiling its expressions. */
  readonly resolve: number
  /** The tables of the design. */
  readonly tables: number
  /** The views of two kinds of callers. */
  readonly views: number
  /** The first plan and statement of five operations for each entity. */
  readonly statements: number
  readonly openapi: number
}

function resolved(entities: number): Model {
  const { model, diagnostics } = resolveDesign(designOf(entities), NO_SOURCE)
  if (model === null) throw new Error(diagnostics.map((d) => d.message).join('\n'))
  return model
}

function timed<T>(work: () => T): readonly [number, T] {
  const begun = performance.now()
  const result = work()
  return [performance.now() - begun, result]
}

const entities = Number(process.argv[2])
const [resolve, model] = timed(() => resolved(entities))
const [tables] = timed(() => desiredDatabase(model))
const context = planContextOf(model)
const [views] = timed(() => [context.viewFor(CALLER), context.viewFor(ANONYMOUS)])
const bodies = { create: { title: 'a', amount: '1.00' }, update: { title: 'b' } }
const [statements] = timed(() => {
  for (const { name } of model.entities) {
    if (name === 'User') continue
    for (const request of requestsAbout(model, name, bodies)) planIntent(context, CALLER, readIntent(request))
  }
})
const [document] = timed(() => openapi(model, { reach: 'all', version: '1', limits: LIMITS }))
console.log(JSON.stringify({ resolve, tables, views, statements, openapi: document } satisfies CompileTimes))
