/** The model as an action as system sees it. */

import { memo } from '../../base/memo.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, type Field, isMaintained, isToken, type Model } from '../../model/model.ts'

/**
 * The same model without access rules. Types, limits, unique constraints, checks and references stay. Fields with `set` may be given; the
 * server sets those that are not. Fields that Plinth maintains, states of workflows and computed fields cannot be set here either, and
 * passwords and tokens cannot be read.
 */
export const withoutRules = memo((model: Model): Model => {
  const states = new Set(model.workflows.map(({ entity, field }) => `${entity}.${field}`))
  return { ...model, entities: model.entities.map((entity) => withoutRulesOf(entity, states)) }
})

function withoutRulesOf(entity: Entity, states: ReadonlySet<string>): Entity {
  const { source } = entity.access
  const field = (one: Field): Field => {
    const isSet = one.default?.kind === 'set'
    return {
      ...one,
      read: one.type.kind === 'password' || isToken(one) ? one.read : ALWAYS,
      write: (isMaintained(one) && !isSet) || states.has(`${entity.name}.${one.name}`) ? one.write : ALWAYS,
      immutable: one.immutable && !isSet,
    }
  }
  return {
    ...entity,
    access: { read: ALWAYS, create: ALWAYS, update: { from: ALWAYS, to: ALWAYS }, delete: ALWAYS, source },
    fields: entity.fields.map(field),
    derived: entity.derived.map((one) => ({ ...one, read: ALWAYS })),
  }
}
