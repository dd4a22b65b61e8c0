/** What first tests ask: requests whose answers follow from the design alone, with the rows that they need. */

import type { Action } from '../../model/action.ts'
import type { Entity, Hook, Model } from '../../model/model.ts'
import type { PlannedWorld } from '../../verify/cases/questions.ts'
import { requestAnswered } from '../../verify/cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../verify/expected/abstract-request.ts'
import { expectationOf } from '../../verify/expected/expectation.ts'
import { type ExpectedCall, expectCall } from '../../verify/expected/expectation-action.ts'
import { isLive, type ReferenceBackend, referenceOf } from '../../verify/expected/reference.ts'
import type { PlainRow } from '../../verify/oracle/oracle-rows.ts'
import { isNeededInput, whyNoRequest } from '../../verify/requests/action-request.ts'
import { callOf, HOOK_VERBS, needKey, rowsOfRequest } from '../../verify/review/code-calls.ts'

/** The combinations of callers and rows that are tried. */
const MOST_TRIED = 240
const WRITTEN: readonly number[] = [200, 201, 202, 204]

/** What the answer of a request must be. */
export type Check =
  | { readonly kind: 'status'; readonly status: number }
  /** The caller and the request are accepted; what the code or the steps do then is not known. */
  | { readonly kind: 'begins' }
  /** No defect: the write succeeds, or is refused with a reason. */
  | { readonly kind: 'no-defect' }
  | {
      readonly kind: 'moved'
      readonly entity: Entity
      readonly field: string
      readonly column: string
      readonly to: string
      readonly id: string
    }

/** One test. */
export interface Sketch {
  readonly name: string
  /** The caller; null for nobody. */
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The rows that must be there, as `needKey` names them. */
  readonly needs: ReadonlySet<string>
  readonly check: Check
}

/** The rows that a request needs, as a reference of their own: expectations follow from what the test inserts. */
function reduced({ design, model, rows }: ReferenceBackend, needs: ReadonlySet<string>): ReferenceBackend {
  const kept = [...rows()].map(([name, all]) => [name, all.filter(({ id }) => needs.has(needKey(name, id)))] as const)
  return referenceOf(design, model, new Map(kept))
}

/** The tests of an action. Empty if its requests cannot be made. */
export function actionSketches(asking: PlannedWorld, action: Action): readonly Sketch[] {
  const { reference, world } = asking
  if (whyNoRequest(reference, action) !== null) return []
  const label = action.entity === null ? action.name : `${action.entity}.${action.name}`
  const rows = action.entity === null ? [null] : (reference.rows().get(action.entity) ?? []).filter(isLive)
  const allow = action.allowSource ?? 'false'
  const isOfInput = /\binput\./.test(allow)
  const calls = [null, ...world.accounts]
    .flatMap((user) => rows.map((row) => ({ user, row })))
    .slice(0, MOST_TRIED)
    .flatMap(({ user, row }) => {
      const call = callOf(reference, { action, user, row })
      if (call === null) return []
      const expected = isOfInput ? null : expectCall(reduced(reference, call.needs), { user, action, allow, row })
      return [{ ...call, row, expected }]
    })
  type Call = (typeof calls)[number]
  const found = (name: string, one: Call | undefined, check: (one: Call) => Check, sent?: SentOverHttp): readonly Sketch[] =>
    one === undefined ? [] : [{ name, user: one.user, sent: sent ?? one.sent, needs: one.needs, check: check(one) }]
  const status = (wanted: number) => (): Check => ({ kind: 'status', status: wanted })
  const isRefused = (expected: ExpectedCall | null, wanted: number): boolean => expected?.kind === 'refused' && expected.status === wanted
  const may = calls.find(
    ({ user, expected }) => expected !== null && expected.kind !== 'refused' && (user !== null || asking.world.accounts.length === 0),
  )
  // Rows of the input have rules of their own.
  const hasRows = action.inputs.some((input) => isNeededInput(input) && input.type.kind === 'reference')
  const required = action.inputs.filter((input) => isNeededInput(input) && (input.from.in === 'body' || input.from.in === 'query'))
  const { body: _, ...bare } = may?.sent ?? { method: '', url: '' }
  const without: SentOverHttp = { ...bare, url: bare.url.split('?', 1)[0] ?? '', ...(may?.sent.body === undefined ? {} : { body: {} }) }
  return [
    ...found(
      `nobody who is not signed in calls ${label}`,
      calls.find(({ user, expected }) => user === null && isRefused(expected, 401)),
      status(401),
    ),
    ...(hasRows
      ? []
      : found(
          `a caller whom the rule does not name is refused by ${label}`,
          calls.find(({ user, expected }) => user !== null && isRefused(expected, 403)),
          status(403),
        )),
    ...(required.length === 0
      ? []
      : found(`${label} is refused without ${required.map(({ name }) => name).join(', ')}`, may, status(400), without)),
    ...(hasRows
      ? []
      : found(
          `${label} is refused from a state that it does not leave`,
          calls.find(({ expected }) => isRefused(expected, 409)),
          status(409),
        )),
    ...(hasRows || !isPredictable(action)
      ? []
      : found(`who may call ${label} is not refused`, may, (one) => begunCheck(reference.model, action, one))),
  ]
}

/** Whether a call reaches no other system, nobody signs in, and its code is written. */
function isPredictable({ run, steps }: Action): boolean {
  return run?.ownTransaction !== true && typeof run?.code !== 'string' && !steps.some(({ verb }) => verb === 'signIn')
}

function begunCheck(
  model: Model,
  { transition, entity }: Action,
  { expected, row }: { readonly expected: ExpectedCall | null; readonly row: PlainRow | null },
): Check {
  const moved =
    expected?.kind === 'moved' && transition !== null && row !== null ? model.entities.find(({ name }) => name === entity) : undefined
  const field = moved?.fields.find(({ name }) => name === transition?.field)
  if (moved === undefined || field === undefined || transition === null || row === null) return { kind: 'begins' }
  return { kind: 'moved', entity: moved, field: field.name, column: field.column, to: transition.to, id: String(row.id) }
}

/** The tests of a hook: the write that runs it, and the same by nobody. */
export function hookSketches(asking: PlannedWorld, entity: Entity, { moment, code }: Hook): readonly Sketch[] {
  const { reference } = asking
  const verb = HOOK_VERBS[moment]
  const found = requestAnswered(asking, { entity, verb, statuses: WRITTEN })
  if (found === null || typeof code === 'string') return []
  const { user, request } = found
  const needs = rowsOfRequest(reference, user, request)
  const own = reduced(reference, needs)
  if (!expectationOf(own, user, request).statuses.every((status) => WRITTEN.includes(status))) return []
  const sent = httpRequestOf(reference.model, request)
  const [refused, ...more] = expectationOf(own, null, request).statuses
  return [
    { name: `the hook ${entity.name}.${moment} runs without a defect`, user, sent, needs, check: { kind: 'no-defect' } },
    ...(user !== null && more.length === 0 && (refused === 401 || refused === 403)
      ? [
          {
            name: `nobody who is not signed in may ${verb} a ${entity.name}`,
            ...{ user: null, sent, needs },
            check: { kind: 'status', status: refused } as const,
          },
        ]
      : []),
  ]
}
