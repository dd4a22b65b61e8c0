/** What the reference expects of a create, an update and a delete. */

import { isDeepStrictEqual } from 'node:util'
import type { Entity, Field } from '../../model/model.ts'
import { type Oracle, oraclesOf } from '../oracle/oracle.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { type AbstractRequest, ALL, type BodyValues } from './abstract-request.ts'
import { canonical } from './canonical.ts'
import { deletionOf } from './deletion.ts'
import { badBody, badName, closed, type Expectation, expecting, isRequired, NOT_SEEN, type Standpoint, visibleRow } from './expected.ts'
import { isOfCaller, setRow, setValues } from './kind-of-caller.ts'
import { isLive, type ReferenceBackend } from './reference.ts'
import { ruleOf, unforeseeable, uniquesOf } from './written-design.ts'

/** A row with the computed fields that are columns. They depend on the row alone. */
export function withComputed(of: Pick<ReferenceBackend, 'design' | 'model'>, entity: Entity, row: PlainRow): PlainRow {
  const { evaluate } = valuesOfRows(of)
  const computed = Object.entries(of.design.entities[entity.name]?.fields ?? {}).flatMap(
    ([name, { expression }]): readonly (readonly [string, PlainValue])[] => {
      if (expression === undefined || entity.derived.some((field) => field.name === name)) return []
      const question = { source: expression, entity: entity.name, row, caller: NOBODY, input: {}, now: new Date() }
      return [[name, evaluate(question)]]
    },
  )
  return { ...row, ...Object.fromEntries(computed) }
}

const NOBODY = { claims: new Map(), session: null }

const evaluators = new WeakMap<object, Oracle>()

/** An oracle that sees no other rows; one for each design. */
function valuesOfRows({ design, model }: Pick<ReferenceBackend, 'design' | 'model'>): Oracle {
  const known = evaluators.get(design) ?? oraclesOf({ model, rules: new Map(Object.entries(design.rules ?? {})) })(new Map())
  evaluators.set(design, known)
  return known
}

/** The row that a create makes of a body, without id and times. */
export function createdRow(at: Standpoint, given: BodyValues): PlainRow {
  const values = at.entity.fields.map((field): readonly [string, PlainValue] => {
    if (Object.hasOwn(given, field.name)) return [field.name, canonical(field.type, given[field.name] as PlainValue)]
    const preset = field.default
    if (preset?.kind === 'value') return [field.name, canonical(field.type, preset.value as PlainValue)]
    return [field.name, preset?.kind === 'expression' ? presetValue(at, field) : null]
  })
  return withComputed(at.reference, at.entity, { ...withSet(at, 'create', Object.fromEntries(values)), version: 1 })
}

/** A row with the fields that the server sets. Their values may follow from the other fields, and from the rows that these refer to. */
function withSet(at: Standpoint, operation: 'create' | 'write', row: PlainRow): PlainRow {
  const { reference, entity, sight } = at
  const own = reference.design.entities[entity.name]
  const ofCaller = { ...row, ...setRow(own, operation, sight.caller) }
  const question = { entity: entity.name, row: ofCaller, caller: sight.caller, input: {}, now: new Date() }
  const ofRow = setValues(own, operation, sight.caller).flatMap(
    ({ name, field: { set = '' } }): readonly (readonly [string, PlainValue])[] => {
      const type = entity.fields.find((field) => field.name === name)?.type
      if (type === undefined || isOfCaller(set)) return []
      return [[name, canonical(type, sight.full.evaluate({ ...question, source: set }))]]
    },
  )
  return { ...ofCaller, ...Object.fromEntries(ofRow) }
}

/** The value of a default that is an expression, which reads the caller and the clock. */
function presetValue({ reference, sight, entity }: Standpoint, field: Field): PlainValue {
  const preset = reference.design.entities[entity.name]?.fields[field.name]?.default
  const source = typeof preset === 'object' && preset !== null && 'expression' in preset ? preset.expression : preset
  if (typeof source !== 'string' || /\b(uuid|random)\(/.test(source)) return null
  return sight.full.evaluate({ source, entity: null, row: null, caller: sight.caller, input: {}, now: new Date() })
}

/** References in a body to rows that do not exist or that the caller may not read. */
function strayReferences(at: Standpoint, given: BodyValues): readonly string[] {
  return at.entity.fields.flatMap((field) => {
    const value = given[field.name]
    if (field.type.kind !== 'ref' || (typeof value !== 'string' && typeof value !== 'number')) return []
    const { entity } = field.type
    const target = at.reference.find(entity, String(value))
    return target !== undefined && at.sight.sees(entity, target) ? [] : [field.name]
  })
}

/** Fields of a body that the caller may not set on these rows. */
function refusedFields(at: Standpoint, given: BodyValues, rows: readonly PlainRow[]): readonly string[] {
  return Object.keys(given).filter((name) => {
    const source = at.reference.design.entities[at.entity.name]?.fields[name]?.write
    return source !== undefined && !rows.every((row) => at.sight.holds(at.entity.name, source, row, given as PlainRow))
  })
}

function isOneOf(values: readonly string[], value: PlainValue | undefined): boolean {
  return values.some((one) => one === value)
}

/** The constraints of the database that the rows would violate. */
export function violations(at: Standpoint, row: PlainRow, others: readonly PlainRow[]): readonly number[] {
  const { design } = at.reference
  const own = design.entities[at.entity.name]
  const made = unforeseeable(own)
  // A value that the server makes is there, although nobody can know it beforehand.
  const needed = at.entity.fields.filter(({ name, type }) => type.kind === 'file' || (type.kind !== 'password' && !made.has(name)))
  const missing = needed.some(({ name, system, optional }) => system === null && !optional && (row[name] ?? null) === null)
  const overRelations = new Set(at.entity.relationChecks.map(({ name }) => name))
  const checks = Object.entries(own?.checks ?? {}).some(
    ([name, check]) => !overRelations.has(name) && !at.sight.holds(at.entity.name, check.rule, row),
  )
  const taken = uniquesOf(own).some(({ names, where }) => {
    if (names.some((name) => (row[name] ?? null) === null)) return false
    const counts = (one: PlainRow): boolean => at.sight.holds(at.entity.name, where, one) && (own?.softDelete !== true || isLive(one))
    const isEqual = (other: PlainRow) => other.id !== row.id && names.every((name) => other[name] === row[name])
    return counts(row) && others.some((other) => isEqual(other) && counts(other))
  })
  const strange = at.entity.fields.some(({ name, type }) => {
    const value = row[name] ?? null
    if (value === null) return false
    if (type.kind === 'choice') return !isOneOf(type.values, value)
    return type.kind === 'scalar' && type.scalar === 'email' && !String(value).includes('@')
  })
  return [...(missing || checks || strange ? [400] : []), ...(taken ? [409] : [])]
}

/** The problems of the bodies of a create that do not depend on rows. */
export function badBodies(at: Standpoint, { rows }: Extract<AbstractRequest, { kind: 'create' }>): string | null {
  return rows.map((row) => badBody(at, 'create', row)).find((problem) => problem !== null) ?? null
}

/** A create of one row or of many. */
export function expectCreate(at: Standpoint, request: Extract<AbstractRequest, { kind: 'create' }>): Expectation {
  const { sight, entity } = at
  const refused = closed(at, ['create'])
  if (refused !== null) return refused
  const withheld = entity.fields.find((f) => isRequired(f) && !sight.kind.writable(entity.name).has(f.name))
  if (withheld !== undefined) return expecting(403, `${withheld.name} is needed and may never be set by this caller`)
  const bad = badBodies(at, request)
  if (bad !== null) return expecting(400, bad)
  const named = badName(at, request.selected)
  if (named !== null) return named
  const made = request.rows.map((given, i) => ({ given, row: withId(at.entity, createdRow(at, given), i) }))
  const stray = made.flatMap(({ given }) => strayReferences(at, given))
  if (stray.length > 0) return expecting(400, `${stray.join()} refers to nothing that this caller may read`, { hidden: 'references' })
  const denials = made.flatMap(({ given, row }, i) => deniedCreate(afterOthers(at, made.slice(0, i)), given, row))
  const known = at.reference.rows().get(entity.name) ?? []
  const written = made.map(({ row }) => numbered(entity, row))
  const broken = written.flatMap((row, i) => {
    const others = [...known, ...written.slice(0, i)]
    // A client may choose an id.
    const isKnown = others.some(({ id }) => id === row.id)
    return [...violations(at, row, others), ...(isKnown ? [409] : [])]
  })
  const statuses = [...(denials.length > 0 ? [403] : []), ...(denials.length === 0 || request.many ? broken : [])]
  if (statuses.length > 0) return expecting(403, denials[0] ?? 'a constraint does not hold', { statuses })
  return expecting(201, 'every rule holds', { change: { kind: 'created', entity: entity.name, rows: written } })
}

/** The row with placeholders for its numbers, which it gets after the rules. */
function numbered(entity: Entity, row: PlainRow): PlainRow {
  const numbers = entity.fields.filter((field) => field.default?.kind === 'sequence')
  return { ...row, ...Object.fromEntries(numbers.map(({ name }) => [name, 0])) }
}

/** The `i`th new row with a placeholder for its id, unless the body has one. */
export function withId(entity: Entity, row: PlainRow, i = 0): PlainRow {
  if ((row.id ?? null) !== null) return row
  const type = entity.fields.find(({ name }) => name === 'id')?.type
  const isNumber = type?.kind === 'scalar' && type.scalar === 'integer'
  return { ...row, id: isNumber ? 900_000_000 + i : `ffffffff-0000-4000-8000-${String(i).padStart(12, '0')}` }
}

/** The rules of each row in a list see the earlier rows. */
function afterOthers(at: Standpoint, others: readonly { readonly row: PlainRow }[]): Standpoint {
  if (others.length === 0) return at
  const rows = at.reference.rows()
  const more = new Map([...rows, [at.entity.name, [...(rows.get(at.entity.name) ?? []), ...others.map(({ row }) => row)]]])
  return { ...at, sight: at.reference.sightOver(more, at.sight.caller) }
}

function deniedCreate(at: Standpoint, given: BodyValues, row: PlainRow): readonly string[] {
  const source = ruleOf(at.reference.design.entities[at.entity.name], 'create')
  if (!at.sight.holds(at.entity.name, source, row, given as PlainRow)) return ['the create rule does not hold']
  return refusedFields(at, given, [row]).map((name) => `${name} may not be set`)
}

/** A replacement also sets missing fields: to null, or to a constant default. */
function replaced(at: Standpoint, body: BodyValues): BodyValues {
  const writable = at.sight.kind.writable(at.entity.name)
  const absent = at.entity.fields.filter(
    (f) => writable.has(f.name) && !f.immutable && !['password', 'file'].includes(f.type.kind) && !Object.hasOwn(body, f.name),
  )
  const values = absent.flatMap((f): readonly (readonly [string, unknown])[] => {
    if (f.default === null) return [[f.name, null]]
    return f.default.kind === 'value' ? [[f.name, f.default.value]] : []
  })
  return { ...body, ...Object.fromEntries(values) }
}

/** Whether following an acyclic reference of a row leads back to the row. */
export function isOwnAncestor(at: Standpoint, row: PlainRow): boolean {
  const rows = new Map((at.reference.rows().get(at.entity.name) ?? []).map((one) => [one.id, one]))
  return at.entity.fields.some(({ name, type }) => {
    if (type.kind !== 'ref' || !type.acyclic) return false
    const seen = new Set<PlainValue | undefined>()
    for (let up = row[name] ?? null; up !== null && !seen.has(up); up = rows.get(up)?.[name] ?? null) seen.add(up)
    return seen.has(row.id)
  })
}

/** The row after a change. A body without values changes nothing. */
export function changedRow(at: Standpoint, row: PlainRow, given: BodyValues): PlainRow {
  const { reference, entity } = at
  if (Object.keys(given).length === 0) return row
  const sent = entity.fields.filter(({ name }) => Object.hasOwn(given, name))
  const values = Object.fromEntries(sent.map(({ name, type }) => [name, canonical(type, given[name] as PlainValue)]))
  return withComputed(reference, entity, { ...withSet(at, 'write', { ...row, ...values }), version: Number(row.version) + 1 })
}

type UpdateRequest = Extract<AbstractRequest, { kind: 'update' }>

/** The body of a replacement without the values that cannot be set and that are what a read of the row gives. */
function withoutUnchanged(at: Standpoint, { id, body }: UpdateRequest): BodyValues {
  const row = visibleRow(at, id)
  if (row === null) return body
  const { name, fields } = at.entity
  const writable = at.sight.kind.writable(name)
  const shown = at.sight.show(name, row, ALL)
  const canBeSet = (field: string) => writable.has(field) && fields.some((one) => one.name === field && !one.immutable)
  const isUnchanged = (field: string, value: unknown) =>
    !canBeSet(field) && Object.hasOwn(shown, field) && isDeepStrictEqual(shown[field], value)
  return Object.fromEntries(Object.entries(body).filter(([field, value]) => !isUnchanged(field, value)))
}

/** A change or a replacement. */
export function expectUpdate(at: Standpoint, asked: UpdateRequest): Expectation {
  const { sight, entity, reference } = at
  const refused = closed(at, ['read', 'update.from', 'update.to'])
  if (refused !== null) return refused
  const request = asked.mode === 'put' ? { ...asked, body: withoutUnchanged(at, asked) } : asked
  const bad = badBody(at, request.mode, request.body)
  // A replacement may hold read-only values, which are compared with the row, so the row is looked up first.
  const statuses = request.mode === 'put' && visibleRow(at, request.id) === null ? [400, 404] : [400]
  if (bad !== null) return expecting(400, bad, { statuses })
  const named = badName(at, request.selected)
  if (named !== null) return named
  const row = visibleRow(at, request.id)
  if (row === null) return NOT_SEEN
  const given = request.mode === 'put' ? replaced(at, request.body) : request.body
  const authored = reference.design.entities[entity.name]
  if (!sight.holds(entity.name, ruleOf(authored, 'update.from'), row, given as PlainRow)) return expecting(403, 'update.from does not hold')
  if (request.version !== null && request.version !== row.version) return expecting(412, 'the version is stale')
  const after = changedRow(at, row, given)
  const stray = strayReferences(at, given)
  if (stray.length > 0) return expecting(400, `${stray.join()} refers to nothing that this caller may read`, { hidden: 'references' })
  const denied = refusedFields(at, given, [row, after])
  if (denied.length > 0) return expecting(403, `${denied.join()} may not be set`)
  if (!sight.holds(entity.name, ruleOf(authored, 'update.to'), after, given as PlainRow)) return expecting(403, 'update.to does not hold')
  if (isOwnAncestor(at, after)) return expecting(409, 'the row would be its own ancestor')
  const broken = violations(at, after, reference.rows().get(entity.name) ?? [])
  if (broken.length > 0) return expecting(400, 'a constraint does not hold', { statuses: broken })
  return expecting(200, 'every rule holds', { change: { kind: 'updated', entity: entity.name, row: after } })
}

/** A removal. */
export function expectDelete(at: Standpoint, request: Extract<AbstractRequest, { kind: 'delete' }>): Expectation {
  const { sight, entity, reference } = at
  const refused = closed(at, ['read', 'delete'])
  if (refused !== null) return refused
  const row = visibleRow(at, request.id)
  if (row === null) return NOT_SEEN
  if (!sight.holds(entity.name, ruleOf(reference.design.entities[entity.name], 'delete'), row))
    return expecting(403, 'the delete rule does not hold')
  if (request.version !== null && request.version !== row.version) return expecting(412, 'the version is stale')
  const rows = deletionOf(reference, { entity: entity.name, rows: [row], caller: sight.caller })
  if (rows === null) return expecting(409, 'other rows refer to it')
  return expecting(204, 'the row may be deleted', { change: { kind: 'deleted', rows } })
}
