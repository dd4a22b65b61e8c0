/**
 * The cases of the family `events`: writes through each door that log what the design reacts to, and refused writes that log nothing. The
 * log is compared after every write of all other families, too.
 */

import type { Entity } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import { type Api, hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { type RowVerb, requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isOfWrite, reactedTo } from '../../rules/promised-events.ts'

/** A write that is an event, and how it is asked. */
interface Way {
  readonly happening: 'created' | 'updated' | 'deleted'
  readonly verb: RowVerb
  readonly door: string
  readonly api: Api
  /** The same write in another form. */
  readonly of?: (one: UsualRequest) => UsualRequest
}

const manyOf = ({ user, request }: UsualRequest): UsualRequest => ({
  user,
  request: request.kind === 'create' ? { ...request, many: true } : request,
})

const WAYS: readonly Way[] = [
  { happening: 'created', verb: 'create', door: 'create', api: 'rest' },
  { happening: 'created', verb: 'create', door: 'create-many', api: 'rest', of: manyOf },
  { happening: 'created', verb: 'create', door: 'transaction', api: 'transaction' },
  { happening: 'created', verb: 'create', door: 'graphql', api: 'graphql' },
  { happening: 'updated', verb: 'update', door: 'patch', api: 'rest' },
  { happening: 'updated', verb: 'replace', door: 'put', api: 'rest' },
  { happening: 'updated', verb: 'update', door: 'transaction', api: 'transaction' },
  { happening: 'updated', verb: 'update', door: 'graphql', api: 'graphql' },
  { happening: 'deleted', verb: 'delete', door: 'delete', api: 'rest' },
  { happening: 'deleted', verb: 'delete', door: 'transaction', api: 'transaction' },
  { happening: 'deleted', verb: 'delete', door: 'graphql', api: 'graphql' },
]
const SUCCEEDS = [200, 201, 202, 204]
const REFUSES = [400, 401, 403, 404, 409]

/** The claims about the events of writes to which the design reacts. */
export function eventCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  return model.entities.flatMap((entity) => {
    const happenings = reactedTo(design, entity.name).filter((happening) => isOfWrite({ happening }))
    return happenings.length === 0 ? [] : [eventFamily(asking, entity, happenings)]
  })
}

function eventFamily(asking: PlannedWorld, entity: Entity, happenings: readonly string[]): PlannedFamily {
  const id = `events/${entity.name}`
  const ways = WAYS.filter(({ happening, api }) => happenings.includes(happening) && hasApi(asking.reference.model, api))
  const found = ways.flatMap((way) => casesOf(asking, entity, { id, way }))
  const wanted = ways.flatMap((way) => [goalOf(way, true), goalOf(way, false)])
  const asked = wanted.filter((goal) => found.some(({ goals }) => goals.includes(goal)))
  return {
    plan: {
      id,
      claim: `Each ${entity.name} that is ${happenings.join(', ')} is logged once with its row, and a refused write logs nothing.`,
      path: ['on', `${entity.name}.${happenings[0]}`],
      oracle: 'the rows before and after, and the row as PostgreSQL writes it',
      text: 'writes that succeed and writes that are refused, through each door; the log is also compared after every write of the other families',
      what: 'writes and their events',
      asked,
      impossible: [],
      untested: wanted.filter((goal) => !asked.includes(goal)),
    },
    cases: found,
    probes: [],
  }
}

const goalOf = ({ happening, door }: Way, isAllowed: boolean): string => `${isAllowed ? happening : `not-${happening}`}/${door}`

function casesOf(asking: PlannedWorld, entity: Entity, { id, way }: { readonly id: string; readonly way: Way }): readonly Case[] {
  const { reference } = asking
  return [true, false].flatMap((isAllowed): readonly Case[] => {
    const statuses = isAllowed ? SUCCEEDS : REFUSES
    const asked = ({ user, request }: UsualRequest) => {
      const one = way.of?.({ user, request }) ?? { user, request }
      return { ...one, api: way.api }
    }
    const fits = (one: UsualRequest): boolean => {
      const { user, request, api } = asked(one)
      if (isUnforeseen(reference, { user, request, api })) return false
      return expectationOf(reference, user, request).statuses.every((status) => statuses.includes(status))
    }
    const one = requestAnswered(asking, { entity, verb: way.verb, statuses }, fits)
    if (one === null) return []
    const goal = goalOf(way, isAllowed)
    return [{ name: `${id}/${goal}`, claim: id, door: way.door, ...asked(one), goals: [goal], atoms: {} }]
  })
}
