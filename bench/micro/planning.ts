/** Planning as the server does it, without a server. */

import type { Caller } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { openPlanContext } from '../../src/server/plan/plan-context.ts'
import type { PlanContext } from '../../src/server/plan/planning.ts'
import type { RestRequest } from '../../src/server/rest/rest-intent.ts'

/** A signed-in user without a special role. */
export const CALLER: Caller = {
  claims: new Map(Object.entries({ id: '018cc251-f7e8-724c-89e1-5e52afc47c22', role: 'user' })),
  session: null,
}

/** Returns what planning needs, with empty caches. */
export function planContextOf(model: Model): PlanContext {
  return openPlanContext(model, { statements: 10_000 })
}

/** Returns one request of each operation on an entity, with these bodies. @throws Error when the model has no such entity. */
export function requestsAbout(
  model: Model,
  name: string,
  bodies: { readonly create: object; readonly update: object },
): readonly RestRequest[] {
  const entity = model.entities.find((one) => one.name === name)
  if (entity === undefined) throw new Error(`there is no ${name}`)
  const plain = { entity, query: '', ifMatch: null, prefer: null, body: undefined }
  const row = { ...plain, id: '018d5c1e-0000-7abc-8def-0123456789ab' }
  return [
    { ...row, method: 'GET' },
    { ...plain, id: null, method: 'GET' },
    { ...plain, id: null, method: 'POST', body: bodies.create },
    { ...row, method: 'PATCH', body: bodies.update },
    { ...row, method: 'DELETE' },
  ]
}
