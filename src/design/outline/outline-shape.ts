/** Makes the shape, which has the names that expressions may use, from the outline of a design. */

import { unreachable } from '../../base/unreachable.ts'
import type { Claim } from '../../model/caller.ts'
import type { Term, ValueType } from '../../model/expression.ts'
import { listType, scalarType } from '../../model/expression.ts'
import { isOfOwnRow } from '../../model/own-row.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { FieldDesign, FieldKind, TextOptions } from '../authoring/field-design.ts'
import type { EntityShape, FieldShape, Shape } from '../expression/shape.ts'
import type { EntityOutline, Outline } from './outline.ts'

/**
 * The scalar that stores one value of the field, or one item of a list. `json` for a computed field, whose type follows from its
 * expression.
 */
export function scalarOfDesign(design: FieldDesign, outline: Outline): ScalarKind {
  switch (design.type) {
    case 'choice':
    case 'password':
    case 'token':
      return 'text'
    case 'list':
      return design.of.type === 'choice' ? 'text' : design.of.type
    case 'ref':
      return outline.entities.get(design.entity)?.idScalar ?? 'uuid'
    case 'computed':
    case 'file':
      return 'json'
    case 'sequence':
      return 'integer'
    case 'text':
      return encryptedAs(design) ?? 'text'
    case 'email':
    case 'url':
    case 'uuid':
    case 'integer':
    case 'decimal':
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
    case 'json':
      return design.type
    default:
      return unreachable(design)
  }
}

/** The scalar of an encrypted text; null for any other text. */
export function encryptedAs({ encrypted = false }: Pick<TextOptions, 'encrypted'>): 'encrypted' | 'encryptedEqual' | null {
  if (encrypted === false) return null
  return encrypted !== true && encrypted.equality ? 'encryptedEqual' : 'encrypted'
}

/** Computed fields by entity and name, once their values are known. */
type ComputedTerms = ReadonlyMap<string, ReadonlyMap<string, Term>>

/** The parts of a design that a shape is made of. */
export interface Nameable {
  readonly outline: Outline
  readonly claims: readonly Claim[]
  readonly rules: ReadonlyMap<string, string>
  /** Empty while the computed fields themselves are compiled. */
  readonly computed: ComputedTerms
}

/** The names of the design and their types. References to entities that do not exist are left out. */
export function shapeOfOutline({ outline, claims, rules, computed }: Nameable): Shape {
  return {
    entities: new Map([...outline.entities].map(([name, entity]) => [name, entityShape(entity, outline, computed.get(name))])),
    claims: new Map(claims.map((claim) => [claim.name, { ...scalarType(claim.scalar), choices: choicesOf(claim, outline) }])),
    rules,
    signsIn: signsInOf(outline),
  }
}

/** Types of fields that cannot be claims, because a claim is a single value. */
export const NO_CLAIM: readonly FieldKind[] = ['password', 'token', 'json', 'list', 'file', 'computed']

function signsInOf(outline: Outline): Shape['signsIn'] {
  const identity = identityOf(outline)
  if (identity === undefined) return undefined
  const fields = [...identity.fields.values()].filter(({ design }) => !NO_CLAIM.includes(design.type))
  return { entity: identity.name, fields: new Set(fields.map(({ name }) => name)) }
}

function identityOf(outline: Outline): EntityOutline | undefined {
  return [...outline.entities.values()].find((entity) => entity.design.identity !== undefined)
}

function choicesOf(claim: Claim, outline: Outline): readonly string[] | null {
  const design = identityOf(outline)?.fields.get(claim.field)?.design
  return design?.type === 'choice' ? design.values : null
}

function entityShape(entity: EntityOutline, outline: Outline, computed: ReadonlyMap<string, Term> | undefined): EntityShape {
  const fields = new Map<string, FieldShape>([['id', value(scalarType(entity.idScalar))]])
  for (const { name, design } of entity.fields.values()) {
    const shape = name === 'id' ? null : fieldShape(design, outline, computed?.get(name))
    if (shape !== null) fields.set(name, shape)
  }
  fields.set('createdAt', value(scalarType('timestamp')))
  fields.set('updatedAt', value(scalarType('timestamp')))
  fields.set('version', value(scalarType('integer')))
  if (entity.design.softDelete === true) fields.set('deletedAt', { ...value(scalarType('timestamp')), optional: true })
  return { name: entity.name, fields, relations: entity.relations }
}

function value(type: ValueType): Extract<FieldShape, { kind: 'value' }> {
  return { kind: 'value', type, optional: false, choices: null }
}

/** The shape of a field; null when its type is not known. */
function fieldShape(design: FieldDesign, outline: Outline, computed: Term | undefined): FieldShape | null {
  const optional = 'optional' in design && design.optional === true
  const scalar = scalarOfDesign(design, outline)
  switch (design.type) {
    case 'password':
    case 'token':
      return { kind: 'hidden', of: design.type }
    case 'ref':
      return outline.entities.has(design.entity) ? { kind: 'ref', entity: design.entity, type: scalarType(scalar), optional } : null
    case 'choice':
      return { ...value(scalarType(scalar)), optional, choices: design.values }
    case 'list':
      return { ...value(listType(scalar)), optional, choices: design.of.type === 'choice' ? design.of.values : null }
    case 'sequence':
      return value(scalarType(scalar))
    case 'computed':
      if (computed === undefined) return null
      if (isOfOwnRow(computed)) return { ...value(computed.type), optional: true }
      // An action may name a row that its caller may not read. Then the field is missing, whatever its expression gives.
      return { kind: 'derived', term: computed, type: computed.type, named: true }
    case 'text':
      return encryptedAs(design) === null ? { ...value(scalarType(scalar)), optional } : { kind: 'hidden', of: 'encrypted text' }
    case 'email':
    case 'url':
    case 'uuid':
    case 'integer':
    case 'decimal':
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
    case 'json':
    case 'file':
      return { ...value(scalarType(scalar)), optional }
    default:
      return unreachable(design)
  }
}
