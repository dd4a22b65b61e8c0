/** F104 for writes that are sent again with their Idempotency-Key: each door writes once, and answers with the rows as they are then. */

import { randomUUID } from 'node:crypto'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { upsertingCreate, upsertingUpdate } from '../../cases/upsert-doors.ts'
import { endsCaller, type RowVerb, requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { AllRows } from '../../expected/reference.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { UPSERT } from '../../requests/transport-upsert.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'

/** A write at a door. */
interface Way {
  readonly name: string
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The row that is changed; null for a new one, which the rows before and after show. */
  readonly id: string | null
  /** Whether the row can be removed afterwards: it is there, and no other row holds it. */
  readonly isRemovable: boolean
}

const VERBS = ['create', 'update', 'replace', 'delete'] as const satisfies readonly RowVerb[]

/** One probe for each door through which rows of an entity are written. */
export function repeatedWrites(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  if (answersAlike(reference.design.entities[entity.name])) return []
  return VERBS.flatMap((verb) => {
    const usual = requestAnswered(
      asking,
      { entity, verb, statuses: [200, 201, 204] },
      (one) => !isUnforeseen(reference, { ...one, api: 'rest' }) && !endsCaller(asking, one),
    )
    return usual === null ? [] : waysOf(asking, entity, { verb, usual }).map((way) => probeOf(entity, way))
  })
}

interface Usual {
  readonly verb: RowVerb
  readonly usual: UsualRequest
}

function waysOf({ reference }: PlannedWorld, entity: Entity, { verb, usual: { user, request } }: Usual): readonly Way[] {
  const { model } = reference
  const caller = { reference, user, sight: reference.sightOf(user) }
  const at = { ...caller, entity }
  const upsert = request.kind === 'create' ? upsertingCreate(at, request) : request.kind === 'update' ? upsertingUpdate(at, request) : null
  const inGraphql = (one: AbstractRequest): SentOverHttp => GRAPHQL.encode(caller, GRAPHQL.adapt(caller, one), null)
  const ways: readonly (readonly [string, SentOverHttp | null])[] = [
    [verb, httpRequestOf(model, request)],
    [`${verb}-bulk`, request.kind === 'create' ? httpRequestOf(model, { ...request, many: true, by: 'bulk' }) : null],
    [`${verb}-transaction`, hasApi(model, 'transaction') ? TRANSACTION.encode(caller, request, null) : null],
    [`${verb}-graphql`, hasApi(model, 'graphql') && verb !== 'replace' ? inGraphql(request) : null],
    [`${verb}-upsert`, upsert !== null && hasApi(model, 'upsert') && verb !== 'replace' ? UPSERT.encode(caller, upsert, null) : null],
  ]
  const id = request.kind === 'update' || request.kind === 'delete' ? request.id : null
  const isRemovable = verb !== 'delete' && (id === null || !isHeld(reference, entity, id))
  return ways.flatMap(([name, sent]) => (sent === null ? [] : [{ name, user, sent, id, isRemovable }]))
}

/** Whether a row refers to this one. */
function isHeld({ model, rows }: PlannedWorld['reference'], { name }: Entity, id: string): boolean {
  return model.entities.some((other) =>
    other.fields
      .filter(({ type }) => type.kind === 'ref' && type.entity === name)
      .some((field) => (rows().get(other.name) ?? []).some((row) => String(row[field.name]) === id)),
  )
}

const WHY = 'a write takes place once for each Idempotency-Key'

function probeOf(entity: Entity, way: Way): SecurityProbe {
  return {
    goal: `repeated/${way.name}`,
    user: way.user,
    async ask(tools): Promise<ProbeOutcome> {
      const { sent, wrong, answer } = await repeat(tools, entity, way)
      return { wrong, statuses: [200, 201, 204, 404], why: WHY, sent, answer }
    },
    // The write takes place, and then its row is removed.
    rows: () => null,
  }
}

interface Told {
  readonly wrong: string | null
  readonly sent: SentOverHttp
  readonly answer: Answered
}

async function repeat(tools: ProbeTools, { name: entity }: Entity, { sent, user, id, isRemovable }: Way): Promise<Told> {
  const keyed = { ...sent, headers: { ...sent.headers, 'idempotency-key': randomUUID() } }
  const token = tools.tokenOf(user)
  const send = (instance: number): Promise<Answered> => tools.send({ ...keyed, token, instance })
  const first = await send(0)
  const told = (answer: Answered, wrong: string | null): Told => ({ wrong, sent: keyed, answer })
  // What the usual request leads to is asked elsewhere.
  if (first.status >= 300 || isRefusedAnswer(sent, first)) return told(first, null)
  const rows = await tools.rows()
  const written = JSON.stringify([...rows])
  for (let instance = 0; instance < tools.instances; instance++) {
    const again = await send(instance)
    if (JSON.stringify([...(await tools.rows())]) !== written) return told(again, 'sent again with its key, it is written again')
    if (again.status !== first.status || again.text !== first.text)
      return told(again, `sent again with its key, it is answered ${again.status} and not as before: ${again.text.slice(0, 200)}`)
    if (again.headers['idempotency-replayed'] !== 'true') return told(again, 'a repetition has no header Idempotency-Replayed')
  }
  const gone = id ?? newId(tools.before, rows, entity)
  if (!isRemovable || gone === null || first.text === '') return told(first, null)
  await tools.removeRow(entity, gone)
  const left = JSON.stringify([...(await tools.rows())])
  const late = await send(0)
  if (JSON.stringify([...(await tools.rows())]) !== left) return told(late, 'sent again after its row was deleted, it is written again')
  const isSilent = late.status >= 400 || isRefusedAnswer(sent, late) || !late.text.includes('"version"')
  return told(
    late,
    isSilent && late.status < 500
      ? null
      : `sent again after its row was deleted, it is answered ${late.status}: ${late.text.slice(0, 200)}`,
  )
}

/** The id of the row that was not there before. */
function newId(before: AllRows, after: AllRows, entity: string): string | null {
  const known = new Set((before.get(entity) ?? []).map(({ id }) => id))
  const found = (after.get(entity) ?? []).find(({ id }) => !known.has(id))
  return found === undefined ? null : String(found.id)
}
