/** Compiles the value that a step gives to a field: an expression, a constant, or the bare word of a choice. */

import { unreachable } from '../../base/unreachable.ts'
import { listType, scalarType, type Term } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import { storedScalar } from '../../model/model.ts'
import type { ValueDesign } from '../authoring/logic-design.ts'
import type { ExpectedType } from '../expression/compile.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Bare, LogicPlace } from './logic-context.ts'
import { termAt } from './logic-context.ts'

/** What gets the value: a field or an input of a called action. */
export interface ValueTarget {
  /** In messages: `Order.status`. */
  readonly named: string
  readonly type: FieldType
  readonly optional: boolean
  readonly bare: Bare
  /** Whether the value is computed once for each row, so that `uuid()` and `random()` may be used. */
  readonly once: boolean
}

/** Compiles a value; null, with findings, when the target cannot have it. */
export function valueAt(design: ValueDesign, target: ValueTarget, place: LogicPlace): Term | null {
  const { named, type, optional, bare, once } = target
  if (design === null || design === 'null') {
    if (optional) return { kind: 'null', type: expectedOf(type) }
    place.context.report.add('PLN-D312', place.at, `${named} is required, so it cannot become null`, 'give it a value, or make it optional')
    return null
  }
  if (type.kind === 'password') return passwordValue(String(design), named, place)
  if (type.kind === 'file') return fileValue(String(design), named, place)
  const choice = typeof design === 'string' ? bareWord(design, target, place) : undefined
  if (choice !== undefined) return choice
  const value = termAt(place, String(design), { bare, expected: expectedOf(type), once })
  return value === null || isOfEntity(value, target, place) ? value : null
}

/** The value of a file. It must be an input of a field that holds a file, because only such an input is the ticket of an upload. */
function fileValue(source: string, named: string, { at, inputs, context }: LogicPlace): Term | null {
  const name = /^\s*input\.([A-Za-z][A-Za-z0-9]*)\s*$/.exec(source)?.[1]
  const input = name === undefined ? undefined : inputs.get(name)
  if (input?.kind === 'value' && input.file === true) return input.term
  const message = `${named} holds a file, and only an input of a field with a file can be stored in it`
  context.report.add('PLN-D684', at, message, `declare an input such as file: ${named}, and write input.file`)
  return null
}

/** The value of a password. It must be an input of the type password, because only such inputs are hashed. */
function passwordValue(source: string, named: string, { at, inputs, context }: LogicPlace): Term | null {
  const name = /^input\.([A-Za-z][A-Za-z0-9]*)$/.exec(source)?.[1]
  if (name !== undefined && inputs.get(name)?.kind === 'hidden') return { kind: 'input', type: scalarType('text'), field: name }
  context.report.add(
    'PLN-D313',
    at,
    `${named} is a password, and only an input of the type password can be stored in it`,
    'write input.password',
  )
  return null
}

/** The constant of a choice that is written as its bare word; undefined for everything else. */
function bareWord(source: string, { named, type, bare }: ValueTarget, { names, context, at }: LogicPlace): Term | null | undefined {
  if (type.kind !== 'choice' || !/^[\p{L}\p{N}_-]+$/u.test(source)) return undefined
  const { values } = type
  const isField = bare !== null && context.entities.get(bare.entity)?.fields.some((each) => each.name === source) === true
  const isName = isField || names.has(source)
  if (values.includes(source)) {
    if (!isName) return { kind: 'literal', type: scalarType('text'), value: source }
    const message = `${quote(source)} is a value of ${named} and a name here, and could be either`
    context.report.add('PLN-D503', at, message, `write '"${source}"' for the value`)
    return null
  }
  if (isName || context.shape.rules.has(source) || !/^[A-Za-z]/.test(source)) return undefined
  const near = didYouMean(source, values)
  const hint = near === '' ? `the values are ${values.join(', ')}` : undefined
  context.report.add('PLN-D513', at, `${quote(source)} is no value of ${named}${near}`, hint)
  return null
}

/** The type that an expression for the field must have. */
function expectedOf(type: FieldType): ExpectedType {
  const scalar = storedScalar(type)
  switch (type.kind) {
    case 'choice':
      return { ...scalarType(scalar), choices: type.values }
    case 'list':
      return { ...listType(scalar), choices: type.of.kind === 'choice' ? type.of.values : null }
    case 'scalar':
    case 'ref':
    case 'computed':
    case 'password':
    case 'file':
      return scalarType(scalar)
    default:
      return unreachable(type)
  }
}

/** Whether a reference gets a row of its entity; reports a row of another one. */
function isOfEntity(value: Term, { named, type }: ValueTarget, place: LogicPlace): boolean {
  if (type.kind !== 'ref') return true
  const entity = entityOf(value, place)
  if (entity === null || entity === type.entity) return true
  place.context.report.add('PLN-D312', place.at, `${named} is one ${type.entity}, and this is one ${entity}`)
  return false
}

/** The entity of the row whose id a value is; null when that is not known. */
export function entityOf(value: Term, { context }: Pick<LogicPlace, 'context'>): string | null {
  if (value.kind === 'if') return entityOf(value.yes, { context }) ?? entityOf(value.no, { context })
  if (value.kind === 'auth') return value.claim === 'id' ? (context.shape.signsIn?.entity ?? null) : null
  if (value.kind !== 'field') return null
  if (value.field === 'id') return value.row.entity
  const field = context.shape.entities.get(value.row.entity)?.fields.get(value.field)
  return field?.kind === 'ref' ? field.entity : null
}
