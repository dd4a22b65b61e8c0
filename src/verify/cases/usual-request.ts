/** Requests for the operations of an entity that the rules of a design answer with a wanted status. */

import type { Entity } from '../../model/model.ts'
import type { AbstractRequest } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { isLive } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { type AskedState, READ_DOORS, WRITE_DOORS } from './doors.ts'
import { newBody, unpaired } from './new-body.ts'
import { harmless, type PlannedWorld } from './questions.ts'

/** An operation of an entity, as the OpenAPI document names it. */
export type RowVerb = 'list' | 'get' | 'create' | 'update' | 'replace' | 'delete'

/** All operations of entities. */
export const ROW_VERBS: readonly RowVerb[] = ['list', 'get', 'create', 'update', 'replace', 'delete']

/** A request with its caller. */
export interface UsualRequest {
  readonly user: string | null
  readonly request: AbstractRequest
}

type Door = (typeof READ_DOORS)[number]

/** The rows that are tried for each caller. */
const MOST_TRIED = 12

const DOORS: Readonly<Record<RowVerb, Door['request']>> = {
  list: doorNamed(READ_DOORS, 'list'),
  get: doorNamed(READ_DOORS, 'get'),
  create: doorNamed(WRITE_DOORS.create, 'create'),
  update: doorNamed(WRITE_DOORS.update, 'patch'),
  replace: doorNamed(WRITE_DOORS.update, 'put'),
  delete: doorNamed(WRITE_DOORS.delete, 'delete'),
}

function doorNamed(doors: readonly Door[], name: string): Door['request'] {
  const found = doors.find((door) => door.name === name)
  if (found === undefined) throw new Error(`there is no door ${name}`)
  return found.request
}

/**
 * The first request of an operation that must be answered by one of these statuses; null if none is found.
 *
 * @param fits a further condition on the request.
 */
export function requestAnswered(
  asking: PlannedWorld,
  { entity, verb, statuses }: { readonly entity: Entity; readonly verb: RowVerb; readonly statuses: readonly number[] },
  fits: (one: UsualRequest) => boolean = () => true,
): UsualRequest | null {
  for (const { user, request, expected } of requestsOf(asking, entity, verb))
    if (expected.every((status) => statuses.includes(status)) && fits({ user, request })) return { user, request }
  return null
}

/** A request, and the statuses by which it must be answered. */
export interface ForeseenRequest extends UsualRequest {
  readonly expected: readonly number[]
}

/** What is known of the requests of each operation. Rows and callers of a world never change. */
const known = new WeakMap<PlannedWorld, Map<string, Foreseen>>()

interface Foreseen {
  readonly found: ForeseenRequest[]
  readonly rest: Iterator<ForeseenRequest>
}

/** The requests of an operation by each caller about some rows. Each is judged once, when it is first needed. */
export function* requestsOf(asking: PlannedWorld, entity: Entity, verb: RowVerb): Generator<ForeseenRequest> {
  const ofWorld = known.get(asking) ?? new Map<string, Foreseen>()
  known.set(asking, ofWorld)
  const key = `${entity.name}.${verb}`
  const { found, rest } = ofWorld.get(key) ?? { found: [], rest: foresee(asking, entity, verb) }
  ofWorld.set(key, { found, rest })
  for (let i = 0; ; i++) {
    if (i === found.length) {
      const next = rest.next()
      if (next.done === true) return
      found.push(next.value)
    }
    yield found[i] as ForeseenRequest
  }
}

function* foresee(asking: PlannedWorld, entity: Entity, verb: RowVerb): Generator<ForeseenRequest> {
  const { reference, world } = asking
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const some = [...rows.slice(0, MOST_TRIED - 2), ...rows.slice(-2)]
  for (const user of [...world.accounts, null]) {
    const at = { reference, user, sight: reference.sightOf(user), entity }
    const tried = verb === 'create' ? some.flatMap((row) => [row, ...unpaired(at, row)]) : some
    for (const [n, row] of (verb === 'list' ? [null] : tried).entries()) {
      const request = requestFor(asking, { user, entity, row, verb, n })
      if (request === null || (request.kind === 'update' && Object.keys(request.body).length === 0)) continue
      yield { user, request, expected: expectationOf(reference, user, request).statuses }
    }
  }
}

/** Whether a request deletes the account of its caller, who then has no session for a second one. */
export function endsCaller({ reference }: Pick<PlannedWorld, 'reference'>, { user, request }: UsualRequest): boolean {
  const { change } = expectationOf(reference, user, request)
  const accounts = change.kind === 'deleted' ? change.rows.get(reference.model.identity?.entity ?? '') : undefined
  return user !== null && accounts !== undefined && !accounts.some((row) => String(row.id) === user && isLive(row))
}

/** A caller with a row and an operation. */
export interface Trying {
  readonly user: string | null
  readonly entity: Entity
  /** The row in question; of a create, the row that the new one is like. */
  readonly row: PlainRow | null
  readonly verb: RowVerb
  /** Makes unique values of a create; different for each. */
  readonly n: number
}

/** The request of an operation by a caller about a row, whatever it must be answered; null where there is none. */
export function requestFor(asking: PlannedWorld, trying: Trying): AbstractRequest | null {
  return DOORS[trying.verb](stateFor(asking, trying))
}

/** The state in which a caller asks about a row. */
export function stateFor({ reference }: PlannedWorld, { user, entity, row, verb, n }: Trying): AskedState {
  const at = { reference, user, sight: reference.sightOf(user), entity }
  const body =
    row === null ? null : verb === 'create' ? newBody(at, row, { n: 1_000 + n, needed: [] }) : verb === 'get' ? null : harmless(at, row)
  const write = verb === 'create' ? 'create' : verb === 'update' || verb === 'replace' ? 'update' : verb === 'delete' ? 'delete' : null
  const state = { user, row: verb === 'create' ? null : row, body, write, values: [], deciding: [], unlike: [] } as const
  return { ...at, state, field: null }
}
