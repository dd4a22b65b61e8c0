/** What else a delete removes, by the number of rows that refer to the row; and what remains of a row that was deleted softly. */

import { type Entity, entityNamed } from '../../model/model.ts'
import type { Case } from '../cases/case.ts'
import { type AskedState, hasApi, READ_DOORS, WRITE_DOORS } from '../cases/doors.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import { newBody } from '../cases/new-body.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { type AbstractRequest, ALL } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import { ruleOf, uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** The claims about deletes of all entities. */
export function deleteCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  return model.entities.flatMap((entity) => [
    ...(isOpen(asking, entity) ? deletesOf(asking, entity) : []),
    ...(design.entities[entity.name]?.softDelete === true ? softlyDeleted(asking, entity) : []),
  ])
}

/** Whether some caller may delete some row. */
function isOpen({ reference, world }: PlannedWorld, { name }: Entity): boolean {
  return [...world.accounts, null].some((user) => reference.sightOf(user).kind.mayHold(name, 'delete'))
}

/** A reference of another entity, with what happens to its rows. */
interface Incoming {
  readonly entity: string
  readonly field: string
  readonly onDelete: string
}

function incomingOf({ model }: ReferenceBackend, entity: string): readonly Incoming[] {
  return model.entities.flatMap(({ name, fields }) =>
    fields.flatMap(({ name: field, type }) =>
      type.kind === 'ref' && type.entity === entity ? [{ entity: name, field, onDelete: String(type.onDelete) }] : [],
    ),
  )
}

function childrenOf({ rows }: ReferenceBackend, { entity, field }: Incoming, row: PlainRow): readonly PlainRow[] {
  return (rows().get(entity) ?? []).filter((one) => one[field] === row.id)
}

/** What a delete of a row shows: how many rows refer to it by each reference, and whether those have rows of their own. */
function goalsOf(reference: ReferenceBackend, incoming: readonly Incoming[], row: PlainRow): readonly string[] {
  return incoming.flatMap((one) => {
    const children = childrenOf(reference, one, row)
    const below = incomingOf(reference, one.entity)
    const isDeep =
      one.onDelete === 'cascade' && children.some((child) => below.some((next) => childrenOf(reference, next, child).length > 0))
    const count = Math.min(children.length, 2)
    return [`${one.entity}.${one.field}/${count}`, ...(isDeep ? [`${one.entity}.${one.field}/two-levels`] : [])]
  })
}

function wantedOf(reference: ReferenceBackend, incoming: readonly Incoming[]): readonly string[] {
  return incoming.flatMap((one) => {
    const name = `${one.entity}.${one.field}`
    const isDeep = one.onDelete === 'cascade' && incomingOf(reference, one.entity).length > 0
    return [`${name}/0`, `${name}/1`, `${name}/2`, ...(isDeep ? [`${name}/two-levels`] : [])]
  })
}

function deletesOf(asking: PlannedWorld, entity: Entity): readonly PlannedFamily[] {
  const { reference, world } = asking
  const incoming = incomingOf(reference, entity.name)
  if (incoming.length === 0) return []
  const id = `relations/${entity.name}.delete`
  const missing = new Set(wantedOf(reference, incoming))
  const cases: Case[] = []
  for (const user of [...world.accounts, null]) {
    for (const row of (reference.rows().get(entity.name) ?? []).filter(isLive)) {
      const goals = goalsOf(reference, incoming, row).filter((goal) => missing.has(goal))
      const request: AbstractRequest = { kind: 'delete', entity: entity.name, id: String(row.id), version: null }
      const [status] = expectationOf(reference, user, request).statuses
      // Only what is deleted, or held back by other rows, shows what happens to them.
      if (goals.length === 0 || (status !== 204 && status !== 409)) continue
      for (const { name: door, api } of WRITE_DOORS.delete) {
        if (!hasApi(reference.model, api) || isUnforeseen(reference, { request, user, api })) continue
        for (const goal of goals) missing.delete(goal)
        cases.push({ name: `${id}/${goals[0]}/${door}`, claim: id, door, api, user, request, goals, atoms: {} })
      }
    }
  }
  const asked = [...new Set(cases.flatMap(({ goals }) => goals))]
  return [
    {
      plan: {
        id,
        claim: `A delete of ${entity.name} takes along, releases or is held back by exactly the rows that refer to it.`,
        path: ['entities', entity.name],
        oracle: 'the rows in memory; afterwards every row of every entity is compared',
        text: 'rows to which no, one and two rows refer by each reference, and through two levels',
        what: 'references and deletes',
        asked,
        impossible: [],
        untested: [...missing],
      },
      cases,
      probes: [],
    },
  ]
}

/** Every door to a row that was deleted softly, by a caller who could read it before. */
function softlyDeleted(asking: PlannedWorld, entity: Entity): readonly PlannedFamily[] {
  const { reference, world } = asking
  const id = `relations/${entity.name}.deleted`
  const own = reference.design.entities[entity.name]
  const dead = (reference.rows().get(entity.name) ?? []).filter((row) => !isLive(row))
  const [found] = [...world.accounts, null].flatMap((user) => {
    const sight = reference.sightOf(user)
    const row = dead.find((one) => sight.holds(entity.name, ruleOf(own, 'read'), one))
    return row === undefined ? [] : [{ user, sight, row }]
  })
  if (found === undefined) return []
  const { user, sight, row } = found
  const state = { user, row, body: null, write: null, values: [], deciding: [], unlike: [] } as const
  const asked: AskedState = { reference, user, sight, entity, state, field: null }
  const caseFor = ({ name: door, api }: Pick<(typeof READ_DOORS)[number], 'name' | 'api'>, request: AbstractRequest): readonly Case[] =>
    hasApi(reference.model, api) && !isUnforeseen(reference, { request, user, api })
      ? [{ name: `${id}/${door}`, claim: id, door, api, user, request, goals: [door], atoms: {} }]
      : []
  const reads = READ_DOORS.flatMap((door) => {
    const request = door.request(asked)
    return request === null ? [] : caseFor(door, request)
  })
  const again = freedValue(asking, asked)
  const cases = [...reads, ...(again === null ? [] : caseFor({ name: 'value-again', api: 'rest' }, again))]
  return [
    {
      plan: {
        id,
        claim: `A ${entity.name} that was deleted is answered as one that does not exist, through every door.`,
        path: ['entities', entity.name, 'softDelete'],
        oracle: 'the rows in memory, without those that are deleted',
        text: 'every way to a row, and a new row with its unique value',
        what: 'references and deletes',
        asked: cases.flatMap(({ goals }) => goals),
        impossible: [],
        untested: [],
      },
      cases,
      probes: [],
    },
  ]
}

/** A new row with a unique value of the deleted row; null where the entity has no unique field, or no caller may send it. */
function freedValue({ reference }: PlannedWorld, { user, sight, entity, state }: AskedState): AbstractRequest | null {
  const { row } = state
  const field = uniquesOf(reference.design.entities[entity.name]).find(({ names }) => names.length === 1)?.names[0]
  if (field === undefined || row === null || (row[field] ?? null) === null || !sight.kind.writable(entity.name).has(field)) return null
  const body = { ...newBody({ reference, user, sight, entity }, row, { n: 1_200, needed: [] }), [field]: row[field] }
  const request: AbstractRequest = {
    kind: 'create',
    entity: entityNamed(reference.model, entity.name).name,
    rows: [body],
    many: false,
    selected: ALL,
  }
  return expectationOf(reference, user, request).statuses.every((status) => status < 300) ? request : null
}
