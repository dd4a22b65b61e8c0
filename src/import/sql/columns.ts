/** Columns of a table. */

import type { SketchEntity, SketchField, SketchType } from '../sketch/sketch.ts'
import { addConstraint } from './constraints.ts'
import { mapDefault } from './defaults.ts'
import type { StatementContext } from './reading.ts'
import type { ColumnDef, Node, SqlConstraint } from './tree.ts'
import { fullName, mapType } from './types.ts'

/** Adds a column with its constraints. One without a type of the language is listed as left out. */
export function addColumn(entity: SketchEntity, column: ColumnDef, context: StatementContext): void {
  const { reading, placeOf } = context
  const { sketch, domains } = reading
  const name = column.colname ?? ''
  const at = placeOf(column.location ?? 0)
  const mapped = mapType(column.typeName, { enums: reading.enums, domains })
  if (mapped.kind === 'none') return void sketch.left.push({ kind: 'field', name: `${entity.name}.${name}`, at, why: mapped.why })
  const field: SketchField = { name, at, type: mapped.type, optional: true, unique: false }
  if (mapped.note !== undefined) field.note = mapped.note
  const constraints = (column.constraints ?? []).flatMap(({ Constraint: each }) => (each === undefined ? [] : [each]))
  const computed = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED')
  if (computed !== undefined) {
    const why = 'computed by the database; write a field of type computed'
    return void sketch.left.push({ kind: 'field', name: `${entity.name}.${name}`, at, why })
  }
  entity.fields.push(field)
  if (mapped.counted === true) count(field)
  const domain = domains.get(fullName(column.typeName))
  for (const { conname, ...constraint } of domain?.constraints ?? []) {
    const raw = constraint.raw_expr === undefined ? {} : { raw_expr: withColumn(constraint.raw_expr, name) as Node }
    constrain(entity, field, { constraint: { ...constraint, ...raw, conname: `${entity.name} ${name}` }, context: { ...context, at } })
  }
  for (const constraint of constraints) constrain(entity, field, { constraint, context: { ...context, at } })
}

/** A condition of a domain, with the column in place of `value`. */
function withColumn(node: unknown, column: string): unknown {
  if (Array.isArray(node)) return node.map((each) => withColumn(each, column))
  if (typeof node !== 'object' || node === null) return node
  if ('CoerceToDomainValue' in node) return { ColumnRef: { fields: [{ String: { sval: column } }] } }
  const fields = (node as { readonly ColumnRef?: { readonly fields?: readonly { readonly String?: { readonly sval?: string } }[] } })
    .ColumnRef?.fields
  if (fields?.length === 1 && fields[0]?.String?.sval?.toLowerCase() === 'value')
    return { ColumnRef: { fields: [{ String: { sval: column } }] } }
  return Object.fromEntries(Object.entries(node).map(([key, each]) => [key, withColumn(each, column)]))
}

/** A number that the database counts: the id, or a sequence. */
function count(field: SketchField): void {
  field.type = { type: 'sequence' }
  field.optional = false
}

interface ColumnConstraint {
  readonly constraint: SqlConstraint
  readonly context: StatementContext
}

function constrain(entity: SketchEntity, field: SketchField, { constraint, context }: ColumnConstraint): void {
  switch (constraint.contype) {
    case 'CONSTR_NOTNULL':
      field.optional = false
      return
    case 'CONSTR_IDENTITY':
      return void count(field)
    case 'CONSTR_DEFAULT':
      return void setDefault(entity, field, { node: constraint.raw_expr, context })
    case 'CONSTR_PRIMARY':
      field.optional = false
      return void addConstraint(entity, { ...constraint, keys: [{ String: { sval: field.name } }] }, context)
    case 'CONSTR_UNIQUE':
      return void addConstraint(entity, { ...constraint, keys: [{ String: { sval: field.name } }] }, context)
    case 'CONSTR_FOREIGN':
      return void addConstraint(entity, { ...constraint, fk_attrs: [{ String: { sval: field.name } }] }, context)
    case 'CONSTR_CHECK':
      return void addConstraint(entity, constraint, context)
    default:
      return
  }
}

/** Sets the default of a column. One that the language does not have is listed as left out. */
export function setDefault(
  entity: SketchEntity,
  field: SketchField,
  { node, context: { reading, at } }: { readonly node: Node | undefined; readonly context: StatementContext },
): void {
  const found = mapDefault(node, field.type)
  switch (found.kind) {
    case 'none':
      return
    case 'value':
      field.type = { ...field.type, default: found.value } as SketchType
      return
    case 'counter': {
      count(field)
      const sequence = found.sequence === null ? undefined : reading.sequences.get(found.sequence)
      if (sequence !== undefined) sequence.column = { entity: entity.name, column: field.name }
      return
    }
    case 'other': {
      const why = 'its expression has no counterpart; write default or set'
      return void reading.sketch.left.push({ kind: 'default', name: `${entity.name}.${field.name}`, at: field.at ?? at, why })
    }
  }
}
