/** Requests that run the code of a design: actions with code, and hooks. */

import type { Action } from '../../model/action.ts'
import type { Entity, HookMoment, Model } from '../../model/model.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { type RowVerb, requestAnswered } from '../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { actionRequest, whyNoRequest } from '../requests/action-request.ts'

/** Calls that are tried for each action. */
const MOST_CALLS = 8
/** Inputs with such names hold secrets, besides those of the type of passwords. */
const SECRET_NAME = /password|secret|passphrase|pin$/i
/** Shorter values are in logs by chance. */
const LEAST_SECRET = 6
/** The operations that run hooks. */
export const HOOK_VERBS: Readonly<Record<HookMoment, RowVerb>> = {
  beforeCreate: 'create',
  afterCreate: 'create',
  beforeUpdate: 'update',
  afterUpdate: 'update',
  beforeDelete: 'delete',
  afterDelete: 'delete',
}

/** A request that is expected to run code. */
export interface CodeCall {
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The rows that it needs, as `Post 0190…`. */
  readonly needs: ReadonlySet<string>
  /** Values that no log may have, by the name of their input. */
  readonly secrets: ReadonlyMap<string, string>
}

/** The code of a design, and how it can be run. */
export interface PlannedCode {
  /** As the log names it: `action Order.pay`, `hook Post.beforeCreate`. */
  readonly code: string
  readonly path: readonly string[]
  /** The calls that may run it, the likeliest first. */
  readonly calls: readonly CodeCall[]
  /** Why it is not run; null if it is. */
  readonly why: string | null
}

/** All code of actions and hooks. Other code runs apart from requests. */
export function codeCalls(asking: PlannedWorld): readonly PlannedCode[] {
  const { model } = asking.reference
  return [
    ...model.actions.filter(({ run }) => run !== null).map((action) => plannedAction(asking, action)),
    ...model.entities.flatMap((entity) => entity.hooks.map(({ moment }) => plannedHook(asking, entity, moment))),
  ]
}

function plannedHook(asking: PlannedWorld, entity: Entity, moment: HookMoment): PlannedCode {
  const { reference } = asking
  const found = requestAnswered(asking, { entity, verb: HOOK_VERBS[moment], statuses: [200, 201, 202, 204] })
  const code = `hook ${entity.name}.${moment}`
  const path = ['entities', entity.name, 'hooks', moment]
  if (found === null) return { code, path, calls: [], why: 'no caller and row of the generated world leads to the write' }
  const { user, request } = found
  return {
    code,
    path,
    calls: [{ user, sent: httpRequestOf(reference.model, request), needs: rowsOfRequest(reference, user, request), secrets: new Map() }],
    why: null,
  }
}

function plannedAction(asking: PlannedWorld, action: Action): PlannedCode {
  const { reference, world } = asking
  const code = `action ${action.entity === null ? action.name : `${action.entity}.${action.name}`}`
  const path = action.at.map(String)
  const why = whyNotCalled(reference, action)
  if (why !== null) return { code, path, calls: [], why }
  const rows = action.entity === null ? [null] : (reference.rows().get(action.entity) ?? []).filter(isLive)
  const owned = (user: string | null, row: PlainRow | null): boolean => row !== null && Object.values(row).includes(user)
  const tried = [...world.accounts, null].flatMap((user) => rows.map((row) => ({ user, row })))
  const calls = tried
    .toSorted((a, b) => Number(owned(b.user, b.row)) - Number(owned(a.user, a.row)))
    .flatMap(({ user, row }) => callOf(reference, { action, user, row }) ?? [])
  return calls.length === 0
    ? { code, path, calls, why: 'the generated world has no row for it' }
    : { code, path, calls: spread(calls), why: null }
}

/** Calls of different callers and rows: the first, and others at equal distances. */
function spread(calls: readonly CodeCall[]): readonly CodeCall[] {
  const step = Math.max(1, calls.length / MOST_CALLS)
  return Array.from({ length: Math.min(MOST_CALLS, calls.length) }, (_, i) => calls[Math.floor(i * step)]).filter(
    (one) => one !== undefined,
  )
}

/** Why the code of an action is not run; null if it is. */
function whyNotCalled(reference: ReferenceBackend, action: Action): string | null {
  if (typeof action.run?.code === 'string') return 'it is not written'
  if (action.run?.ownTransaction === true) return 'it calls services, of which verify has none'
  return whyNoRequest(reference, action)
}

/** An action, its caller and its row. */
export interface Calling {
  readonly action: Action
  readonly user: string | null
  readonly row: PlainRow | null
}

/** The request of a call; null if an input has no value. */
export function callOf(reference: ReferenceBackend, { action, user, row }: Calling): CodeCall | null {
  const request = actionRequest(reference, { action, row, n: 1_500 })
  if (request === null) return null
  const secrets = request.inputs.filter(
    ({ name, type, value }) => (type.type.kind === 'password' || SECRET_NAME.test(name)) && String(value).length >= LEAST_SECRET,
  )
  return {
    user,
    sent: request.sent,
    needs: needed(reference, user, request.rows),
    secrets: new Map(secrets.map(({ name, value }) => [name, String(value)])),
  }
}

/** The rows that a request of the reference names, and those that these refer to. */
export function rowsOfRequest(reference: ReferenceBackend, user: string | null, request: object): ReadonlySet<string> {
  const ids = JSON.stringify(request)
  const rows = [...reference.rows()].flatMap(([name, all]) =>
    all.filter(({ id }) => ids.includes(JSON.stringify(id))).map((row) => [name, row] as const),
  )
  return needed(reference, user, rows)
}

/** The caller, some rows, and all rows that these refer to. */
function needed(reference: ReferenceBackend, user: string | null, rows: readonly (readonly [string, PlainRow])[]): ReadonlySet<string> {
  const { model } = reference
  const kept = new Set<string>()
  const keep = (name: string, row: PlainRow | undefined): void => {
    if (row === undefined || kept.has(needKey(name, row.id))) return
    kept.add(needKey(name, row.id))
    for (const { name: field, type } of referencesOf(model, name)) keep(type.entity, reference.find(type.entity, String(row[field])))
  }
  for (const [name, row] of rows) keep(name, row)
  if (user !== null && model.identity !== null) keep(model.identity.entity, reference.find(model.identity.entity, user))
  return kept
}

/** The name of a row in `needs`. */
export function needKey(entity: string, id: unknown): string {
  return `${entity} ${String(id)}`
}

function referencesOf(model: Model, name: string) {
  const fields = model.entities.find((entity) => entity.name === name)?.fields ?? []
  return fields.flatMap(({ name: field, type }) => (type.kind === 'ref' ? [{ name: field, type }] : []))
}
