/** F209: requests that only the database or the row refuses, so that the answer could repeat the words of the database. */

import type { Entity } from '../../model/model.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered, type UsualRequest } from '../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { isLive } from '../expected/reference.ts'
import { answersAlike, uniquesOf } from '../expected/written-design.ts'
import { leakIn } from './leaks.ts'
import { askGuarded, type SecurityProbe } from './probes.ts'

interface Refusal extends UsualRequest {
  readonly goal: string
}

/** Taken values, rows to which others refer, stale versions, and sums beyond a limit. @param names of constraints and indexes. */
export function databaseRefusals(asking: PlannedWorld, entity: Entity, names: readonly string[]): readonly SecurityProbe[] {
  const { reference } = asking
  const refusals = [...takenValues(asking, entity), ...referred(asking, entity), ...ofRow(asking, entity)]
  return refusals.map(({ goal, user, request }) => ({
    goal,
    user,
    ask: (tools) =>
      askGuarded(
        tools,
        { ...httpRequestOf(reference.model, request), token: tools.tokenOf(user) },
        {
          statuses: (status) => status >= 400 && status < 500,
          why: 'the answer says what is wrong in the words of the design',
          check: (answer) => leakIn(answer, names),
        },
      ),
  }))
}

/** Creates with the values of another row in each unique combination. */
function takenValues(asking: PlannedWorld, entity: Entity): readonly Refusal[] {
  const { reference } = asking
  const usual = requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  if (usual?.request.kind !== 'create') return []
  const { user, request } = usual
  const [row = {}] = request.rows
  const others = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const own = reference.design.entities[entity.name]
  const hidden = answersAlike(own) ? own?.identity?.login : undefined
  return uniquesOf(own).flatMap(({ names }): readonly Refusal[] => {
    // A taken login may be answered as if it were new.
    if (names.length === 1 && names[0] === hidden) return []
    const taken = others
      .filter((other) => names.every((name) => (other[name] ?? null) !== null))
      .map(
        (other): AbstractRequest => ({ ...request, rows: [{ ...row, ...Object.fromEntries(names.map((name) => [name, other[name]])) }] }),
      )
      .find((one) => expectationOf(reference, user, one).statuses.every((status) => status === 409))
    return taken === undefined ? [] : [{ goal: `taken-${names.join('-')}`, user, request: taken }]
  })
}

function referred(asking: PlannedWorld, entity: Entity): readonly Refusal[] {
  const found = requestAnswered(asking, { entity, verb: 'delete', statuses: [409] })
  return found === null ? [] : [{ goal: 'referred', ...found }]
}

/** Changes of a row that the caller may change, with a stale version, and of numbers beyond their limits. */
function ofRow(asking: PlannedWorld, entity: Entity): readonly Refusal[] {
  const usual = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  if (usual?.request.kind !== 'update') return []
  const { user, request } = usual
  const writable = asking.reference.sightOf(user).kind.writable(entity.name)
  const written = asking.reference.design.entities[entity.name]?.fields ?? {}
  const row = asking.reference.find(entity.name, request.id)
  const limited = entity.fields.filter(
    ({ name, type, immutable }) =>
      type.kind === 'scalar' &&
      (type.scalar === 'integer' || type.scalar === 'decimal') &&
      type.max !== null &&
      writable.has(name) &&
      !immutable &&
      written[name]?.write === undefined &&
      Number(row?.[name] ?? -1) >= 1,
  )
  return [
    { goal: 'stale-version', user, request: { ...request, version: 999_999 } },
    ...limited.map(({ name, type }): Refusal => {
      const increment =
        type.kind === 'scalar' && type.scalar === 'integer' ? Number(type.max) : String(type.kind === 'scalar' ? type.max : 0)
      return { goal: `sum-${name}`, user, request: { ...request, body: { [name]: { increment } } } }
    }),
  ]
}
