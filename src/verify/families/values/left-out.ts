/**
 * What a write leaves out: a replacement sets it to its default or to null, in REST and in a transaction; a new row has its default at
 * every door, also beside new rows of the same list that have other fields.
 */

import { type Entity, hasHooksFor } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import { type Api, hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import { isSingleKey, newBody } from '../../cases/new-body.ts'
import { otherValue, type PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { upsertingCreate } from '../../cases/upsert-doors.ts'
import { createOf } from '../../cases/value-cases.ts'
import type { AbstractRequest, BodyValues } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { createdRow } from '../../expected/expectation-write.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { familyOfCases } from './family-of-cases.ts'
import { isChecked, setBackProbes } from './set-back.ts'

const CLAIM = 'values/left-out'

type Create = Extract<AbstractRequest, { kind: 'create' }>

/** The claim about what writes leave out. */
export function leftOutCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  const cases = model.entities.flatMap((entity) => createsWithLeast(asking, entity))
  const probes = model.entities.flatMap((entity) => setBackProbes(asking, entity, CLAIM))
  return familyOfCases(
    {
      id: CLAIM,
      claim: 'What a replacement leaves out becomes its default or null, and what a new row leaves out has its default.',
      oracle: 'the reference of REST: a replacement sets all fields, and a create those that it leaves out',
      text: 'replacements without the fields that a change has just given other values than their defaults, alone and in a transaction; new rows with as little as is needed at each door, beside rows of the same list with all fields',
      untested: [],
    },
    cases,
    probes,
  )
}

interface Asked {
  readonly goal: string
  readonly door: string
  readonly api: Api
  readonly user: string | null
  readonly request: AbstractRequest
}

function caseOf({ reference }: PlannedWorld, { goal, ...asked }: Asked): readonly Case[] {
  if (!hasApi(reference.model, asked.api) || isUnforeseen(reference, asked)) return []
  return [{ ...asked, name: `${CLAIM}/${goal}`, claim: CLAIM, goals: [goal], atoms: {} }]
}

/** New rows without all that can be left out. What a create alone and one in GraphQL leave out is asked for each field elsewhere. */
function createsWithLeast(asking: PlannedWorld, entity: Entity): readonly Case[] {
  const { reference } = asking
  const fields = entity.fields.filter(({ system, type }) => system === null && type.kind !== 'file')
  const create = fields.map((field) => createOf(asking, entity, field)).find((one) => one !== null)
  if (create === undefined || create === null || hasHooksFor(entity.hooks, 'create')) return []
  const { user, body, write } = create
  const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
  const least = leastOf(at, body, write)
  if (Object.keys(least).length === Object.keys(body).length) return []
  const other = mostOf(at, newBody(at, createdRow(at, body), { n: 870, needed: [] }), write)
  const one = write(least)
  const full: Create = { ...one, rows: [other, least], many: true }
  const isTwo = succeeds(at, full)
  const many: Create = isTwo ? full : { ...one, many: true }
  const bulk: Create = { ...many, rows: many.rows.toReversed(), by: 'bulk' }
  const upsert = upsertingCreate(at, one)
  const asks = (door: string, api: Api, request: AbstractRequest) =>
    caseOf(asking, { goal: `${entity.name}/${door}`, door, api, user, request })
  return [
    ...asks('create-many', 'rest', many),
    ...asks('create-bulk', 'rest', bulk),
    ...asks('create-transaction', 'transaction', one),
    ...asks('create-graphql-many', 'graphql', many),
    ...(upsert === null ? [] : asks('create-upsert', 'upsert', upsert)),
    ...(user === null && reference.model.identity?.entity === entity.name ? asks('register', 'rest', { ...one, by: 'register' }) : []),
  ]
}

/** The body with other values than the defaults in all fields that can be left out. */
function mostOf(at: Standpoint, body: BodyValues, write: (body: BodyValues) => Create): BodyValues {
  const presets = createdRow(at, {})
  const writable = at.sight.kind.writable(at.entity.name)
  let most = body
  for (const field of at.entity.fields) {
    const { name, optional, default: preset, type } = field
    const isFree = writable.has(name) && (optional || preset !== null) && !isSingleKey(at.entity, name) && !isChecked(at, name)
    if (!isFree || !['scalar', 'choice', 'list'].includes(type.kind)) continue
    const more = { ...most, [name]: otherValue(field, presets[name] ?? null) }
    if (more[name] !== undefined && succeeds(at, write(more))) most = more
  }
  return most
}

/** The body without every field that can be left out. */
function leastOf(at: Standpoint, body: BodyValues, write: (body: BodyValues) => Create): BodyValues {
  let least = body
  for (const { name, optional, default: preset } of at.entity.fields) {
    const { [name]: value, ...rest } = least
    if (value !== undefined && (optional || preset !== null) && succeeds(at, write(rest))) least = rest
  }
  return least
}

function succeeds({ reference, user }: Standpoint, request: AbstractRequest): boolean {
  return expectationOf(reference, user, request).statuses.every((status) => status < 300)
}
