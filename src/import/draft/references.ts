/** References between entities, from foreign keys and relations. */

import { capital } from '../../base/capital.ts'
import type { SketchReference } from '../sketch/sketch.ts'
import { carry, type Draft, type DraftField, type Drafting, entityCalled, type NamedEntity } from './draft.ts'
import { memberName, ownName, relationName, untakenName } from './names.ts'

/** A reference that becomes a field. */
export interface ReferencePlan {
  readonly reference: SketchReference
  readonly target: NamedEntity
  /** The column that becomes the field; null if the source has none. */
  readonly column: string | null
  readonly note: string | null
  /** The name of the field, when it has one. */
  field: string | null
}

/** The references of an entity that become fields; the others are listed as left out. */
export function referencePlans(entity: NamedEntity, { draft, entities }: Drafting): readonly ReferencePlan[] {
  const used = new Set<string>()
  return entity.sketch.references.flatMap((reference): readonly ReferencePlan[] => {
    const name = `${entity.sketch.name}(${reference.columns.join(', ') || (reference.name ?? '')}) to ${reference.target}`
    const leave = (why: string): readonly ReferencePlan[] => {
      draft.left.push({ kind: 'reference', name, at: reference.at, why })
      return []
    }
    const target = entityCalled(entities, reference.target)
    if (target === undefined) return leave(`${reference.target} is not in the source; import both together`)
    const column = columnOf(reference, target)
    if (column === undefined) return leave('a reference holds one id, and none of the columns is the key of the other row; write a ref')
    if (column !== null && !entity.sketch.fields.some((field) => field.name === column))
      return leave(`${entity.sketch.name} has no column ${column}`)
    if (column !== null && used.has(column)) return leave(`${column} refers to another row already; write a second ref`)
    if (column !== null) used.add(column)
    return [{ reference, target, column, note: noteOf(reference, target), field: null }]
  })
}

/** The column that holds the id of the other row; undefined for a reference by several columns of which none is the key. */
function columnOf({ columns, targetColumns }: SketchReference, target: NamedEntity): string | null | undefined {
  if (columns.length <= 1) return columns[0] ?? null
  const key = target.sketch.key?.columns
  const at = targetColumns === null || key?.length !== 1 ? -1 : targetColumns.indexOf(key[0] ?? '')
  return at < 0 ? undefined : columns[at]
}

function noteOf({ columns, targetColumns }: SketchReference, target: NamedEntity): string | null {
  if (columns.length > 1) return 'refers to the row by its id alone'
  const [column] = targetColumns ?? []
  const key = target.sketch.key?.columns ?? ['id']
  return column === undefined || (key.length === 1 && key[0]?.toLowerCase() === column.toLowerCase())
    ? null
    : `refers to the row; the source refers to its ${column}`
}

/** Adds the field of a reference. */
export function addReference(entity: NamedEntity, plan: ReferencePlan, draft: Draft): void {
  const { reference, target, column, note } = plan
  const { sketch } = entity
  const held = sketch.fields.find(({ name }) => name === column)
  const wanted = reference.name ?? (column === null ? target.name : withoutId(column))
  const name = untakenName(ownName(memberName(wanted === '' ? target.name : wanted)), entity.taken)
  plan.field = name
  entity.names.set(column ?? reference.name ?? target.sketch.name, name)
  const optional = held?.optional ?? reference.optional
  const isKey = column !== null && sketch.key?.columns.length === 1 && sketch.key.columns[0] === column
  const field: DraftField = { type: 'ref', entity: target.name }
  if (held?.unique === true || reference.unique || isKey) field.unique = true
  if (optional) field.optional = true
  const isHeld = reference.onDelete === 'setNull' && !optional
  if (reference.onDelete !== null && reference.onDelete !== 'restrict' && !isHeld) field.onDelete = reference.onDelete
  if (held?.description !== undefined) field.description = held.description
  entity.design.fields[name] = field
  const path = ['entities', entity.name, 'fields', name]
  if (held !== undefined) carry(draft, path, { kind: 'field', name: `${sketch.name}.${held.name}`, at: held.at })
  const said = [note, isHeld ? 'the field is required, so the other row cannot be deleted' : null].filter((each) => each !== null)
  const object = { kind: 'reference', name: `${sketch.name}.${column ?? name} to ${target.sketch.name}`, at: reference.at }
  carry(draft, path, { ...object, note: said.length === 0 ? null : said.join('; ') })
  if (isKey && sketch.key !== null) carry(draft, path, { kind: 'key', name: `${sketch.name}(${column})`, at: sketch.key.at })
}

/** `author_id` → `author`, `AuthorID` → `Author`, `parent` → `parent`, `paid` → `paid`. */
function withoutId(column: string): string {
  const end = /[_-](?:id|uuid|fk)$/i.exec(column) ?? /(?<=[a-z0-9])(?:Id|ID|Uuid|UUID)$/.exec(column)
  return end === null ? column : column.slice(0, end.index)
}

/** Names the other side of each reference of an entity. Call it when the fields of all entities have their names. */
export function addInverses(entity: NamedEntity, plans: readonly ReferencePlan[]): void {
  const own = relationName(entity.name)
  for (const { reference, target, field } of plans) {
    const design = field === null ? undefined : entity.design.fields[field]
    if (field === null || design === undefined) continue
    const several = plans.filter((plan) => plan.target === target).length > 1
    const children = target === entity && !several && field === 'parent' ? 'children' : null
    const derived = children ?? (several || target === entity ? `${field}${capital(own)}` : own)
    const wanted = reference.inverse === null ? derived : memberName(reference.inverse)
    const { type, entity: to, ...rest } = design
    entity.design.fields[field] = { type, entity: to, inverse: untakenName(ownName(wanted), target.taken), ...rest }
  }
}
