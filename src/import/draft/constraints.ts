/** Unique constraints, indexes and checks of an entity. */

import type { SketchExpression, SketchIndex } from '../sketch/sketch.ts'
import { carry, type Drafting, designField, type NamedEntity } from './draft.ts'
import { keyPlan } from './keys.ts'
import { memberName, untakenName } from './names.ts'

const MAX_COLUMNS = 8
const MAX_CONSTRAINTS = 50
const MAX_CHECKS = 100

/** Adds what the database holds of an entity. Its fields have their names already. */
export function addConstraints(entity: NamedEntity, drafting: Drafting): void {
  addKey(entity, drafting)
  for (const unique of entity.sketch.uniques) addUnique(entity, unique, { kind: 'unique', drafting })
  for (const index of entity.sketch.indexes) addIndex(entity, index, drafting)
  addChecks(entity, drafting)
}

/** A key of several columns, or of one that cannot be an id, is unique. */
function addKey(entity: NamedEntity, drafting: Drafting): void {
  const { sketch } = entity
  const plan = keyPlan(sketch)
  if (plan.kind !== 'unique' || sketch.key === null) return
  const isReference = plan.columns.length === 1 && entity.design.fields[designField(entity, plan.columns[0] ?? '') ?? '']?.type === 'ref'
  if (isReference) return
  const key = { name: `${sketch.name}(${plan.columns.join(', ')})`, columns: plan.columns, where: null, at: sketch.key.at }
  addUnique(entity, key, { kind: 'key', drafting })
}

interface As {
  readonly kind: 'unique' | 'key'
  readonly drafting: Drafting
}

function addUnique(entity: NamedEntity, unique: SketchIndex, { kind, drafting: { draft } }: As): void {
  const { design, name } = entity
  const object = { kind, name: unique.name, at: unique.at }
  const names = unique.columns.map((column) => designField(entity, column.replace(/^-/, '')))
  const missing = unique.columns.find((_, i) => names[i] === undefined)
  if (missing !== undefined) return void draft.left.push({ ...object, why: `${missing} was not carried over` })
  const fields = names.filter((each) => each !== undefined)
  const [field = ''] = fields
  if (fields.includes('id') && unique.where === null)
    return void carry(draft, ['entities', name], { ...object, note: fields.length === 1 ? null : 'the id alone is unique' })
  const condition = unique.where === null ? null : unique.where.text((column) => designField(entity, column) ?? column)
  if (fields.length === 1 && condition === null) {
    const only = design.fields[field]
    if (only === undefined || !canBeUnique(only.type))
      return void draft.left.push({ ...object, why: `${field} cannot be unique in the language; write a field whose values are compared` })
    if (only.type !== 'sequence') only.unique = true
    return void carry(draft, ['entities', name, 'fields', field], object)
  }
  if (fields.length > MAX_COLUMNS || new Set(fields).size < fields.length)
    return void draft.left.push({ ...object, why: `a unique constraint has 1 to ${MAX_COLUMNS} different fields` })
  design.unique ??= []
  if (design.unique.length >= MAX_CONSTRAINTS) return void draft.left.push({ ...object, why: `an entity has at most ${MAX_CONSTRAINTS}` })
  const made = condition === null ? fields : { fields, where: condition }
  const same = design.unique.findIndex((each) => JSON.stringify(each) === JSON.stringify(made))
  if (same < 0) design.unique.push(made)
  carry(draft, ['entities', name, 'unique', same < 0 ? design.unique.length - 1 : same], object)
}

const NOT_UNIQUE: ReadonlySet<string> = new Set(['password', 'token', 'json', 'list', 'file', 'computed'])

function canBeUnique(type: string): boolean {
  return !NOT_UNIQUE.has(type)
}

function addIndex(entity: NamedEntity, index: SketchIndex, { draft }: Drafting): void {
  const { design, name } = entity
  const object = { kind: 'index', name: index.name, at: index.at }
  const parts = index.columns.map((column) => ({ column, field: designField(entity, column.replace(/^-/, '')) }))
  const missing = parts.find(({ field }) => field === undefined)
  if (missing !== undefined) return void draft.left.push({ ...object, why: `${missing.column.replace(/^-/, '')} was not carried over` })
  const fields = parts.map(({ column, field = '' }) => `${column.startsWith('-') ? '-' : ''}${field}`)
  const [first = ''] = fields
  const bare = first.replace(/^-/, '')
  if (fields.length === 1 && hasOwnIndex(entity, bare))
    return void carry(draft, ['entities', name, ...(design.fields[bare] === undefined ? [] : ['fields', bare])], object)
  if (fields.length > MAX_COLUMNS) return void draft.left.push({ ...object, why: `an index has at most ${MAX_COLUMNS} fields` })
  const unindexed = fields.find((field) => UNINDEXED.has(design.fields[field.replace(/^-/, '')]?.type ?? ''))
  if (unindexed !== undefined) return void draft.left.push({ ...object, why: `${unindexed} has a type without an index` })
  const unique = design.unique?.findIndex((each) => JSON.stringify(each) === JSON.stringify(fields)) ?? -1
  if (unique >= 0) return void carry(draft, ['entities', name, 'unique', unique], object)
  design.indexes ??= []
  if (design.indexes.length >= MAX_CONSTRAINTS) return void draft.left.push({ ...object, why: `an entity has at most ${MAX_CONSTRAINTS}` })
  const same = design.indexes.findIndex((each) => JSON.stringify(each) === JSON.stringify(fields))
  if (same < 0) design.indexes.push(fields)
  carry(draft, ['entities', name, 'indexes', same < 0 ? design.indexes.length - 1 : same], object)
}

const UNINDEXED: ReadonlySet<string> = new Set(['json', 'password', 'token', 'file'])

function hasOwnIndex({ design }: NamedEntity, field: string): boolean {
  const found = design.fields[field]
  if (field === 'id' || field === 'createdAt') return true
  return found !== undefined && (found.type === 'ref' || found.unique === true || found.type === 'sequence')
}

function addChecks(entity: NamedEntity, { draft }: Drafting): void {
  const { sketch, design, name } = entity
  const taken = new Set<string>()
  for (const check of sketch.checks) {
    const object = { kind: 'check', name: check.name, at: check.at }
    const missing = check.rule.columns.find((column) => designField(entity, column) === undefined)
    if (missing !== undefined) {
      draft.left.push({ ...object, why: `${missing} was not carried over` })
      continue
    }
    if (taken.size >= MAX_CHECKS) {
      draft.left.push({ ...object, why: `an entity has at most ${MAX_CHECKS} checks` })
      continue
    }
    const called = untakenName(memberName(check.name), taken)
    design.checks ??= {}
    design.checks[called] = { rule: expressionText(check.rule, entity), message: `does not satisfy ${check.name}`.slice(0, 200) }
    carry(draft, ['entities', name, 'checks', called], object)
  }
}

/** The condition with the names of the fields. A missing value satisfies a CHECK of SQL, and a condition of Plinth only if it says so. */
function expressionText(expression: SketchExpression, entity: NamedEntity): string {
  const text = expression.text((column) => designField(entity, column) ?? column)
  const missing = expression.guarded
    .map((column) => designField(entity, column) ?? column)
    .filter((field) => entity.design.fields[field]?.optional === true)
  const guards = [...new Set(missing)].map((field) => `${field} == null || `)
  return guards.length === 0 ? text : `${guards.join('')}(${text})`
}
