/** Resolves the fields of an entity: those that Plinth maintains, and those of the design in its order. */

import { unreachable } from '../../base/unreachable.ts'
import type { ValueType } from '../../model/expression.ts'
import { ALWAYS, listType, NEVER, scalarType } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { Default, Field, SystemField } from '../../model/model.ts'
import { snakeCase } from '../../model/names/database-names.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import type { WorkflowDesign } from '../authoring/logic-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { condition, term } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'
import { hasEntity, isBroken } from '../outline/outline.ts'
import { encryptedAs, scalarOfDesign } from '../outline/outline-shape.ts'
import { authoredDefault, readDefault } from '../types/defaults.ts'
import { FIELD_LIMITS, fieldType } from '../types/field-types.ts'
import { resolveFile } from '../types/file-type.ts'
import { derivedTerm } from './derived.ts'
import type { FieldContext } from './field-context.ts'
import { givenField, readRule, sequenceField, tokenField } from './given-fields.ts'
import { isNullable } from './nullable.ts'
import { checkSet, resolveSet, setOn } from './set-by-server.ts'

/** All fields: `id`, the design's own, then `createdAt`, `updatedAt`, `version` and, with softDelete, `deletedAt`. */
export function resolveFields(entity: EntityOutline, context: FieldContext): readonly Field[] {
  const own = [...entity.fields.values()].filter((field) => field.name !== 'id' && derivedTerm(entity, field.name, context) === null)
  return [
    idField(entity, context),
    ...own.map((field) => resolveField(entity, field, context)),
    systemField('createdAt', 'timestamp', 'now'),
    systemField('updatedAt', 'timestamp', 'now'),
    systemField('version', 'integer', 'one'),
    ...(entity.design.softDelete === true ? [{ ...systemField('deletedAt', 'timestamp', 'now'), optional: true, default: null }] : []),
  ]
}

function systemField(name: SystemField, scalar: ScalarKind, by: 'uuidv7' | 'identity' | 'now' | 'one'): Field {
  return {
    name,
    column: snakeCase(name),
    description: null,
    type: { kind: 'scalar', scalar, min: null, max: null, pattern: null, precision: null },
    optional: false,
    default: { kind: 'generated', by },
    immutable: name === 'id' || name === 'createdAt',
    read: ALWAYS,
    write: NEVER,
    writeSource: null,
    private: false,
    was: null,
    system: name,
  }
}

/** Options that an own id may have. The other options apply to every id, or to no id. */
const ID_OPTIONS: ReadonlySet<string> = new Set(['type', 'min', 'max', 'pattern', 'description'])

/** The id: a UUIDv7 from Plinth, a number from the database, or a text from the caller. */
function idField(entity: EntityOutline, { report }: FieldContext): Field {
  const own = entity.fields.get('id')
  if (own === undefined) return systemField('id', 'uuid', 'uuidv7')
  const { design, at } = own
  if (design.type !== 'integer' && design.type !== 'text') {
    report.add(
      'PLN-D206',
      at,
      `an own id is an integer or a text, not ${design.type}`,
      design.type === 'uuid' ? 'leave id out: every entity has a UUID' : undefined,
    )
    return systemField('id', 'uuid', 'uuidv7')
  }
  const wrong = Object.keys(design).find((key) => !ID_OPTIONS.has(key) || (design.type === 'integer' && (key === 'min' || key === 'max')))
  if (wrong !== undefined) report.add('PLN-D206', [...at, wrong], `an own id does not take ${wrong}`)
  const description = design.description ?? null
  if (design.type === 'integer') return { ...systemField('id', 'integer', 'identity'), description }
  const limited = { ...design, min: design.min ?? 1, max: design.max ?? FIELD_LIMITS.textId }
  return {
    ...systemField('id', 'text', 'identity'),
    type: fieldType(limited, at, report),
    default: null,
    write: ALWAYS,
    system: null,
    description,
  }
}

function resolveField(entity: EntityOutline, field: FieldOutline, context: FieldContext): Field {
  const { design, at } = field
  checkWas(entity, field, context)
  checkSet(field, context.report)
  if ('empty' in design && design.empty === null && design.optional !== true)
    context.report.add(
      'PLN-D209',
      [...at, 'empty'],
      'an empty text becomes missing, and the field is required',
      'add optional: true, or remove empty',
    )
  if (design.type === 'computed') return computedField(entity, field, context)
  if (design.type === 'sequence') return sequenceField(entity, field, { ...context, design })
  if (design.type === 'token') return tokenField(field, context)
  const workflow = context.moved.get(`${entity.name}.${field.name}`)
  if (workflow !== undefined) checkMoved(field, context.report)
  const type = storedType(entity, field, { ...context, design })
  return {
    name: field.name,
    column: field.column,
    description: design.description ?? null,
    type: withEncryption(entity, field, type),
    optional: design.optional ?? false,
    default: firstState(workflow, type) ?? resolveDefault(entity, field, { ...context, type }),
    immutable: design.immutable ?? setOn(design) === 'create',
    read: design.type === 'password' ? NEVER : readRule(entity.name, field, context),
    write:
      setOn(design) !== null || workflow !== undefined
        ? NEVER
        : design.write === undefined
          ? ALWAYS
          : condition(design.write, { entity: entity.name, place: 'writing', at: [...at, 'write'] }, context),
    writeSource: design.write ?? null,
    private: design.private ?? false,
    ...erasureOf(design),
    was: design.was ?? null,
    system: null,
  }
}

/** What an erasure does with the value, and with the row of a reference. */
function erasureOf(design: FieldDesign): Pick<Field, 'erased' | 'erase'> {
  return {
    ...('erased' in design && design.erased !== undefined ? { erased: design.erased } : {}),
    ...(design.type === 'ref' && design.erase !== undefined ? { erase: design.erase } : {}),
  }
}

/** The type of an encrypted text, whose values are bound to the field. */
function withEncryption(entity: EntityOutline, { name, design }: FieldOutline, type: FieldType): FieldType {
  const scalar = design.type === 'text' ? encryptedAs(design) : null
  return scalar === null || type.kind !== 'scalar' ? type : { ...type, scalar, boundTo: `${entity.name}.${name}` }
}

type StoredDesign = Exclude<FieldDesign, { type: 'computed' | 'sequence' | 'token' }>

function storedType(entity: EntityOutline, field: FieldOutline, context: FieldContext & { readonly design: StoredDesign }): FieldType {
  const { design } = context
  if (design.type === 'ref') return refType(entity, field, { ...context, design })
  if (design.type === 'file') return resolveFile(entity, field, { ...context, design })
  return fieldType(design, field.at, context.report)
}

/** The default of the field of a workflow that names its first state. */
function firstState(workflow: WorkflowDesign | undefined, type: FieldType): Default | null {
  const initial = workflow?.initial
  return initial !== undefined && type.kind === 'choice' && type.values.includes(initial) ? { kind: 'value', value: initial } : null
}

/** Reports options about writing a field that only a workflow writes. */
function checkMoved({ design, at }: FieldOutline, report: FieldContext['report']): void {
  for (const key of ['write', 'set', 'immutable'] as const)
    if (key in design && (design as { readonly [option in typeof key]?: unknown })[key] !== undefined)
      report.add('PLN-D209', [...at, key], `only the transitions of its workflow write the field, so ${key} says nothing`, `remove ${key}`)
}

function computedField(entity: EntityOutline, field: FieldOutline, context: FieldContext): Field {
  // an expression that could not be compiled has been reported; then there is no model, and this value is never used
  const value = context.computed.get(entity.name)?.get(field.name) ?? { kind: 'null', type: scalarType('text') }
  return givenField(field, {
    type: { kind: 'computed', scalar: value.type.scalar, term: value },
    optional: isNullable(value, context.shape),
    default: null,
    immutable: false,
    read: readRule(entity.name, field, context),
  })
}

type RefDesign = Extract<FieldDesign, { type: 'ref' }>

function refType(
  entity: EntityOutline,
  field: FieldOutline,
  { design, outline, report }: FieldContext & { readonly design: RefDesign },
): FieldType {
  if (design.acyclic === true && design.entity !== entity.name) {
    report.add('PLN-D209', [...field.at, 'acyclic'], `only a reference to ${entity.name} itself can be acyclic`, 'remove acyclic')
  }
  if (design.acyclic === true && setOn(design) === 'write') {
    report.add(
      'PLN-D209',
      [...field.at, 'acyclic'],
      'a reference that the server sets at every write cannot be acyclic',
      'remove one of them',
    )
  }
  if (!hasEntity(outline, design.entity)) {
    report.add(
      'PLN-D208',
      [...field.at, 'entity'],
      `unknown entity ${quote(design.entity)}${didYouMean(design.entity, outline.entities.keys())}`,
    )
  }
  if (design.onDelete === 'setNull' && design.optional !== true) {
    report.add(
      'PLN-D209',
      [...field.at, 'onDelete'],
      'setNull needs a field that may be missing',
      'add optional: true, or use restrict or cascade',
    )
  }
  return {
    kind: 'ref',
    entity: design.entity,
    inverse: design.inverse ?? null,
    onDelete: design.onDelete ?? 'restrict',
    acyclic: design.acyclic ?? false,
    scalar: scalarOfDesign(design, outline),
  }
}

function resolveDefault(entity: EntityOutline, field: FieldOutline, context: FieldContext & { readonly type: FieldType }): Default | null {
  if (setOn(field.design) !== null) return resolveSet(entity, field, { ...context, expected: typeOf(field, context) })
  const authored = authoredDefault(field.design)
  const at = [...field.at, 'default']
  switch (authored.kind) {
    case 'none':
      return null
    case 'expression': {
      const expected = typeOf(field, context)
      const value = term(authored.source, { entity: entity.name, place: 'default', at: [...at, ...authored.key], expected }, context)
      return value === null ? null : { kind: 'expression', term: value }
    }
    case 'value': {
      const read = readDefault(context.type, authored.value)
      if (read.ok) return { kind: 'value', value: read.value }
      context.report.add('PLN-D212', at, read.problem)
      return null
    }
    default:
      return unreachable(authored)
  }
}

function typeOf(field: FieldOutline, { type, outline }: FieldContext & { readonly type: FieldType }): ValueType {
  const scalar = scalarOfDesign(field.design, outline)
  return type.kind === 'list' ? listType(scalar) : scalarType(scalar)
}

function checkWas(entity: EntityOutline, field: FieldOutline, { report, outline }: FieldContext): void {
  const was = 'was' in field.design ? field.design.was : undefined
  if (was === undefined) return
  const taken = entity.fields.has(was) || isBroken(outline, [...entity.at, 'fields', was])
  const twin = [...entity.fields.values()].find((other) => other !== field && 'was' in other.design && other.design.was === was)
  if (taken) report.add('PLN-D218', [...field.at, 'was'], `the field ${quote(was)} is still there`, 'remove was, or rename the other field')
  else if (twin !== undefined) report.add('PLN-D218', [...field.at, 'was'], `${twin.name} has the same former name ${quote(was)}`)
}
