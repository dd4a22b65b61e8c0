/** Requests that cause the events to which a design reacts. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isSingleKey } from '../cases/new-body.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { endsCaller, requestsOf } from '../cases/usual-request.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { expectCall } from '../expected/expectation-action.ts'
import { isLive } from '../expected/reference.ts'
import { actionRequest, whyNoRequest } from '../requests/action-request.ts'
import { hostileBody } from './hostile-values.ts'

/** A request that causes an event. */
export interface Occasion {
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The id of its row; null for a row that it creates. */
  readonly id: string | null
}

/** An event of a design. */
export interface Happened {
  readonly entity: string
  readonly happening: string
}

/** The requests that are tried for an event. */
const MOST = 8
/** Samples of bodies of other families have smaller numbers. */
const FIRST_NUMBER = 6_000
const WRITES = { created: 'create', updated: 'update', deleted: 'delete' } as const

/**
 * Requests that cause an event, the likeliest first. Texts of their bodies have scripts in them where the design allows it.
 *
 * @param round another one for each case, so that their requests have other values
 */
export function occasionsOf(asking: PlannedWorld, { entity, happening }: Happened, round: number): readonly Occasion[] {
  const verb = WRITES[happening as keyof typeof WRITES]
  return (verb === undefined ? calls(asking, { entity, happening }) : writes(asking, entity, { verb, round })).slice(0, MOST)
}

function writes(
  asking: PlannedWorld,
  name: string,
  { verb, round }: { readonly verb: 'create' | 'update' | 'delete'; readonly round: number },
): readonly Occasion[] {
  const { reference } = asking
  const { model } = reference
  const entity = model.entities.find((one) => one.name === name)
  if (entity === undefined || model.served.rest === null) return []
  const found: Occasion[] = []
  const add = (user: string | null, sent: SentOverHttp, id: string | null): void => {
    if (found.length < MOST && !found.some((one) => JSON.stringify(one.sent) === JSON.stringify(sent))) found.push({ user, sent, id })
  }
  for (const { user, request, expected } of requestsOf(asking, entity, verb)) {
    if (found.length >= MOST) break
    if (!expected.every((status) => status >= 200 && status < 300) || endsCaller(asking, { user, request })) continue
    if (request.kind === 'create') {
      const rows = request.rows.map((row) => renewed(entity, row, FIRST_NUMBER + round * MOST + found.length))
      const hostile = rows.map((body) => hostileBody(reference.design, entity, { body, digit: round }))
      add(user, httpRequestOf(model, { ...request, rows: hostile }), null)
      add(user, httpRequestOf(model, { ...request, rows }), null)
    } else if (request.kind === 'update') {
      for (const body of [...changes(asking, { user, name, id: request.id }), request.body]) {
        const hostile = { ...request, body: hostileBody(reference.design, entity, { body, digit: round }) }
        const isAllowed = expectationOf(reference, user, { ...request, body }).statuses.every((status) => status === 200)
        if (isAllowed) add(user, httpRequestOf(model, hostile), request.id)
      }
    } else if (request.kind === 'delete') add(user, httpRequestOf(model, request), request.id)
  }
  return found
}

/** The body with unique values that no other case sends. */
function renewed(entity: Entity, body: BodyValues, n: number): BodyValues {
  const values = entity.fields.flatMap(({ name, type }) => {
    const value = isSingleKey(entity, name) && Object.hasOwn(body, name) ? sampleValue(type, n) : undefined
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...body, ...Object.fromEntries(values) }
}

/** Changes of one field with few values: a condition of a reaction mostly names such a one. */
function changes(
  { reference }: PlannedWorld,
  { user, name, id }: { readonly user: string | null; readonly name: string; readonly id: string },
): readonly BodyValues[] {
  const row = reference.find(name, id)
  const writable = reference.sightOf(user).kind.writable(name)
  const fields = reference.model.entities.find((entity) => entity.name === name)?.fields ?? []
  return fields.flatMap((field): readonly BodyValues[] => {
    if (!writable.has(field.name) || field.immutable) return []
    const values =
      field.type.kind === 'choice'
        ? field.type.values
        : field.type.kind === 'scalar' && field.type.scalar === 'boolean'
          ? [true, false]
          : []
    return values.filter((value) => value !== row?.[field.name]).map((value) => ({ [field.name]: value }))
  })
}

/** Calls of the action of this name that its `allow` and the states let through. */
function calls({ reference, world }: PlannedWorld, { entity, happening }: Happened): readonly Occasion[] {
  const action = actionOf(reference.model, { entity, happening })
  const allow = action?.allowSource ?? null
  if (action === undefined || allow === null || whyNoRequest(reference, action) !== null) return []
  const rows = (reference.rows().get(entity) ?? []).filter(isLive)
  const found: Occasion[] = []
  for (const user of [...world.accounts, null]) {
    for (const row of rows) {
      if (found.length >= MOST) return found
      if (expectCall(reference, { user, action, allow, row }).kind === 'refused') continue
      const request = actionRequest(reference, { action, row, n: 1_700 })
      if (request !== null) found.push({ user, sent: request.sent, id: String(row.id) })
    }
  }
  return found
}

function actionOf(model: Model, { entity, happening }: Happened): Model['actions'][number] | undefined {
  return model.actions.find((action) => action.entity === entity && action.name === happening)
}
