/** F203 for fields with a rule of their own: sent at every door by callers who may write the row, and not this field. */

import { sampleValue } from '../../../compile/values/sample.ts'
import { type Entity, type Field, hasHooksFor } from '../../../model/model.ts'
import { otherValue, type PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import type { BodyValues, SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'
import { creatorOf } from '../spoiled-bodies.ts'
import { type RowWrite, type Writing, writeDoors } from './write-doors.ts'

const WHY = 'the rule of the field does not let this caller set it'

/** A write that succeeds, and fails with this value. */
interface Denied extends Writing {
  readonly body: BodyValues
}

/**
 * A probe for each field that has a rule of its own, and each kind of write and of caller: those who may never set the field, and those
 * whose row decides. It sends the field at each door. No row may change.
 */
export function guardedFields(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const written = asking.reference.design.entities[entity.name]?.fields ?? {}
  const guarded = entity.fields.filter(({ name, type }) => {
    const rule = written[name]?.write
    return rule !== undefined && rule !== 'true' && rule !== 'false' && type.kind !== 'file'
  })
  return guarded.flatMap((field) =>
    (['create', 'update'] as const)
      .filter((verb) => !hasHooksFor(entity.hooks, verb))
      .flatMap((verb) =>
        [true, false].flatMap((maySet): readonly SecurityProbe[] => {
          const found = deniedOf(asking, entity, { field, verb, maySet })
          return found === null ? [] : [probeOf(asking, found, `guarded/${field.name}/${verb}-${maySet ? 'sometimes' : 'never'}`)]
        }),
      ),
  )
}

interface Wanted {
  readonly field: Field
  readonly verb: 'create' | 'update'
  /** Whether the caller may set the field of some rows. */
  readonly maySet: boolean
}

function deniedOf(asking: PlannedWorld, entity: Entity, { field, verb, maySet }: Wanted): Denied | null {
  const { reference } = asking
  for (const { user, request, expected } of requestsOf(asking, entity, verb)) {
    const isUsual = expected.every((status) => status < 300) && (request.kind === 'create' || request.kind === 'update')
    if (!isUsual || reference.sightOf(user).kind.writable(entity.name).has(field.name) !== maySet) continue
    const usual = request.kind === 'create' ? (request.rows[0] ?? {}) : request.body
    const row = request.kind === 'update' ? reference.find(entity.name, request.id) : undefined
    const value =
      field.type.kind === 'password'
        ? sampleValue(field.type, 3)
        : otherValue(field, row?.[field.name] ?? (usual[field.name] as never) ?? null)
    if (value === undefined) continue
    const body = { ...usual, [field.name]: value }
    const having: RowWrite = request.kind === 'create' ? { ...request, rows: [body] } : { ...request, body }
    const isDenied = expectationOf(reference, user, having).statuses.every((status) => status === 403 || status === 400)
    if (isDenied) return { entity, user, request, body, beside: besideOf(asking, entity, user) }
  }
  return null
}

/** A body with which the same caller creates another row; null if none is known. */
export function besideOf(asking: PlannedWorld, entity: Entity, user: string | null): BodyValues | null {
  const creator = creatorOf(asking, entity)
  return creator !== null && creator.user === user && creator.good.length > 1 ? (creator.good[1] ?? null) : null
}

function probeOf(asking: PlannedWorld, denied: Denied, goal: string): SecurityProbe {
  const doors = writeDoors(asking, denied)
  return {
    goal,
    user: denied.user,
    async ask(tools) {
      const token = tools.tokenOf(denied.user)
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const { name, requestWith } of doors) {
        const sent = requestWith(denied.body)
        const answer = await tools.send({ ...sent, token })
        last = { sent, answer }
        if (!isRefusedAnswer(sent, answer))
          return { wrong: `${name}: status ${answer.status}: ${answer.text.slice(0, 200)}`, statuses: [403], why: WHY, ...last }
      }
      if (last === null) throw new Error(`${goal} has no door`)
      return { wrong: null, statuses: [403], why: WHY, ...last }
    },
  }
}
