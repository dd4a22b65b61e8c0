/** The shape of a design: the names that expressions may use, with their types. The resolver and the server each make one. */

import { unreachable } from '../../base/unreachable.ts'
import type { Term, ValueType } from '../../model/expression.ts'
import { listType, scalarType } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { entityNamed, fieldNamed, isToken, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { isSealed } from '../../model/privacy/sealed.ts'

/** The names that expressions may use. */
export interface Shape {
  readonly entities: ReadonlyMap<string, EntityShape>
  readonly claims: ReadonlyMap<string, ClaimShape>
  /** The entity whose rows sign in, and its fields that could be claims; for hints of designs alone. */
  readonly signsIn?: { readonly entity: string; readonly fields: ReadonlySet<string> } | undefined
  /** Named rules by name, as written. */
  readonly rules: ReadonlyMap<string, string>
}

/** The type of a claim; with `choices`, a constant that it is compared with must be one of them. */
interface ClaimShape extends ValueType {
  readonly choices?: readonly string[] | null
}

/** The names of an entity. */
export interface EntityShape {
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldShape>
  /** To-many relations: the entity whose `via` reference points back here. */
  readonly relations: ReadonlyMap<string, { readonly entity: string; readonly via: string }>
}

/** The type of a field, as far as expressions need it. */
export type FieldShape =
  | { readonly kind: 'value'; readonly type: ValueType; readonly optional: boolean; readonly choices: readonly string[] | null }
  | { readonly kind: 'ref'; readonly entity: string; readonly type: ValueType; readonly optional: boolean }
  /** A computed field that is no column: an expression that names it contains its value. */
  | {
      readonly kind: 'derived'
      readonly term: Term
      readonly type: ValueType
      /** Whether the field keeps its name in expressions, because it has a read rule or is computed over all rows. */
      readonly named: boolean
    }
  /** A password, a token or an encrypted text: it may not be used in any expression. */
  | { readonly kind: 'hidden'; readonly of: 'password' | 'token' | 'encrypted text' }

/** The shape of a resolved model, for expressions in requests. It has no named rules, because callers may not use them. */
export function shapeOf(model: Model): Shape {
  return {
    entities: new Map(model.entities.map((entity) => [entity.name, entityShape(entity)])),
    claims: new Map(
      model.claims.map((claim) => {
        const field = model.identity === null ? null : fieldNamed(entityNamed(model, model.identity.entity), claim.field)
        return [claim.name, { ...scalarType(claim.scalar), choices: field?.type.kind === 'choice' ? field.type.values : null }]
      }),
    ),
    rules: new Map(),
  }
}

function entityShape(entity: Entity): EntityShape {
  return {
    name: entity.name,
    fields: new Map([
      ...entity.fields.map((field): [string, FieldShape] => [field.name, fieldShape(field)]),
      ...entity.derived.map(({ name, term, as, read }): [string, FieldShape] => [
        name,
        { kind: 'derived', term, type: term.type, named: as === 'system' || !isAlways(read) },
      ]),
    ]),
    relations: new Map(entity.relations.map((relation) => [relation.name, { entity: relation.entity, via: relation.via }])),
  }
}

function fieldShape(field: Field): FieldShape {
  const { type, optional } = field
  switch (type.kind) {
    case 'password':
      return { kind: 'hidden', of: 'password' }
    case 'ref':
      return { kind: 'ref', entity: type.entity, type: scalarType(type.scalar), optional }
    case 'choice':
      return { kind: 'value', type: scalarType('text'), optional, choices: type.values }
    case 'list':
      return { kind: 'value', type: listType(storedScalar(type)), optional, choices: type.of.kind === 'choice' ? type.of.values : null }
    case 'scalar':
      if (isSealed(field)) return { kind: 'hidden', of: 'encrypted text' }
      return isToken(field) ? { kind: 'hidden', of: 'token' } : { kind: 'value', type: scalarType(type.scalar), optional, choices: null }
    case 'computed':
      return { kind: 'value', type: scalarType(type.scalar), optional: true, choices: null }
    case 'file':
      return { kind: 'value', type: scalarType('json'), optional, choices: null }
    default:
      return unreachable(type)
  }
}
