/** The schemas of the answers of actions, and the components of shapes. */

import { unreachable } from '../../base/unreachable.ts'
import type { AnswerTree } from '../../model/action.ts'
import type { SessionPart } from '../../model/caller.ts'
import type { Term } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import type { NamedShape } from '../../model/named-shape.ts'
import { isAlways } from '../../model/predicate.ts'
import { viewOf } from '../rules/view.ts'
import { answeredSchema, nullable } from '../values/schemas.ts'
import { componentRef, type JsonObject, prose } from './component-names.ts'
import type { Scope } from './scope.ts'

/** The schema of an answer. */
export function treeSchema(scope: Scope, tree: AnswerTree): JsonObject {
  switch (tree.kind) {
    case 'none':
      return { type: 'null' }
    case 'output':
      return {}
    case 'constant':
      return { const: tree.value }
    case 'value':
      return nullable(answeredSchema(plainType(tree.value.type)))
    case 'token':
      return { type: ['string', 'null'], description: 'A secret that is shown once. A repetition of the request gets null.' }
    case 'session':
      return { type: ['string', 'null'], description: SESSION_PARTS[tree.part] }
    case 'row': {
      const { entity } = viewOf(scope.view, tree.row.entity)
      return { anyOf: [componentRef('schemas', scope.componentOf(entity, '')), { type: 'null' }] }
    }
    case 'shape':
      return { anyOf: [componentRef('schemas', scope.shapeComponentOf(tree.shape)), { type: 'null' }] }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(tree.members.map(({ name, of }) => [name, treeSchema(scope, of)])),
        required: tree.members.map(({ name }) => name),
      }
    case 'list': {
      const items = treeSchema(scope, tree.of)
      return tree.key === null ? { type: 'array', items } : { type: 'object', additionalProperties: items }
    }
    default:
      return unreachable(tree)
  }
}

const SESSION_PARTS: Readonly<Record<SessionPart, string>> = {
  token: 'The access token of the account. A repetition of the request gets a new one.',
  refreshToken: 'The token with which `POST /api/auth/refresh` gives a new access token.',
}

/** The components of the shapes. */
export function shapeComponents(scope: Scope): JsonObject {
  return Object.fromEntries(scope.model.shapes.map((shape) => [scope.shapeComponentOf(shape.name), shapeSchema(scope, shape)]))
}

function shapeSchema(scope: Scope, { of, as, description }: NamedShape): JsonObject {
  const described = description === null ? {} : { description: prose(description) }
  if (of.kind !== 'object') return { ...treeSchema(scope, of), ...described }
  const members = of.members.map(({ name, of: member }) => [name, memberSchema(scope, member, as)] as const)
  return { type: 'object', ...described, properties: Object.fromEntries(members), required: members.map(([name]) => name) }
}

/** The schema of a member of a shape. The row `as` of the shape is there, so its fields are null only if they are missing or hidden. */
function memberSchema(scope: Scope, tree: AnswerTree, as: string): JsonObject {
  if (tree.kind !== 'value') return treeSchema(scope, tree)
  const { value } = tree
  const schema = answeredSchema(fieldTypeOf(scope.model, value) ?? plainType(value.type))
  return isSurelyThere(scope.model, value, as) ? schema : nullable(schema)
}

/** The type of the field that a value is; null for any other value, and for a computed field. */
function fieldTypeOf(model: Model, value: Term): FieldType | null {
  if (value.kind !== 'field') return null
  const { type } = fieldNamed(entityNamed(model, value.row.entity), value.field)
  return type.kind === 'computed' ? null : type
}

function isSurelyThere(model: Model, value: Term, as: string): boolean {
  if (value.kind === 'count') return value.over.of.binding === as && value.over.of.hops.length === 0
  if (value.kind !== 'field' || value.row.binding !== as || value.row.hops.length > 0) return false
  const { type, optional, read } = fieldNamed(entityNamed(model, value.row.entity), value.field)
  return type.kind !== 'computed' && !optional && isAlways(read)
}

function plainType({ scalar, list }: Term['type']): FieldType {
  const plain = { kind: 'scalar', scalar, min: null, max: null, pattern: null, precision: null } as const
  return list ? { kind: 'list', of: plain, min: null, max: Number.MAX_SAFE_INTEGER } : plain
}
