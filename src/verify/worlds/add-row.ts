/** Adds rows to a world that is being made, each with the related rows that a check needs. */

import { type Entity, entityNamed, type Field, isToken } from '../../model/model.ts'
import { isLive } from '../expected/reference.ts'
import { uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { type Axis, axesOf, type Building } from './building.ts'
import { fewestFirst, startingFrom } from './combined-values.ts'
import { type Assigned, MOST_SAMPLES, NoSample, newRow, samplesOf } from './new-row.ts'

/**
 * What became of a row: it was added, or values are taken, a check on its fields refuses it, a row that it refers to has enough such rows,
 * or a check over relations refuses it.
 */
export type RowOutcome =
  | { readonly kind: 'added'; readonly row: PlainRow }
  | { readonly kind: 'taken'; readonly names: readonly string[] }
  | { readonly kind: 'check' | 'crowded' | 'related' }

/** How many samples stay free for creates. */
const KEPT_FREE = 2
/** The most combinations of values that are tried to satisfy a check over a relation. */
const MOST_RELATED = 6

/** Adds a row unless it breaks a constraint. */
export function addRow(building: Building, entity: Entity, assigned: Assigned): boolean {
  return tryRow(building, entity, assigned).kind === 'added'
}

/**
 * Adds a row unless it breaks a constraint, and says which.
 *
 * @param related `later` leaves its own checks over relations to `completeRow`.
 */
export function tryRow(building: Building, entity: Entity, assigned: Assigned, related: 'now' | 'later' = 'now'): RowOutcome {
  const row = newRow(building, entity, assigned)
  const rows = building.rows.get(entity.name) ?? []
  const taken = distinctOf(building, entity).find(({ names, where }) => {
    // Values are compared among the rows for which the condition holds.
    const counts = (one: PlainRow): boolean => where === 'true' || building.holds(entity, where, one)
    const isEqual = (other: PlainRow): boolean => names.every((name) => JSON.stringify(other[name]) === JSON.stringify(row[name]))
    return names.every((name) => (row[name] ?? null) !== null) && counts(row) && rows.some((other) => isEqual(other) && counts(other))
  })
  if (taken !== undefined) return { kind: 'taken', names: taken.names }
  if (!building.keeps(entity, row)) return { kind: 'check' }
  if (isCrowded(building, entity, row) || takesLastSample(building, entity, row)) return { kind: 'crowded' }
  const undo = undoing(building)
  rows.push(row)
  if (related === 'later') building.incomplete.add(row)
  if (held(building, entity, row).every((one) => isCompleted(building, one, { entity, row }))) return { kind: 'added', row }
  undo()
  building.incomplete.delete(row)
  return { kind: 'related' }
}

/** Whether a value that must differ in each row, and of which few samples exist, would leave none for the row of a create. */
function takesLastSample({ design, rows }: Building, { name: entity, fields }: Entity, row: PlainRow): boolean {
  const alone = new Set(uniquesOf(design.entities[entity]).flatMap(({ names }) => (names.length === 1 ? names : [])))
  return fields.some(({ name, type }) => {
    if (!alone.has(name) || type.kind !== 'scalar' || type.pattern === null) return false
    const samples = samplesOf(type)
    const used = new Set([...(rows.get(entity) ?? []), row].map((one) => one[name]))
    return (
      samples.size < MOST_SAMPLES &&
      [...samples].filter((one) => !used.has(one as PlainValue)).length < Math.min(KEPT_FREE, samples.size / 3)
    )
  })
}

/** The unique combinations of an entity, with the numbers and tokens that the backend gives. */
function distinctOf({ design }: Building, { name: entity, fields }: Entity): ReturnType<typeof uniquesOf> {
  const given = fields.flatMap((field) => {
    const { name, default: preset } = field
    if (preset?.kind === 'sequence') return [{ names: preset.within === null ? [name] : [preset.within, name], where: 'true' }]
    return isToken(field) ? [{ names: [name], where: 'true' }] : []
  })
  return [...uniquesOf(design.entities[entity]), ...given]
}

/** Gives a row that was added the related rows that its checks need. Returns whether they hold. */
export function completeRow(building: Building, entity: Entity, row: PlainRow): boolean {
  return entity.relationChecks.length === 0 || isCompleted(building, { entity, row }, { entity, row })
}

interface Added {
  readonly entity: Entity
  readonly row: PlainRow
}

/** Takes away all rows that are added from now on. */
function undoing({ rows }: Building): () => void {
  const sizes = [...rows.values()].map((own) => ({ own, size: own.length }))
  return () => {
    for (const { own, size } of sizes) own.splice(size)
  }
}

/** The rows whose checks over relations a new row concerns: itself, and the rows that it refers to. */
function held({ model, rows, incomplete }: Building, entity: Entity, row: PlainRow): readonly Added[] {
  const parents = entity.fields.flatMap(({ name, type }): readonly Added[] => {
    if (type.kind !== 'ref' || type.inverse === null) return []
    const target = entityNamed(model, type.entity)
    const parent = target.relationChecks.length === 0 ? undefined : rows.get(target.name)?.find(({ id }) => id === row[name])
    return parent === undefined ? [] : [{ entity: target, row: parent }]
  })
  const own = entity.relationChecks.length === 0 ? [] : [{ entity, row }]
  return [...own, ...parents].filter((one) => isLive(one.row) && !incomplete.has(one.row))
}

/** Whether the checks over relations hold for a row, if need be with one or two related rows more. */
function isCompleted(building: Building, about: Added, added: Added): boolean {
  if (building.keepsRelated(about.entity, about.row)) return true
  building.incomplete.add(about.row)
  try {
    return getsRelated(building, about, { added, most: MOST_RELATED, isLast: false })
  } catch (error) {
    if (!(error instanceof NoSample)) throw error
    return false
  } finally {
    building.incomplete.delete(about.row)
  }
}

interface Completing {
  /** The row that was added last. */
  readonly added: Added
  /** How many combinations of values are tried. */
  readonly most: number
  readonly isLast: boolean
}

/** Adds related rows with which the checks hold, or nothing. */
function getsRelated(building: Building, about: Added, { added, most, isLast }: Completing): boolean {
  const { entity, row } = about
  const rules = Object.values(building.design.entities[entity.name]?.checks ?? {}).map(({ rule }) => rule)
  const read = entity.relations.filter(({ name }) => rules.some((rule) => new RegExp(`\\b${name}\\b`).test(rule)))
  return read.some(({ entity: name, via }) => {
    const child = entityNamed(building.model, name)
    return relatedValues(building, child, { added, most }).some((values) => {
      const undo = undoing(building)
      const outcome = tryRow(building, child, { ...values, [via]: row.id ?? null })
      if (outcome.kind !== 'added') return false
      if (building.keepsRelated(entity, row)) return true
      const next = { added: { entity: child, row: outcome.row }, most: 1, isLast: true }
      if (!isLast && getsRelated(building, about, next)) return true
      undo()
      return false
    })
  })
}

/** Values of a related row: of the row before it with two numbers exchanged, of the first one, and others that conditions read. */
function relatedValues(building: Building, child: Entity, { added, most }: Pick<Completing, 'added' | 'most'>): readonly Assigned[] {
  const axes = axesOf(building, child)
  const [usual] = building.rows.get(child.name) ?? []
  const first = usual === undefined ? [] : [Object.fromEntries(axes.map(({ field }) => [field, usual[field] ?? null]))]
  const exchanged = added.entity.name === child.name ? exchangedNumbers(child, added.row, axes) : []
  return [...exchanged, ...first, ...fewestFirst(startingFrom(building, child, axes), most)]
}

/** The values of a row that axes have, with those of two numbers exchanged. */
function exchangedNumbers({ fields }: Entity, row: PlainRow, axes: readonly Axis[]): readonly Assigned[] {
  const kept = Object.fromEntries(axes.map(({ field }) => [field, row[field] ?? null]))
  const numbers = fields.filter(
    ({ name, type }) => type.kind === 'scalar' && ['integer', 'number', 'decimal'].includes(type.scalar) && Object.hasOwn(kept, name),
  )
  return numbers.flatMap(({ name: one }, i) =>
    numbers.slice(i + 1).map(({ name: other }) => ({ ...kept, [one]: row[other] ?? null, [other]: row[one] ?? null })),
  )
}

/** Whether a row that this one refers to has as many such rows as an answer shows. */
function isCrowded(building: Building, entity: Entity, row: PlainRow): boolean {
  return entity.fields.some(({ name }) => isFull(building, entity, { name, id: row[name] ?? null }))
}

/** Whether as many rows refer to a row by a reference that rules go through as an answer shows. */
export function isFull(
  { rows, mentions, mostChildren }: Building,
  entity: Entity,
  { name, id }: { readonly name: string; readonly id: PlainValue },
): boolean {
  const type = entity.fields.find((one) => one.name === name)?.type
  if (id === null || type?.kind !== 'ref' || type.inverse === null || mentions.get(entity.name)?.fields.has(name) !== true) return false
  return (rows.get(entity.name) ?? []).filter((other) => other[name] === id).length >= mostChildren
}

/** The id of a new ordinary row for a reference. @throws NoSample if a required reference has no row to lead to. */
export function freshParent(building: Building, { name, type, optional }: Field): PlainValue {
  if (type.kind !== 'ref') throw new Error('only a reference has a parent')
  const target = entityNamed(building.model, type.entity)
  const rows = building.rows.get(target.name) ?? []
  const usual = rows[0] ?? {}
  const kept = [...(building.mentions.get(target.name)?.fields.keys() ?? [])].filter((name) => {
    const field = target.fields.find((one) => one.name === name)
    return field !== undefined && field.system === null && field.name !== 'id'
  })
  const before = rows.length
  addRow(building, target, Object.fromEntries(kept.map((name) => [name, usual[name] ?? null])))
  const id = rows[before]?.id ?? usual.id ?? null
  if (id === null && !optional) throw new NoSample(`no row of ${type.entity} can exist, and ${name} needs one`)
  return id
}
