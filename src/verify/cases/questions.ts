/** The states in which a rule is asked: every caller with every row, and the bodies that a caller may send. */

import { unreachable } from '../../base/unreachable.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import type { Caller, ClaimValue } from '../../model/caller.ts'
import type { Truth } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import type { BodyValues } from '../expected/abstract-request.ts'
import { changedRow, createdRow, withId } from '../expected/expectation-write.ts'
import type { Standpoint } from '../expected/expected.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import { ACCESS_RULES, type AccessRule, ruleOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { decidingAtoms } from '../rules/deciding.ts'
import { mentionsOf } from '../rules/mentions.ts'
import type { CaseWorld } from '../worlds/world-of.ts'
import { isSingleKey, newBody, unpaired } from './new-body.ts'
import type { RuleClaim } from './rule-claims.ts'

/** A caller and what it asks for, with the truth of each atom of the rule. */
export interface State {
  /** Id of an account; null for an anonymous caller. */
  readonly user: string | null
  /** The row in question; null for a create. */
  readonly row: PlainRow | null
  /** The body of a write; null for a read. */
  readonly body: BodyValues | null
  readonly write: 'create' | 'update' | 'delete' | null
  readonly values: readonly Truth[]
  /** The atoms that decide here. */
  readonly deciding: readonly number[]
  /** The other rules of the entity with another verdict here: a backend that judges by one of them answers differently. */
  readonly unlike: readonly AccessRule[]
  /** Whether a backend would allow it that treats an empty reference as equal to the missing id of an anonymous caller. */
  readonly missingAlike?: boolean
}

/** What the states of a rule are found from. */
export interface PlannedWorld {
  readonly reference: ReferenceBackend
  readonly world: CaseWorld
}

/** All states of a rule, the most ordinary first. */
export function statesOf(asking: PlannedWorld, claim: RuleClaim): readonly State[] {
  const { reference, world } = asking
  const entity = entityNamed(reference.model, claim.entity)
  return [null, ...world.accounts].flatMap((user) =>
    statesOfCaller(asking, { reference, user, sight: reference.sightOf(user), entity }, claim),
  )
}

function statesOfCaller(asking: PlannedWorld, at: Standpoint, claim: RuleClaim): readonly State[] {
  const { use, entity } = claim
  const rows = (asking.reference.rows().get(entity) ?? []).filter(isLive)
  const readable = rows.filter((row) => at.sight.sees(entity, row))
  const each = (of: readonly PlainRow[], write: State['write']): readonly State[] =>
    of.map((row) => stateOf(at, claim, { row, body: write === 'update' ? changeOf(asking.reference, at, row) : null, write }, row))
  if (use.kind === 'field') {
    return use.of === 'read' ? each(readable, null) : [...createStates(asking, at, claim), ...fieldStates(asking, at, claim, readable)]
  }
  switch (use.rule) {
    case 'read':
      return each(rows, null)
    case 'delete':
      return each(readable, 'delete')
    case 'update.from':
      return each(readable, 'update')
    case 'create':
      return createStates(asking, at, claim)
    case 'update.to':
      return updateStates(asking, at, claim, readable)
    default:
      return unreachable(use.rule)
  }
}

interface Asked {
  readonly row: PlainRow | null
  readonly body: BodyValues | null
  readonly write: State['write']
}

/** @param judged the row that the rule is judged on. */
function stateOf(at: Standpoint, claim: RuleClaim, asked: Asked, judged: PlainRow): State {
  const { parsed, possible } = claim
  const question = { entity: claim.entity, row: judged, caller: at.sight.caller, input: (asked.body ?? {}) as PlainRow, now: new Date() }
  const values = parsed.atoms.map(({ text }) => at.sight.full.decide({ ...question, source: text }))
  return {
    user: at.user,
    ...asked,
    values,
    deciding: decidingAtoms(parsed.tree, values, possible),
    unlike: unlikeRules(at, claim, asked, judged),
    missingAlike: at.user === null && opensToMissing(at, claim, asked, judged),
  }
}

/** An id that no row of an entity has. */
function noId({ fields }: Entity): PlainValue {
  const type = fields.find(({ name }) => name === 'id')?.type
  return type?.kind === 'scalar' && type.scalar === 'integer' ? 987_654_321 : 'ffffffff-ffff-4fff-8fff-ffffffffffff'
}

/** Whether the rule allows if the references to no row and the caller have the same id, but not for each of the two alone. */
function opensToMissing(
  { entity, sight, reference: { model } }: Standpoint,
  { parsed }: RuleClaim,
  { body }: Asked,
  judged: PlainRow,
): boolean {
  const missing = entity.fields.filter(({ name, type }) => type.kind === 'ref' && (judged[name] ?? null) === null)
  if (missing.length === 0 || model.identity === null) return false
  const idIn = (of: string): PlainValue => noId(entityNamed(model, of))
  const caller: Caller = { ...sight.caller, claims: new Map([...sight.caller.claims, ['id', idIn(model.identity.entity) as ClaimValue]]) }
  const row = { ...judged, ...Object.fromEntries(missing.map(({ name, type }) => [name, type.kind === 'ref' ? idIn(type.entity) : null])) }
  const question = { entity: entity.name, source: parsed.source, input: (body ?? {}) as PlainRow, now: new Date() }
  const allows = (of: PlainRow, by: Caller): boolean => sight.full.decide({ ...question, row: of, caller: by }) === true
  return allows(row, caller) && !allows(judged, caller) && !allows(row, sight.caller)
}

function unlikeRules(at: Standpoint, claim: RuleClaim, { body }: Asked, judged: PlainRow): readonly AccessRule[] {
  if (claim.use.kind === 'field') return []
  const own = at.reference.design.entities[claim.entity]
  const input = (body ?? {}) as PlainRow
  const holds = (source: string): boolean => at.sight.holds(claim.entity, source, judged, input)
  const verdict = holds(claim.parsed.source)
  return ACCESS_RULES.filter((rule) => {
    const source = ruleOf(own, rule)
    return source !== null && source !== claim.parsed.source && holds(source) !== verdict
  })
}

/** One new row like each row of the world. */
function createStates({ reference }: PlannedWorld, at: Standpoint, claim: RuleClaim): readonly State[] {
  const templates = (reference.rows().get(claim.entity) ?? []).filter(isLive)
  const { use } = claim
  const needed = use.kind === 'field' ? [use.field] : []
  const seen = new Set<string>()
  const likeRows = templates.flatMap((template) => [template, ...unpaired(at, template)])
  return likeRows.flatMap((template, n) => {
    const body = newBody(at, template, { n: 500 + n, needed })
    const key = JSON.stringify(Object.entries(body).map(([name, value]) => (isSingleKey(at.entity, name) ? name : [name, value])))
    if (seen.has(key)) return []
    seen.add(key)
    return [stateOf(at, claim, { row: null, body, write: 'create' }, withId(at.entity, createdRow(at, body)))]
  })
}

/** A change that no rule of a field concerns; empty if there is none. */
export function harmless(at: Standpoint, row: PlainRow): BodyValues {
  const { entity, reference, sight } = at
  const own = reference.design.entities[entity.name]
  const reads = fieldsOfRule(reference, entity)
  const writable = sight.kind.writable(entity.name)
  const kinds = ['scalar', 'choice', 'list']
  const checks = Object.values(own?.checks ?? {})
    .map(({ rule }) => rule)
    .join(' ')
  const free = entity.fields.filter(
    (field) =>
      writable.has(field.name) && own?.fields[field.name]?.write === undefined && !field.immutable && kinds.includes(field.type.kind),
  )
  const chosen = free.find(({ name }) => !isSingleKey(entity, name) && !reads.has(name) && !new RegExp(`\\b${name}\\b`).test(checks))
  const value = chosen === undefined ? undefined : otherValue(chosen, row[chosen.name] ?? null)
  return chosen === undefined || value === undefined ? {} : { [chosen.name]: value }
}

/** The fields that the rule of a row after its change reads, by entity. */
const ruleFields = new WeakMap<Entity, ReadonlySet<string>>()

function fieldsOfRule({ design, model }: ReferenceBackend, entity: Entity): ReadonlySet<string> {
  const known = ruleFields.get(entity)
  if (known !== undefined) return known
  const to = ruleOf(design.entities[entity.name], 'update.to')
  const read = to === null ? undefined : mentionsOf(design, model, [{ entity: entity.name, source: to }]).get(entity.name)
  const found = new Set(read?.fields.keys())
  ruleFields.set(entity, found)
  return found
}

/** Some values of a type. Those of a pattern take long to find. */
const samples = new WeakMap<FieldType, readonly unknown[]>()

function samplesOf(type: FieldType): readonly unknown[] {
  const found = samples.get(type) ?? [701, 702, 703].map((n) => sampleValue(type, n))
  samples.set(type, found)
  return found
}

/** Another value of a field; undefined if there is none. */
export function otherValue({ type }: Field, value: PlainValue): unknown {
  const candidates = type.kind === 'choice' ? type.values : samplesOf(type)
  return candidates.find((one) => one !== undefined && JSON.stringify(one) !== JSON.stringify(value))
}

/** Changes that give the fields which the rule reads each of their values. */
function updateStates({ reference }: PlannedWorld, at: Standpoint, claim: RuleClaim, readable: readonly PlainRow[]): readonly State[] {
  const { entity, sight } = at
  const from = ruleOf(reference.design.entities[entity.name], 'update.from')
  const read = mentionsOf(reference.design, reference.model, [{ entity: entity.name, source: claim.parsed.source }]).get(entity.name)
  const changeable = changeableOf(at, new Set(read?.fields.keys()))
  return readable.flatMap((row) => {
    if (!sight.holds(entity.name, from, row)) return []
    const bodies = [harmless(at, row), ...changeable.flatMap((field) => changesOf(reference, entity, field, row))]
    return bodies.map((body) => stateOf(at, claim, { row, body, write: 'update' }, changedRow(at, row, body)))
  })
}

/** Those of the named fields that a change of this caller may hold. */
function changeableOf({ entity, sight }: Standpoint, names: ReadonlySet<string>): readonly Field[] {
  const writable = sight.kind.writable(entity.name)
  return entity.fields.filter(({ name, immutable }) => names.has(name) && writable.has(name) && !immutable)
}

/**
 * A change of a row. Where the rule refuses the row as it is, the change makes a row of it that the rule allows, if there is such a change:
 * only then does it show that the row before the change is judged.
 */
function changeOf(reference: ReferenceBackend, at: Standpoint, row: PlainRow): BodyValues {
  const { entity, sight } = at
  const own = reference.design.entities[entity.name]
  const to = ruleOf(own, 'update.to')
  if (to === null || sight.holds(entity.name, ruleOf(own, 'update.from'), row)) return harmless(at, row)
  const changes = changeableOf(at, fieldsOfRule(reference, entity)).flatMap((field) => changesOf(reference, entity, field, row))
  return changes.find((body) => sight.holds(entity.name, to, changedRow(at, row, body))) ?? harmless(at, row)
}

/** One change for each other value that the rows of the world have in a field. */
function changesOf(reference: ReferenceBackend, entity: Entity, { name }: Field, row: PlainRow): readonly BodyValues[] {
  const values = new Map(
    (reference.rows().get(entity.name) ?? []).map((other) => [JSON.stringify(other[name] ?? null), other[name] ?? null]),
  )
  values.delete(JSON.stringify(row[name] ?? null))
  return [...values.values()].map((value) => ({ [name]: value }))
}

/** Changes of one field. Its rule is judged on the row before and after. */
function fieldStates(asking: PlannedWorld, at: Standpoint, claim: RuleClaim, readable: readonly PlainRow[]): readonly State[] {
  const { reference } = asking
  const { entity, sight } = at
  const { use, parsed } = claim
  const field = entity.fields.find(({ name }) => use.kind === 'field' && name === use.field)
  if (field === undefined || field.immutable) return []
  const from = ruleOf(reference.design.entities[entity.name], 'update.from')
  return readable.flatMap((row) => {
    if (!sight.holds(entity.name, from, row)) return []
    const value =
      field.type.kind === 'ref'
        ? changesOf(reference, entity, field, row)[0]?.[field.name]
        : field.type.kind === 'password'
          ? sampleValue(field.type, 0)
          : otherValue(field, row[field.name] ?? null)
    if (value === undefined || value === null) return []
    const body = { [field.name]: value }
    const after = changedRow(at, row, body)
    const holds = (judged: PlainRow): boolean => sight.holds(entity.name, parsed.source, judged, body as PlainRow)
    const [first, second] = [row, after].map((judged) => stateOf(at, claim, { row, body, write: 'update' }, judged))
    if (first === undefined || second === undefined) return []
    // Where both are alike, they stand for one another; else the other one must not hide what this one shows.
    if (JSON.stringify(first.values) === JSON.stringify(second.values)) return [first]
    return [...(holds(after) ? [first] : []), ...(holds(row) ? [second] : [])]
  })
}
