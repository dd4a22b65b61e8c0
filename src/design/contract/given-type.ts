/** What the answer of an action is made of, in the form in which it is compared with the schemas of a contract. */

import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionInput, AnswerTree } from '../../model/action.ts'
import type { RowPath, Term } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Entity, type Field, isToken, storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { Path } from '../findings/source.ts'
import { typeLimits, type ValueLimits } from './limits.ts'

/** A part of an answer: the type of its values, and where the design has it. */
export interface AnswerPart {
  readonly type: GivenType
  readonly at: Path
  /** The part is a member that is left out where it is null. */
  readonly absent?: true
}

/** The type of the values of a part. */
export type GivenType =
  /** Any JSON. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'scalar'
      readonly scalar: ScalarKind
      /** The words of a choice; null for any value. */
      readonly values: readonly string[] | null
      /** Whether a field declares the type. The text of an expression may have a format that its type does not say. */
      readonly declared: boolean
      readonly nullable: boolean
      /** Those of its field; without it, the type says none. */
      readonly limits?: ValueLimits
    }
  | { readonly kind: 'constant'; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly of: AnswerPart; readonly nullable: boolean; readonly limits?: ValueLimits }
  | { readonly kind: 'map'; readonly of: AnswerPart }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, AnswerPart>; readonly nullable: boolean }

/** The entities by name. */
export type Entities = ReadonlyMap<string, Entity>

/** What an action answers; null for no body. */
export function givenAnswer(action: Action, entities: Entities): AnswerPart | null {
  const at = [...action.at, 'answer']
  if (action.run !== null) return givenOutput(action.run.output, [...action.at, 'output'])
  return action.answer.kind === 'none' ? null : givenTree(action.answer, { entities, at })
}

/** The output of code; without one, it may answer anything. */
function givenOutput(output: readonly ActionInput[], at: Path): AnswerPart {
  if (output.length === 0) return { type: { kind: 'any' }, at }
  const members = output.map(({ name, type, nullable, optional }) => {
    const values = ofField(type.type, { nullable: nullable || optional, at: [...at, name] })
    return [name, values] as const
  })
  return { type: { kind: 'object', members: new Map(members), nullable: false }, at }
}

interface TreePlace {
  readonly entities: Entities
  readonly at: Path
}

function givenTree(tree: AnswerTree, { entities, at }: TreePlace): AnswerPart {
  switch (tree.kind) {
    case 'none':
    case 'output':
      return { type: { kind: 'any' }, at }
    case 'constant':
      return { type: tree, at }
    case 'token':
      return { type: text(true), at }
    case 'session':
      return { type: text(false), at }
    case 'value':
      return givenTerm(tree.value, { entities, at })
    case 'row':
      return mayBeMissing(givenRow(entities.get(tree.row.entity), at), tree.row, entities)
    case 'shape':
      return mayBeMissing(givenTree(tree.of, { entities, at }), tree.row, entities)
    case 'object': {
      const members = tree.members.map(({ name, of, absent }) => {
        const given = givenTree(of, { entities, at: [...at, name] })
        return [name, absent === true ? { ...given, absent } : given] as const
      })
      return { type: { kind: 'object', members: new Map(members), nullable: false }, at }
    }
    case 'list': {
      const of = givenTree(tree.of, { entities, at: [...at, 'is'] })
      return { type: tree.key === null ? { kind: 'list', of, nullable: false } : { kind: 'map', of }, at }
    }
    default:
      return unreachable(tree)
  }
}

function text(nullable: boolean): GivenType {
  return { kind: 'scalar', scalar: 'text', values: null, declared: false, nullable }
}

/** An answer about a row; null if an optional reference leads to the row and is missing. */
function mayBeMissing(given: AnswerPart, row: RowPath, entities: Entities): AnswerPart {
  return given.type.kind === 'object' ? { ...given, type: { ...given.type, nullable: isBehindOptional(row, entities) } } : given
}

/** The row as a read of its entity gives it. */
function givenRow(entity: Entity | undefined, at: Path): AnswerPart {
  if (entity === undefined) return { type: { kind: 'any' }, at }
  const shown = entity.fields.filter((field) => !field.private && field.type.kind !== 'password' && !isToken(field))
  const derived = entity.derived.filter((field) => !field.private)
  const members = new Map([
    ...shown.map((field) => [field.name, ofField(field.type, { nullable: field.optional, at })] as const),
    ...derived.map(({ name, term }) => [name, ofTerm(term, { nullable: false, at })] as const),
  ])
  return { type: { kind: 'object', members, nullable: false }, at }
}

interface ValuePlace {
  readonly nullable: boolean
  readonly at: Path
}

function ofField(type: FieldType, { nullable, at }: ValuePlace): AnswerPart {
  if (type.kind === 'list') {
    const values = type.of.kind === 'choice' ? type.of.values : null
    const item: GivenType = scalarOf(storedScalar(type), { values, declared: true, nullable: false, ...limited(type.of) })
    return { type: { kind: 'list', of: { type: item, at }, nullable, ...limited(type) }, at }
  }
  if (type.kind === 'file') return { type: { kind: 'object', members: fileMembers(at), nullable }, at }
  const values = type.kind === 'choice' ? type.values : null
  return { type: scalarOf(storedScalar(type), { values, declared: type.kind !== 'computed', nullable, ...limited(type) }), at }
}

/** The members of a file. */
function fileMembers(at: Path): ReadonlyMap<string, AnswerPart> {
  const size = scalarOf('integer', { values: null, declared: false, nullable: false })
  const texts = (['name', 'type', 'url'] as const).map((name) => [name, { type: text(false), at }] as const)
  return new Map([...texts, ['size', { type: size, at }]])
}

/** The limits of a type, if it has any. */
function limited(type: FieldType): { readonly limits?: ValueLimits } {
  const limits = typeLimits(type)
  return limits === null ? {} : { limits }
}

function scalarOf(scalar: ScalarKind, facts: Omit<Extract<GivenType, { kind: 'scalar' }>, 'kind' | 'scalar'>): GivenType {
  return scalar === 'json' ? { kind: 'any' } : { kind: 'scalar', scalar, ...facts }
}

function givenTerm(term: Term, { entities, at }: TreePlace): AnswerPart {
  if (term.kind === 'literal' && !Array.isArray(term.value))
    return { type: { kind: 'constant', value: term.value as string | number | boolean }, at }
  if (term.kind === 'null') return { type: { kind: 'constant', value: null }, at }
  const field = term.kind === 'field' ? fieldBehind(term.row, term.field, entities) : undefined
  const nullable = isNullable(term, entities)
  return field === undefined ? ofTerm(term, { nullable, at }) : ofField(field.type, { nullable, at })
}

function ofTerm({ type: { scalar, list } }: Term, { nullable, at }: ValuePlace): AnswerPart {
  if (!list) return { type: scalarOf(scalar, { values: null, declared: false, nullable }), at }
  const item = scalarOf(scalar, { values: null, declared: false, nullable: false })
  return { type: { kind: 'list', of: { type: item, at }, nullable }, at }
}

/** The field of a row; undefined for one that the entity computes when it is read, and for an unknown one. */
export function fieldBehind(row: RowPath, name: string, entities: Entities): Field | undefined {
  return entities.get(row.entity)?.fields.find((field) => field.name === name)
}

/**
 * Whether a value is certain to be null for some rows: an optional field, one behind an optional reference, or the least of no rows. A
 * value inside a condition counts as present, because the condition may be the test for it. Read rules are not considered.
 */
function isNullable(term: Term, entities: Entities): boolean {
  switch (term.kind) {
    case 'field':
      return fieldBehind(term.row, term.field, entities)?.optional === true || isBehindOptional(term.row, entities)
    case 'aggregate':
    case 'aggregateItems':
      return term.name === 'min' || term.name === 'max' || term.name === 'avg'
    case 'if':
      return term.yes.kind === 'null' || term.no.kind === 'null'
    case 'derived':
      return isNullable(term.of, entities)
    case 'null':
      return true
    case 'literal':
    case 'param':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
    case 'list':
    case 'call':
    case 'count':
    case 'predicate':
      return false
    default:
      return unreachable(term)
  }
}

/** Whether a reference on the way to a row may be missing. */
function isBehindOptional({ root, hops }: RowPath, entities: Entities): boolean {
  let entity = root
  return hops.some((hop) => {
    const isOptional = entities.get(entity)?.fields.find(({ name }) => name === hop.field)?.optional === true
    entity = hop.entity
    return isOptional
  })
}
