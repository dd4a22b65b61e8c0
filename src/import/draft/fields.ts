/** The fields of an entity, apart from references. */

import type { SketchEnum, SketchField, SketchType } from '../sketch/sketch.ts'
import { carry, type DraftField, type Drafting, type NamedEntity } from './draft.ts'
import { keyPlan } from './keys.ts'
import { memberName, ownName, untakenName } from './names.ts'
import { addReference, type ReferencePlan } from './references.ts'
import { isEmail, isPassword, isPersonal, isSecret } from './sensitive.ts'

/** Adds the fields of an entity in the order of the source, and finds the columns that Plinth maintains. */
export function addFields(entity: NamedEntity, plans: readonly ReferencePlan[], drafting: Drafting): void {
  const { sketch, design, name, names, taken } = entity
  const { draft } = drafting
  const plan = keyPlan(sketch)
  for (const field of sketch.fields) {
    const reference = plans.find(({ column }) => column === field.name)
    if (reference !== undefined) {
      addReference(entity, reference, draft)
      continue
    }
    const { note } = field
    if (plan.kind === 'id' && plan.column === field.name) {
      names.set(field.name, 'id')
      if (plan.field !== null) design.fields.id = plan.field
      const path = plan.field === null ? ['entities', name] : ['entities', name, 'fields', 'id']
      carry(draft, path, { kind: 'field', name: `${sketch.name}.${field.name}`, at: field.at, note: plan.note })
      continue
    }
    const maintained = maintainedAs(field)
    if (maintained !== null && !names.has(maintained)) {
      names.set(field.name, maintained)
      if (maintained === 'deletedAt') design.softDelete = true
      const path = maintained === 'deletedAt' ? ['entities', name, 'softDelete'] : ['entities', name]
      carry(draft, path, { kind: 'field', name: `${sketch.name}.${field.name}`, at: field.at, note: `Plinth maintains ${maintained}` })
      continue
    }
    const made = fieldDesign(field, drafting.enums)
    const called = untakenName(ownName(memberName(field.name)), taken)
    names.set(field.name, called)
    design.fields[called] = made.field
    const notes = [note, made.note].filter((each) => each !== undefined && each !== null)
    const said = notes.length === 0 ? null : notes.join('; ')
    carry(draft, ['entities', name, 'fields', called], { kind: 'field', name: `${sketch.name}.${field.name}`, at: field.at, note: said })
  }
  for (const each of plans) if (each.column === null) addReference(entity, each, draft)
  carryKey(entity, drafting)
}

/** The key is an object of its own: a constraint of the source. */
function carryKey(entity: NamedEntity, { draft }: Drafting): void {
  const { sketch, design, name } = entity
  const plan = keyPlan(sketch)
  if (sketch.key === null) return
  const object = { kind: 'key', name: `${sketch.name}(${sketch.key.columns.join(', ')})`, at: sketch.key.at }
  if (plan.kind === 'id') carry(draft, design.fields.id === undefined ? ['entities', name] : ['entities', name, 'fields', 'id'], object)
}

const MAINTAINED: Readonly<Record<string, string>> = {
  createdat: 'createdAt',
  updatedat: 'updatedAt',
  deletedat: 'deletedAt',
}
const MOMENTS: ReadonlySet<string> = new Set(['timestamp', 'date'])

/** The field that Plinth maintains and that a column is; null for none. */
function maintainedAs({ name, type, optional }: SketchField): string | null {
  const bare = name.replaceAll(/[^A-Za-z]/g, '').toLowerCase()
  const field = Object.hasOwn(MAINTAINED, bare) ? (MAINTAINED[bare] ?? null) : null
  if (field === null || !MOMENTS.has(type.type)) return null
  return field === 'deletedAt' && !optional ? null : field
}

const MAX_CHOICES = 200
const MAX_CHOICE = 200

/** The type with the values of its enum. A choice that the language cannot hold is a text. */
export function resolvedType(
  type: SketchType,
  enums: ReadonlyMap<string, SketchEnum>,
): { readonly field: DraftField; readonly note: string | null } {
  if (type.type === 'list' && 'of' in type && isType(type.of)) {
    const item = resolvedType(type.of, enums)
    return { field: { ...type, of: item.field }, note: item.note }
  }
  if (type.type !== 'enum' || typeof type.name !== 'string') return { field: { ...type }, note: null }
  const { name } = type
  const found = enums.get(name.toLowerCase())
  if (found === undefined) return { field: { type: 'text' }, note: `the source does not say what ${name} is` }
  const values = [...new Set(found.values)]
  if (values.length === 0 || values.length > MAX_CHOICES || values.some((value) => value === '' || value.length > MAX_CHOICE))
    return { field: { type: 'text' }, note: `a choice has 1 to ${MAX_CHOICES} values of 1 to ${MAX_CHOICE} characters` }
  const given = type.default
  const fits = typeof given === 'string' && values.includes(given)
  return { field: { type: 'choice', values, ...(fits ? { default: given } : {}) }, note: null }
}

function isPlainText(field: DraftField): boolean {
  return field.type === 'text' && Object.keys(field).every((key) => key === 'type' || key === 'max')
}

function isType(of: unknown): of is SketchType {
  return typeof of === 'object' && of !== null && 'type' in of && typeof of.type === 'string'
}

function fieldDesign(
  field: SketchField,
  enums: ReadonlyMap<string, SketchEnum>,
): { readonly field: DraftField; readonly note: string | null } {
  const resolved = resolvedType(field.type, enums)
  const shown = field.description === undefined ? {} : { description: field.description }
  const optional = field.optional ? { optional: true } : {}
  if (resolved.field.type === 'text' && isPassword(field.name))
    return { field: { type: 'password', ...optional, ...shown }, note: 'a secret that Plinth stores as a hash of its own' }
  const made: DraftField = isEmail(field.name) && isPlainText(resolved.field) ? { type: 'email' } : { ...resolved.field }
  if (field.unique && !WITHOUT_UNIQUE.has(made.type)) made.unique = true
  if (made.type !== 'sequence') Object.assign(made, optional)
  if (isSecret(field.name) && made.type === 'text') Object.assign(made, { private: true, read: 'false' })
  else if (isPersonal(field.name)) made.private = true
  return { field: { ...made, ...shown }, note: resolved.note }
}

const WITHOUT_UNIQUE: ReadonlySet<string> = new Set(['json', 'list', 'sequence', 'file', 'password', 'computed'])
