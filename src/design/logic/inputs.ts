/** Resolves what the caller of an action sends. */

import { type ActionInput, type InputType, type InputValueType, inputBinding } from '../../model/action.ts'
import { ALWAYS, listType, scalarType, type Term } from '../../model/expression.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import { type Entity, type Field, storedScalar } from '../../model/model.ts'
import { isEncrypted } from '../../model/scalar.ts'
import type { InputDesign, InputFieldDesign, ReferenceDesign } from '../authoring/logic-design.ts'
import type { NamedValue } from '../expression/scope.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { TYPE_SYNONYMS } from '../language/language-synonyms.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { readDefault } from '../types/defaults.ts'
import { fieldType } from '../types/field-types.ts'
import { conditionAt, entityAt, type LogicPlace, rowNamed, within } from './logic-context.ts'

/** The inputs of an action, and what `input.` names. */
export interface ResolvedInputs {
  readonly inputs: readonly ActionInput[]
  readonly names: ReadonlyMap<string, NamedValue>
}

/** Resolves the inputs. The `where` of a reference may name the inputs before it. */
export function resolveInputs(designs: Readonly<Record<string, InputDesign>>, place: LogicPlace): ResolvedInputs {
  const inputs: ActionInput[] = []
  const names = new Map<string, NamedValue>()
  for (const [name, design] of Object.entries(designs)) {
    const at: LogicPlace = { ...within(place, name), inputs: new Map(names) }
    checkMemberName(name, { what: 'an input', at: at.at, report: place.context.report })
    const input = resolveInput(name, design, at)
    if (input !== null) inputs.push(input)
    names.set(name, input === null ? { kind: 'broken' } : namedInput(input))
  }
  return { inputs, names }
}

function resolveInput(name: string, design: InputDesign, place: LogicPlace): ActionInput | null {
  if (typeof design === 'string') return shortInput(name, design, place)
  const { description = null, optional = false } = design
  const plain = { name, description, optional, nullable: false, default: null, from: { in: 'body', name } as const }
  if ('ref' in design) {
    const type = referenceType(design, place)
    return type === null ? null : { ...plain, type }
  }
  const type = fieldType(withoutDefault(design), place.at, place.context.report)
  const input = { ...plain, type: { kind: 'value', type, of: null } as const }
  if (!('default' in design) || design.default === undefined) return input
  const value = readDefault(type, design.default)
  if (value.ok) return { ...input, optional: true, default: { value: value.value } }
  place.context.report.add('PLN-D212', [...place.at, 'default'], value.problem)
  return input
}

type WithoutDefault<D> = D extends unknown ? Omit<D, 'default' | 'optional' | 'description' | 'in' | 'name'> : never

function withoutDefault(design: InputFieldDesign): WithoutDefault<InputFieldDesign> {
  return design
}

const SHORT = /^([A-Za-z][A-Za-z0-9]*)(?:\.([A-Za-z][A-Za-z0-9]*))?(\??)$/
/** The types that need no options. */
const TYPES = ['text', 'email', 'url', 'uuid', 'integer', 'number', 'boolean', 'timestamp', 'date', 'time', 'duration', 'json'] as const

/** `Entity.field` or a type, followed by `?` if it may be left out. */
function shortInput(name: string, source: string, place: LogicPlace): ActionInput | null {
  const { report } = place.context
  const [, first = '', field, mark] = SHORT.exec(source) ?? []
  const from = { in: 'body', name } as const
  const plain = { name, description: null, optional: mark === '?', nullable: false, default: null, from }
  if (field !== undefined) return fieldInput(plain, { entity: first, field }, place)
  const type = TYPES.find((each) => each === first)
  if (type !== undefined) return { ...plain, type: { kind: 'value', type: fieldType({ type }, place.at, report), of: null } }
  const what = place.at.at(-2) === 'output' ? 'output' : 'input'
  const near = didYouMean(first === '' ? source : first, TYPES)
  report.add('PLN-D104', place.at, `${quote(source)} is no ${what}${near}`, near === '' ? instead(first, place) : undefined)
  return null
}

/** What to write in place of a word that is no type without options. */
function instead(word: string, { context }: LogicPlace): string {
  if (context.shape.entities.has(word)) return `write { ref: ${word} } for a row, or ${word}.field for a value of that field`
  const type = Object.hasOwn(TYPE_SYNONYMS, word) ? TYPE_SYNONYMS[word as keyof typeof TYPE_SYNONYMS] : word
  if (TYPES.some((one) => one === type)) return `write ${type}`
  if (type === 'decimal') return 'write Entity.field, or { type: decimal, precision: 12, scale: 2 }'
  if (type === 'choice') return 'write Entity.field, or { type: choice, values: [a, b] }'
  if (type === 'list') return 'write Entity.field, or { type: list, of: { type: text } }'
  return 'write Entity.field, a type such as text, a reference { ref: … }, or a field with its options { type: … }'
}

function fieldInput(
  plain: Omit<ActionInput, 'type'>,
  of: { readonly entity: string; readonly field: string },
  place: LogicPlace,
): ActionInput | null {
  const entity = entityAt(place, of.entity)
  if (entity === null) return null
  const field = fieldAt(entity, of.field, place)
  if (field === null) return null
  const { type } = field
  const described = { ...plain, description: field.description, nullable: field.optional }
  if (type.kind === 'ref') {
    const reference = referenceType({ ref: type.entity }, place)
    return reference === null ? null : { ...described, type: reference }
  }
  if (type.kind !== 'computed') return { ...described, type: { kind: 'value', type, of } }
  place.context.report.add(
    'PLN-D214',
    place.at,
    `${of.entity}.${of.field} is computed, so it cannot be sent`,
    'use a type, such as integer',
  )
  return null
}

/** The field of an entity; null, with a finding, when there is none. */
export function fieldAt(entity: Entity, name: string, { at, context }: Pick<LogicPlace, 'at' | 'context'>): Field | null {
  const field = entity.fields.find((each) => each.name === name)
  if (field !== undefined) return field
  if (context.shape.entities.get(entity.name)?.fields.get(name)?.kind === 'derived')
    context.report.add('PLN-D526', at, `${entity.name}.${name} is computed when it is read, so it cannot be sent, set or sorted by`)
  else if (!context.unusable.has(name)) {
    const known = entity.fields.map((each) => each.name)
    context.report.add('PLN-D510', at, `${entity.name}.${name} is an unknown field${didYouMean(name, known)}`, fieldsHint(name, known))
  }
  return null
}

function fieldsHint(name: string, known: readonly string[]): string | undefined {
  return didYouMean(name, known) === '' ? `the fields are ${known.join(', ')}` : undefined
}

function referenceType(design: Pick<ReferenceDesign, 'ref' | 'by' | 'where'>, place: LogicPlace): InputType | null {
  const entity = entityAt(within(place, 'ref'), design.ref)
  if (entity === null) return null
  const by = design.by ?? 'id'
  const field = fieldAt(entity, by, within(place, 'by'))
  if (field === null) return null
  const type = sentType(field.type)
  const unique = namesOneRow(entity, by)
  if (!unique || type === null) {
    const candidates = entity.uniques.flatMap(({ fields }) => (fields.length === 1 ? fields : []))
    const hint =
      candidates.length === 0 ? 'leave out by; the id is sent then' : `write by: ${candidates[0]}, or leave out by to send the id`
    place.context.report.add(
      'PLN-D511',
      [...place.at, 'by'],
      `${quote(by)} is not unique in ${entity.name}, so several rows may have the value`,
      hint,
    )
    return null
  }
  const bare = { entity: entity.name, row: 'step' } as const
  const where = design.where === undefined ? ALWAYS : conditionAt(within(place, 'where'), design.where, bare)
  return { kind: 'reference', entity: entity.name, by, type, where }
}

/** Whether no two rows of an entity have the same value of a field. */
export function namesOneRow(entity: Entity, field: string): boolean {
  return field === 'id' || entity.uniques.some(({ fields }) => fields.length === 1 && fields[0] === field)
}

/** The type of the value that names a row; null for a field whose value names none. */
export function sentType(type: FieldType): InputValueType | null {
  if (type.kind === 'ref') return { kind: 'scalar', scalar: type.scalar, min: null, max: null, pattern: null, precision: null }
  // A call has the clear text, as any other.
  if (type.kind === 'scalar' && isEncrypted(type.scalar)) return withoutEncryption(type)
  return type.kind === 'computed' || type.kind === 'password' || type.kind === 'list' || type.kind === 'file' ? null : type
}

function withoutEncryption({ boundTo: _, ...type }: ScalarType): ScalarType {
  return { ...type, scalar: 'text' }
}

function namedInput({ name, type }: ActionInput): NamedValue {
  if (type.kind === 'reference') return rowNamed(inputBinding(name), type.entity)
  if (type.type.kind === 'password') return { kind: 'hidden' }
  const scalar = storedScalar(type.type)
  const value = type.type.kind === 'list' ? listType(scalar) : scalarType(scalar)
  const term: Term = { kind: 'input', type: value, field: name }
  return { kind: 'value', term, choices: valuesOfChoice(type.type), ...(type.type.kind === 'file' ? { file: true } : {}) }
}

/** The values of a choice, or of the items of a list; null for another type. */
export function valuesOfChoice(type: FieldType): readonly string[] | null {
  if (type.kind === 'choice') return type.values
  return type.kind === 'list' && type.of.kind === 'choice' ? type.of.values : null
}
