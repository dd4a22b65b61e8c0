/** The rules of a model, and the model with another rule in the place of one of them. */

import type { Predicate } from '../../../model/expression.ts'
import type { Access, Entity, Field, Model } from '../../../model/model.ts'
import { isAlways, isNever } from '../../../model/predicate.ts'
import type { AccessRule } from '../../expected/written-design.ts'

const RULES: readonly AccessRule[] = ['read', 'create', 'update.from', 'update.to', 'delete']

/** A rule of the model. */
export interface RulePlace {
  /** The claim about it: `access/Post.read`, `access/User.email.read`. */
  readonly claim: string
  readonly entity: string
  /** The rule of an operation; null for that of a field. */
  readonly operation: AccessRule | null
  /** The field and what the rule is about; null for the rule of an operation. */
  readonly field: { readonly name: string; readonly of: 'read' | 'write' } | null
  readonly rule: Predicate
  readonly put: (model: Model, rule: Predicate) => Model
}

/** The rules of all operations, and those of fields that the design says something about. */
export function rulePlaces(model: Model): readonly RulePlace[] {
  return model.entities.flatMap((entity) => [...operationPlaces(entity), ...entity.fields.flatMap((field) => fieldPlaces(entity, field))])
}

/** The model with another entity. */
export function withEntity(model: Model, name: string, change: (entity: Entity) => Partial<Entity>): Model {
  return { ...model, entities: model.entities.map((entity) => (entity.name === name ? { ...entity, ...change(entity) } : entity)) }
}

/** The model with another field. */
export function withField(model: Model, entity: string, name: string, change: (field: Field) => Partial<Field>): Model {
  return withEntity(model, entity, ({ fields }) => ({
    fields: fields.map((field) => (field.name === name ? { ...field, ...change(field) } : field)),
  }))
}

/** The rule of an operation. */
export function accessRule({ access }: Pick<Entity, 'access'>, rule: AccessRule): Predicate {
  switch (rule) {
    case 'read':
    case 'create':
    case 'delete':
      return access[rule]
    case 'update.from':
      return access.update.from
    case 'update.to':
      return access.update.to
  }
}

/** The rules of an entity with another rule. */
export function withRule(access: Access, rule: AccessRule, next: Predicate): Access {
  switch (rule) {
    case 'read':
    case 'create':
    case 'delete':
      return { ...access, [rule]: next }
    case 'update.from':
      return { ...access, update: { ...access.update, from: next } }
    case 'update.to':
      return { ...access, update: { ...access.update, to: next } }
  }
}

function operationPlaces(entity: Entity): readonly RulePlace[] {
  return RULES.map((operation) => ({
    claim: `access/${entity.name}.${operation}`,
    entity: entity.name,
    operation,
    field: null,
    rule: accessRule(entity, operation),
    put: (model, rule) => withEntity(model, entity.name, ({ access }) => ({ access: withRule(access, operation, rule) })),
  }))
}

function fieldPlaces(entity: Entity, field: Field): readonly RulePlace[] {
  return (['read', 'write'] as const).flatMap((of): readonly RulePlace[] => {
    const rule = field[of]
    if (isAlways(rule) || isNever(rule)) return []
    return [
      {
        claim: `access/${entity.name}.${field.name}.${of}`,
        entity: entity.name,
        operation: null,
        field: { name: field.name, of },
        rule,
        put: (model, next) => withField(model, entity.name, field.name, () => ({ [of]: next })),
      },
    ]
  })
}
