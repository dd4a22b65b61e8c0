/** Compares an input of an action with the schema of a contract. Each value that the contract allows must be a value of the input. */

import { unreachable } from '../../base/unreachable.ts'
import type { ActionInput, InputValueType } from '../../model/action.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { type Compared, contractPlace, type Misfit } from './compare-answer.ts'
import { typeLimits, unlikeContract } from './limits.ts'
import type { Part } from './references.ts'
import { allowsNull, type ContractSchema, type JsonKind, schemaOf } from './schema.ts'
import { scalarOfFormat, schemaWords } from './type-words.ts'

/** The input that a parameter or a member of the body goes to. */
export interface InputUse {
  readonly input: ActionInput
  /** Whether the contract requires it. */
  readonly required: boolean
  /** Whether null can be sent for it: in a body, and not in an address. */
  readonly inBody: boolean
  /** Where the design has the input. */
  readonly at: Path
}

/** What does not fit. A schema that has a finding of its own fits, and so does a parameter without a schema. */
export function compareInput(use: InputUse, part: Part | null, compared: Compared): readonly Misfit[] {
  const schema = part === null ? null : schemaOf(compared.reading, part)
  return [
    ...requires(use, part, compared),
    ...(part === null || schema === null ? [] : compareValues(use, { type: use.input.type.type, schema }, compared)),
    ...(schema === null || !use.inBody ? [] : refusesNull(use, schema, compared)),
  ]
}

/** An input that must be sent although the contract lets clients leave it out. */
function requires({ input, required, at }: InputUse, part: Part | null, { reading, label }: Compared): readonly Misfit[] {
  if (required || input.optional || input.default !== null) return []
  const where = part === null ? '' : ` (${contractPlace(reading, part)})`
  const message = `clients may leave out ${quote(label)}${where}, and a request without it is refused here`
  return [{ code: 'PLN-D587', at, message, hint: 'let the contract require it; or write ? behind its type, or a default' }]
}

function refusesNull({ input, at }: InputUse, schema: ContractSchema, { reading, label }: Compared): readonly Misfit[] {
  if (input.nullable || schema.kinds === null || !allowsNull(reading, schema)) return []
  const message = `clients may send null for ${quote(label)}, and it is refused here (${contractPlace(reading, schema.part)})`
  return [{ code: 'PLN-D538', at, message, hint: 'use an optional field as the type of the input: Entity.field' }]
}

interface ValueUse {
  readonly type: InputValueType
  readonly schema: ContractSchema
}

function compareValues(use: InputUse, { type, schema }: ValueUse, compared: Compared): readonly Misfit[] {
  if (!takesKinds(type, schema) || !takesFormat(type, schema) || !takesWords(type, schema)) {
    const message = `${quote(compared.label)} is ${words(type)} here and ${schemaWords(schema)} in the contract (${contractPlace(compared.reading, schema.part)})`
    return [{ code: 'PLN-D538', at: use.at, message, hint: remedyOf(type, schema) }]
  }
  const limits = typeLimits(type)
  const where = contractPlace(compared.reading, schema.part)
  const unlike = limits === null ? [] : unlikeContract(limits, schema.limits, quote(compared.label))
  const own = unlike.map(({ message, hint }): Misfit => ({ code: 'PLN-D586', at: use.at, message: `${message} (${where})`, hint }))
  if (type.kind !== 'list' || schema.items === null) return own
  const items = schemaOf(compared.reading, schema.items)
  const label = `${compared.label}[]`
  return items === null ? own : [...own, ...compareValues(use, { type: type.of, schema: items }, { ...compared, label })]
}

/** The kinds of JSON values that an input takes; null for any. */
const TAKES: Readonly<Record<ScalarKind, readonly JsonKind[] | null>> = {
  text: ['string'],
  email: ['string'],
  url: ['string'],
  uuid: ['string'],
  integer: ['integer'],
  decimal: ['string', 'number', 'integer'],
  number: ['number', 'integer'],
  boolean: ['boolean'],
  timestamp: ['string'],
  date: ['string'],
  time: ['string'],
  duration: ['string'],
  encrypted: ['string'],
  encryptedEqual: ['string'],
  json: null,
}

function takesKinds(type: InputValueType, { kinds }: ContractSchema): boolean {
  const taken = kindsOf(type)
  return kinds === null || taken === null || [...kinds].every((kind) => kind === 'null' || taken.includes(kind))
}

function kindsOf(type: InputValueType): readonly JsonKind[] | null {
  switch (type.kind) {
    case 'scalar':
      return TAKES[type.scalar]
    case 'choice':
    case 'password':
    case 'file':
      return ['string']
    case 'list':
      return ['array']
    default:
      return unreachable(type)
  }
}

/** An input of text takes any format; one with a format of its own takes texts without a format, of which it refuses some. */
function takesFormat(type: InputValueType, { format, kinds }: ContractSchema): boolean {
  const wanted = scalarOfFormat(format)
  if (wanted === null || type.kind !== 'scalar' || type.scalar === 'text' || type.scalar === 'json') return true
  return kinds?.has('string') !== true || wanted === type.scalar
}

function takesWords(type: InputValueType, { values }: ContractSchema): boolean {
  if (values === null || type.kind !== 'choice') return true
  return values.every((value) => value === null || (typeof value === 'string' && type.values.includes(value)))
}

function words(type: InputValueType): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar
    case 'choice':
      return type.values.slice(0, 5).map(quote).join(' or ')
    case 'password':
      return 'a password'
    case 'file':
      return 'the ticket of an upload'
    case 'list':
      return 'a list'
    default:
      return unreachable(type)
  }
}

function remedyOf(type: InputValueType, { kinds, format, values }: ContractSchema): string {
  if (values !== null && type.kind === 'choice') return 'add the missing values to the choice'
  const wanted = scalarOfFormat(format)
  if (wanted !== null) return `write ${wanted} as its type`
  if (kinds?.has('object') === true) return 'write json as its type'
  if (kinds?.has('array') === true) return 'write { type: list, of: … }'
  const [kind = 'text'] = kinds ?? []
  return `write ${kind === 'string' ? 'text' : kind} as its type`
}
