/**
 * The reference: an independent implementation of the answers of a backend, after the documentation. It keeps the rows in memory, evaluates
 * the text of each rule with the CEL library, and uses no plans and no SQL.
 */

import type { Caller, ClaimValue } from '../../model/caller.ts'
import type { Operation } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { type Oracle, oraclesOf } from '../oracle/oracle.ts'
import { durationText } from '../oracle/oracle-duration.ts'
import type { Derived, PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Selected } from './abstract-request.ts'
import { type KindOfCaller, kindOf } from './kind-of-caller.ts'
import { ruleOf, type WrittenDesign } from './written-design.ts'

/** All rows by entity. */
export type AllRows = ReadonlyMap<string, readonly PlainRow[]>

/** The current rows, as one caller sees them. */
export interface Sight {
  readonly caller: Caller
  readonly kind: KindOfCaller
  /** Whether a rule is true for a row; false and unknown refuse. `input` is the written body. */
  readonly holds: (entity: string, source: string | null, row: PlainRow, input?: PlainRow) => boolean
  /** The existing, readable row of this id. */
  readonly sees: (entity: string, row: PlainRow) => boolean
  readonly seesField: (entity: string, field: string, row: PlainRow) => boolean
  /** The readable rows, with null for hidden values. Filters, sorting and searches work on these rows. */
  readonly masked: () => AllRows
  /** The result of a request's filter on a row with hidden values removed. */
  readonly passes: (entity: string, source: string, row: PlainRow) => boolean
  /** Evaluates expressions over all rows. */
  readonly full: Oracle
  /** Evaluates expressions over the readable rows, with null for hidden values. */
  readonly seen: () => Oracle
  /** The row with null for hidden values; for a row that the caller may not read, all but the id. */
  readonly mask: (entity: string, row: PlainRow) => PlainRow
  /** A row in the form of an answer. */
  readonly show: (entity: string, row: PlainRow, selected: Selected) => Shown
}

/** A row as an answer shows it. */
export type Shown = { readonly [name: string]: unknown }

/** A design with rows in memory, and what its callers see of them. */
export interface ReferenceBackend<D extends WrittenDesign = WrittenDesign> {
  readonly design: D
  readonly model: Model
  readonly rows: () => AllRows
  /** Replaces the rows by the current rows of the database. */
  readonly adopt: (rows: AllRows) => void
  /** The rows that a user may read; null is an anonymous caller. */
  readonly sightOf: (user: string | null) => Sight
  /** Other rows as the same caller sees them, for example the rows after a write. */
  readonly sightOver: (rows: AllRows, caller: Caller) => Sight
  readonly find: (entity: string, id: string) => PlainRow | undefined
}

/** Makes the reference of a design. */
export function referenceOf<D extends WrittenDesign>(design: D, model: Model, start: AllRows): ReferenceBackend<D> {
  let rows = start
  const oracles = oraclesOfDesign(design, model)
  let sights = new Map<string, Sight>()
  return {
    design,
    model,
    rows: () => rows,
    adopt(next) {
      rows = next
      sights = new Map()
    },
    sightOf(user) {
      const key = user ?? ''
      let sight = sights.get(key)
      if (sight === undefined) {
        sight = openSight({ design, model, rows, oracles, caller: callerWith(model, rows, user) })
        sights.set(key, sight)
      }
      return sight
    },
    sightOver: (others, caller) => openSight({ design, model, rows: others, oracles, caller }),
    find: (entity, id) => (rows.get(entity) ?? []).find((row) => String(row.id) === id),
  }
}

/** Whether a row exists for callers; soft-deleted rows do not. */
export function isLive(row: PlainRow): boolean {
  return (row.deletedAt ?? null) === null
}

/** The caller with an id; an anonymous one for null. */
export function callerWith(model: Model, rows: AllRows, user: string | null): Caller {
  const row = user === null ? undefined : rows.get(model.identity?.entity ?? '')?.find((one) => String(one.id) === user)
  if (row === undefined) return { claims: new Map(), session: null }
  return { claims: new Map(model.claims.map(({ name, field }) => [name, (row[field] ?? null) as ClaimValue])), session: 'session' }
}

type Oracles = ReturnType<typeof oraclesOf>

interface Standing {
  readonly design: WrittenDesign
  readonly model: Model
  readonly rows: AllRows
  readonly caller: Caller
  readonly oracles: { readonly withRules: Oracles; readonly withoutRules: Oracles }
}

/** The oracles of a design, with its named rules and without. */
export function oraclesOfDesign(design: WrittenDesign, model: Model): Standing['oracles'] {
  const derived = new Map(
    model.entities.map(({ name, derived: own }) => [name, own.map((field) => derivedField(design, name, field.name))] as const),
  )
  const rules = new Map(Object.entries(design.rules ?? {}))
  const asked = (entity: string, operation: Operation): string | null =>
    ruleOf(design.entities[entity], operation === 'update' ? 'update.from' : operation)
  const of = { model, derived, ruleOf: asked }
  return { withRules: oraclesOf({ ...of, rules }), withoutRules: oraclesOf({ ...of, rules: new Map() }) }
}

function derivedField(design: WrittenDesign, entity: string, name: string): Derived {
  const { expression = '', as } = design.entities[entity]?.fields[name] ?? {}
  return { name, source: expression, isSystem: as === 'system' }
}

function openSight(standing: Standing): Sight {
  const { design, model, rows, caller, oracles } = standing
  const oracle = oracles.withRules(rows)
  const kind = kindOf(standing, oracle)
  const now = new Date()
  const holds: Sight['holds'] = (entity, source, row, input = {}) => {
    if (source === null) return false
    return oracle.decide({ source, entity, row, caller, input, now }) === true
  }
  const readable = new Map<PlainRow, boolean>()
  const sees: Sight['sees'] = (entity, row) => {
    let known = readable.get(row)
    if (known === undefined) {
      known = isLive(row) && holds(entity, ruleOf(design.entities[entity], 'read'), row)
      readable.set(row, known)
    }
    return known
  }
  const seesField: Sight['seesField'] = (entity, field, row) => {
    if (!kind.readable(entity).has(field)) return false
    const source = design.entities[entity]?.fields[field]?.read
    return source === undefined || holds(entity, source, row)
  }
  let masked: AllRows | null = null
  let maskedOracle: Oracle | null = null
  let seenOracle: Oracle | null = null
  const shownValues = (entity: Entity, row: PlainRow): PlainRow =>
    Object.fromEntries(entity.fields.map((f) => [f.name, seesField(entity.name, f.name, row) ? (row[f.name] ?? null) : null]))
  const maskAll = (): AllRows => {
    masked ??= new Map(
      model.entities.map((entity) => [
        entity.name,
        (rows.get(entity.name) ?? []).filter((row) => sees(entity.name, row)).map((row) => shownValues(entity, row)),
      ]),
    )
    return masked
  }
  const shows = (entity: string, id: PlainValue, field: string): boolean => {
    const row = (rows.get(entity) ?? []).find((one) => one.id === id)
    return row !== undefined && sees(entity, row) && seesField(entity, field, row)
  }
  const passes: Sight['passes'] = (entity, source, row) => {
    maskedOracle ??= oracles.withoutRules(maskAll(), { oracle, rows, shows })
    return maskedOracle.decide({ source, entity, row, caller, input: {}, now }) === true
  }
  const valueIn = (entity: string, row: PlainRow, name: string): PlainValue =>
    derivedValue(entityNamed(model, entity), name, (source) =>
      seen().evaluate({ source, entity, row: mask(entity, row), caller, input: {}, now }),
    ) ??
    row[name] ??
    null
  const show: Sight['show'] = (entity, row, selected) => {
    const names = selected.fields ?? [...kind.readable(entity)]
    const own = names
      .filter((name) => !selected.include.has(name))
      .map((name) => [name, seesField(entity, name, row) ? valueIn(entity, row, name) : null] as const)
    const related = [...selected.include].map(([name, inner]) => [name, showRelated({ entity, row, name, inner })] as const)
    return Object.fromEntries<unknown>([...own, ...related])
  }
  const showRelated = (at: {
    readonly entity: string
    readonly row: PlainRow
    readonly name: string
    readonly inner: Selected
  }): unknown => {
    const { type } = fieldOrNull(entityNamed(model, at.entity), at.name) ?? {}
    if (type?.kind === 'ref') {
      const target = (rows.get(type.entity) ?? []).find((row) => row.id === at.row[at.name])
      const followed = target !== undefined && seesField(at.entity, at.name, at.row) && sees(type.entity, target)
      return followed ? show(type.entity, target, at.inner) : null
    }
    const relation = entityNamed(model, at.entity).relations.find((one) => one.name === at.name)
    if (relation === undefined) throw new Error(`${at.entity} has no ${at.name}`)
    const { entity, via } = relation
    return (rows.get(entity) ?? [])
      .filter((row) => row[via] === at.row.id && sees(entity, row) && seesField(entity, via, row))
      .map((row) => show(entity, row, at.inner))
  }
  const seen: Sight['seen'] = () => {
    seenOracle ??= oracles.withRules(maskAll(), { oracle, rows, shows })
    return seenOracle
  }
  const mask: Sight['mask'] = (name, row) => {
    if (!sees(name, row)) return { id: row.id ?? null }
    return (
      maskAll()
        .get(name)
        ?.find(({ id }) => id === row.id) ?? shownValues(entityNamed(model, name), row)
    )
  }
  return { caller, kind, holds, sees, seesField, masked: maskAll, passes, full: oracle, seen, mask, show }
}

/** The value of a computed field that is no column; answers have decimals and durations as texts. Null for other names. */
function derivedValue({ derived }: Entity, name: string, evaluate: (source: string) => PlainValue): PlainValue {
  const field = derived.find((one) => one.name === name)
  if (field === undefined) return null
  const value = evaluate(name)
  if (typeof value !== 'number') return value
  const { scalar } = field.term.type
  // A sum of nothing is 0, whatever is summed.
  return scalar === 'decimal' ? String(value) : scalar === 'duration' ? durationText(value) : value
}

/** A field, unless the name is a relation's. */
export function fieldOrNull(entity: Entity, name: string): Field | null {
  return entity.fields.some((field) => field.name === name) ? fieldNamed(entity, name) : null
}
