/** Compares the answer of an action with the schema of a contract. Each value that the action may answer must have the schema. */

import { unreachable } from '../../base/unreachable.ts'
import type { DiagnosticCode } from '../findings/catalogue.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { AnswerPart, GivenType } from './given-type.ts'
import { beyondContract, type ValueLimits } from './limits.ts'
import type { ContractReading, Part } from './references.ts'
import { allowsKind, allowsNull, type ContractSchema, isMarked, kindOfValue, schemaOf } from './schema.ts'
import { ANSWERED_AS, givenWords, hasFormat, scalarOfFormat, schemaWords } from './type-words.ts'

/** A part of a design that does not fit the contract. */
export interface Misfit {
  readonly code: DiagnosticCode
  readonly at: Path
  readonly message: string
  readonly hint: string
}

/** What is compared: the contract, the name of the action, and the way to the value, such as `article.author`. */
export interface Compared {
  readonly reading: ContractReading
  readonly action: string
  readonly label: string
}

/** Where a part of a contract is, for messages: `openapi.yml:120`. */
export function contractPlace({ document }: ContractReading, part: Part | Path): string {
  const at = document.at('value' in part ? part.path : part)
  return `${at.file ?? document.file}${at.line === undefined ? '' : `:${at.line}`}`
}

/** What does not fit, in the order of the schema and the answer. A schema that has a finding of its own fits. */
export function compareAnswer(given: AnswerPart, part: Part, compared: Compared): readonly Misfit[] {
  const schema = schemaOf(compared.reading, part)
  if (schema === null) return []
  const own = compareType(given, schema, compared)
  if (own.length > 0) return own
  // The whole schema has judged null.
  const present = { ...given, type: withoutNull(given.type) }
  return schema.choices.flatMap((choice) => bestOf(choice.map((one) => compareAnswer(present, one, compared))))
}

function withoutNull(type: GivenType): GivenType {
  return type.kind === 'scalar' || type.kind === 'list' || type.kind === 'object' ? { ...type, nullable: false } : type
}

/** The misfits of the alternative that fits best. */
function bestOf(alternatives: readonly (readonly Misfit[])[]): readonly Misfit[] {
  return alternatives.reduce((best, one) => (one.length < best.length ? one : best), alternatives[0] ?? [])
}

function compareType(given: AnswerPart, schema: ContractSchema, compared: Compared): readonly Misfit[] {
  const { type } = given
  switch (type.kind) {
    case 'any':
      return []
    case 'constant':
      return fitsConstant(type.value, schema) ? [] : [differs(given, schema, compared)]
    case 'scalar':
      return compareScalar(given, type, { schema, compared })
    case 'list': {
      if (!allowsKind(schema.kinds, 'array')) return [differs(given, schema, compared)]
      const label = `${compared.label}[]`
      const items = schema.items === null ? [] : compareAnswer(type.of, schema.items, { ...compared, label })
      return [
        ...(type.nullable ? missingNull(given, schema, compared) : []),
        ...exceeds(given, type.limits, { schema, compared }),
        ...items,
      ]
    }
    case 'map': {
      if (!allowsKind(schema.kinds, 'object') || schema.others === 'refused') return [differs(given, schema, compared)]
      const label = `${compared.label}.*`
      return [
        ...[...schema.required].map((name) => lacks(given, name, { schema, compared })),
        ...(schema.others === 'any' ? [] : compareAnswer(type.of, schema.others, { ...compared, label })),
      ]
    }
    case 'object':
      return allowsKind(schema.kinds, 'object')
        ? [...(type.nullable ? missingNull(given, schema, compared) : []), ...compareMembers(given, type.members, { schema, compared })]
        : [differs(given, schema, compared)]
    default:
      return unreachable(type)
  }
}

interface Against {
  readonly schema: ContractSchema
  readonly compared: Compared
}

function compareMembers(given: AnswerPart, members: ReadonlyMap<string, AnswerPart>, { schema, compared }: Against): readonly Misfit[] {
  const missing = [...schema.required].filter(
    (name) => !members.has(name) && !isMarked(compared.reading, schema.members.get(name), 'writeOnly'),
  )
  const found = [...members].flatMap(([name, member]) => {
    const label = compared.label === '' ? name : `${compared.label}.${name}`
    const part = schema.members.get(name) ?? schema.others
    if (part === 'any') return []
    if (part === 'refused') return [isExtra(member, label, { schema, compared })]
    return compareAnswer(whenPresent(member), part, { ...compared, label })
  })
  return [...missing.map((name) => lacks(given, name, { schema, compared })), ...found]
}

/** A member where it is answered: one that is left out where it is null has a value. */
function whenPresent(member: AnswerPart): AnswerPart {
  if (member.absent !== true) return member
  const isNull = member.type.kind === 'constant' && member.type.value === null
  return { ...member, type: isNull ? { kind: 'any' } : withoutNull(member.type) }
}

function lacks(given: AnswerPart, name: string, { schema, compared }: Against): Misfit {
  const { action, label, reading } = compared
  const way = label === '' ? name : `${label}.${name}`
  return {
    code: 'PLN-D537',
    at: given.at,
    message: `the answer of ${action} lacks ${quote(way)}, which the contract requires (${contractPlace(reading, schema.part)})`,
    hint: `add ${name} to the answer or its shape`,
  }
}

function isExtra(given: AnswerPart, label: string, { schema, compared }: Against): Misfit {
  return {
    code: 'PLN-D538',
    at: given.at,
    message: `the contract has no ${quote(label)} and allows no other members (${contractPlace(compared.reading, schema.part)})`,
    hint: 'remove it from the answer',
  }
}

function compareScalar(given: AnswerPart, type: Extract<GivenType, { kind: 'scalar' }>, { schema, compared }: Against): readonly Misfit[] {
  const kind = ANSWERED_AS[type.scalar]
  const fits =
    (kind === null || allowsKind(schema.kinds, kind)) && (kind !== 'string' || fitsFormat(type, schema)) && fitsValues(type, schema)
  if (!fits) return [differs(given, schema, compared)]
  // A decimal is answered as text.
  const limits = type.scalar === 'decimal' ? undefined : type.limits
  return [...(type.nullable ? missingNull(given, schema, compared) : []), ...exceeds(given, limits, { schema, compared })]
}

/** The limits of the contract that values may exceed. */
function exceeds({ at }: AnswerPart, limits: ValueLimits | undefined, { schema, compared }: Against): readonly Misfit[] {
  if (limits === undefined) return []
  const where = contractPlace(compared.reading, schema.part)
  const found = beyondContract(limits, schema.limits, named(compared.label))
  return found.map(({ message, hint }) => ({ code: 'PLN-D586', at, message: `${message} (${where})`, hint: `${hint} at the field` }))
}

/** Whether a text has the format. The text of an expression is not compared with it. */
function fitsFormat({ scalar, declared }: Extract<GivenType, { kind: 'scalar' }>, schema: ContractSchema): boolean {
  if (scalar === 'text' && !declared) return true
  // RFC 3339 requires an offset in `time`, and a time of Plinth has none.
  const formats = [schema.format, ...schema.otherFormats]
  if (formats.includes('time')) return false
  return formats.map(scalarOfFormat).every((wanted) => wanted === null || wanted === scalar)
}

/** Whether the words of a choice are among the values of the schema. An expression is not compared with them. */
function fitsValues({ values, declared }: Extract<GivenType, { kind: 'scalar' }>, schema: ContractSchema): boolean {
  if (schema.values === null) return true
  return values === null ? !declared : values.every((value) => schema.values?.includes(value) === true)
}

function fitsConstant(value: unknown, { kinds, values, format, otherFormats }: ContractSchema): boolean {
  const formats = format === null ? otherFormats : [format, ...otherFormats]
  const known = typeof value !== 'string' || formats.every((one) => hasFormat(value, one))
  return allowsKind(kinds, kindOfValue(value)) && (values === null || values.includes(value)) && known
}

function missingNull(given: AnswerPart, schema: ContractSchema, compared: Compared): readonly Misfit[] {
  const { reading, label } = compared
  if (allowsNull(reading, schema)) return []
  return [
    {
      code: 'PLN-D538',
      at: given.at,
      message: `${named(label)} may be null here, and the contract allows no null (${contractPlace(reading, schema.part)})`,
      hint: 'make the field or reference required, or write what is answered without it: x == null ? "" : x',
    },
  ]
}

function differs(given: AnswerPart, schema: ContractSchema, { reading, label }: Compared): Misfit {
  const here = givenWords(given.type)
  return {
    code: 'PLN-D538',
    at: given.at,
    message: `${named(label)} is ${here} here and ${schemaWords(schema)} in the contract (${contractPlace(reading, schema.part)})`,
    hint: remedy(given.type, schema),
  }
}

function named(label: string): string {
  return label === '' ? 'the answer' : quote(label)
}

/** What to write instead, by the two types. */
function remedy(type: GivenType, schema: ContractSchema): string {
  if (schema.values !== null) return 'use a choice with these values, or a constant'
  const format = scalarOfFormat(schema.format)
  if (schema.format === 'time' && type.kind === 'scalar' && type.scalar === 'time') return 'write string(…) + "Z"'
  if (format !== null && allowsKind(schema.kinds, 'string')) return `use a value of the type ${format}`
  if (type.kind === 'scalar' && type.scalar === 'decimal' && allowsKind(schema.kinds, 'number')) return 'write double(…) around it'
  if (type.kind === 'scalar' && allowsKind(schema.kinds, 'string')) return 'write string(…) around it'
  if (type.kind === 'scalar' && allowsKind(schema.kinds, 'integer') && !allowsKind(schema.kinds, 'number')) return 'write int(…) around it'
  if (allowsKind(schema.kinds, 'object')) return 'answer an object, such as a shape or { name: … }'
  if (allowsKind(schema.kinds, 'array')) return 'answer a list, such as { each: x in …, is: … }'
  return 'answer a value of the type in the contract'
}
