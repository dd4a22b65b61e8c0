/** The cases of the family `answers`: each operation of each entity, asked so that it refuses in each way that costs little. */

import type { Entity } from '../../model/model.ts'
import { absentId } from '../cases/absent-id.ts'
import type { Case } from '../cases/case.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { ROW_VERBS, type RowVerb, requestAnswered, requestsOf, type UsualRequest } from '../cases/usual-request.ts'
import { ALL, httpRequestOf } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { answersAlike, uniquesOf } from '../expected/written-design.ts'
import { otherOperations } from './answer-operations.ts'
import { furtherAnswers } from './answer-probes.ts'
import { refusals } from './answer-refusals.ts'

/** A version that no row of a world has. */
const STALE = 999_999

/** The cases and probes of all entities. Their claims come from the documents that the backend serves, when it runs. */
export function answerCases(asking: PlannedWorld): Pick<PlannedFamily, 'cases' | 'probes'> {
  const { model } = asking.reference
  if (model.served.rest === null) return { cases: [], probes: [] }
  const found = model.entities.flatMap((entity) => ROW_VERBS.map((verb) => casesOfOperation(asking, entity, verb)))
  return {
    cases: found.flatMap(({ cases }) => cases),
    probes: [...found.flatMap(({ probes }) => probes), ...otherOperations(asking)],
  }
}

function casesOfOperation(asking: PlannedWorld, entity: Entity, verb: RowVerb): Pick<PlannedFamily, 'cases' | 'probes'> {
  const id = `answers/${entity.name}.${verb}`
  const usual = requestAnswered(asking, { entity, verb, statuses: [200, 201, 204] })
  const refused = ([401, 403, 404, 409] as const).flatMap((status) => {
    const one = requestAnswered(asking, { entity, verb, statuses: [status] })
    return one === null ? [] : [caseOf(id, String(status), one)]
  })
  const taken = verb === 'create' && !answersAlike(asking.reference.design.entities[entity.name]) ? takenValue(asking, entity, usual) : []
  if (usual === null) return { cases: refused, probes: [] }
  const { request } = usual
  const isKnown = !isUnforeseen(asking.reference, { ...usual, api: 'rest' })
  const stale =
    request.kind === 'update' || request.kind === 'delete' ? [caseOf(id, '412', { ...usual, request: { ...request, version: STALE } })] : []
  return {
    cases: [
      caseOf(id, 'success', usual),
      ...refused,
      ...taken.map((one) => caseOf(id, '409', one)),
      ...stale,
      ...missingRow(id, usual),
      ...(request.kind === 'update' ? takenChanges(asking, entity, id, usual) : []),
      ...(verb === 'create' ? manyCases(asking, entity, [...taken, ...refused]) : []),
    ],
    probes: [
      ...refusals(asking, { id, user: usual.user, sent: httpRequestOf(asking.reference.model, request) }),
      ...(isKnown ? furtherAnswers(asking, { id, entity, verb, usual }) : []),
    ],
  }
}

/** A create with a unique value that another row has. */
function takenValue({ reference }: PlannedWorld, entity: Entity, usual: UsualRequest | null): readonly UsualRequest[] {
  if (usual?.request.kind !== 'create') return []
  const { user, request } = usual
  const [body] = request.rows
  const rows = reference.rows().get(entity.name) ?? []
  const asked = uniquesOf(reference.design.entities[entity.name]).flatMap(({ names }): readonly UsualRequest[] => {
    const row = rows.find((one) => names.every((name) => (one[name] ?? null) !== null))
    if (row === undefined || !names.every((name) => Object.hasOwn(body ?? {}, name))) return []
    const same = { ...body, ...Object.fromEntries(names.map((name) => [name, row[name]])) }
    return [{ user, request: { ...request, rows: [same] } }]
  })
  return asked.filter((one) => expectationOf(reference, user, one.request).statuses.join() === '409').slice(0, 1)
}

/** The same request about a row that does not exist. */
function missingRow(claim: string, { user, request }: UsualRequest): readonly Case[] {
  if (request.kind === 'list' || request.kind === 'create') return []
  return [caseOf(claim, '404-missing', { user, request: { ...request, id: absentId(request.id) } })]
}

/** For each unique constraint, a change to the values of another row, by the usual caller or else by one who may set them. */
function takenChanges(asking: PlannedWorld, entity: Entity, claim: string, usual: UsualRequest): readonly Case[] {
  const { reference } = asking
  const isOpen = (name: string, user: string | null): boolean =>
    reference.sightOf(user).kind.writable(entity.name).has(name) && entity.fields.some((field) => field.name === name && !field.immutable)
  const found = uniquesOf(reference.design.entities[entity.name]).flatMap(({ names }): readonly UsualRequest[] => {
    const others = (reference.rows().get(entity.name) ?? []).filter((row) => names.every((name) => (row[name] ?? null) !== null))
    for (const { user, request } of [usual, ...requestsOf(asking, entity, 'update')]) {
      if (request.kind !== 'update' || !names.every((name) => isOpen(name, user))) continue
      for (const row of others.filter(({ id }) => String(id) !== request.id).slice(0, 2)) {
        const taken = { ...request, body: { ...request.body, ...Object.fromEntries(names.map((name) => [name, row[name]])) } }
        if (expectationOf(reference, user, taken).statuses.join() === '409') return [{ user, request: taken }]
      }
    }
    return []
  })
  return found.map((one, i) => caseOf(claim, i === 0 ? '409-taken' : `409-taken-${i + 1}`, one))
}

/** The same refusals for a list of rows, and a list with an empty row. */
function manyCases({ reference }: PlannedWorld, entity: Entity, refused: readonly UsualRequest[]): readonly Case[] {
  const id = `answers/${entity.name}.create-many`
  const empty = { kind: 'create', entity: entity.name, rows: [{}], many: false, selected: ALL } as const
  const users = [...new Set(refused.map(({ user }) => user))]
  const all = [...refused, ...users.map((user) => ({ user, request: empty }))]
  const found = all.flatMap(({ user, request }) => {
    if (request.kind !== 'create') return []
    const { statuses } = expectationOf(reference, user, { ...request, many: true })
    return statuses.length === 1 && (statuses[0] ?? 0) >= 400
      ? [caseOf(id, String(statuses[0]), { user, request: { ...request, many: true } })]
      : []
  })
  return found.filter((one, i) => found.findIndex(({ name }) => name === one.name) === i)
}

function caseOf(claim: string, label: string, { user, request }: UsualRequest): Case {
  return { name: `${claim}/${label}/rest`, claim, door: 'rest', api: 'rest', user, request, goals: [], atoms: {} }
}
