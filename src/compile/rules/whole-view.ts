/** The view of all callers together. */

import { ANONYMOUS } from '../../model/caller.ts'
import { ALWAYS } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { type DerivedView, derivedViews } from './derived-view.ts'
import { type EntityView, type FieldView, type View, viewFor } from './view.ts'
import { writeRulesOf } from './write-rules.ts'

/** The model with the rules of the design, not specialised. It hides only names that are closed to every caller. */
export function wholeView(model: Model): View {
  // Without an identity every caller is anonymous.
  if (model.identity === null) return viewFor(model, ANONYMOUS)
  const open = (name: string): boolean => model.entities.some((e) => e.name === name && !isNever(e.access.read))
  const entities = model.entities.map((entity): [string, EntityView] => {
    const readable = entity.fields.filter((f) => !isNever(f.read)).map((field): FieldView => ({ field, rule: field.read }))
    const writable = entity.fields
      .filter((f) => f.type.kind !== 'computed' && !isNever(f.write))
      .map((field): FieldView => ({ field, rule: field.write }))
    const { create, updateFrom, updateTo, delete: remove } = writeRulesOf(entity)
    return [
      entity.name,
      {
        entity,
        read: entity.access.read,
        create,
        updateFrom,
        updateTo,
        delete: remove,
        readable: new Map(readable.map((f) => [f.field.name, f])),
        derived: new Map(derivedViews(model, entity, (rule) => rule)),
        writable: new Map(writable.map((f) => [f.field.name, f])),
        relations: new Map(entity.relations.filter((r) => open(r.entity)).map((r) => [r.name, r])),
        references: new Set(readable.filter((f) => f.field.type.kind === 'ref' && open(f.field.type.entity)).map((f) => f.field.name)),
        // Unless the design decides it, some callers are told.
        hidesTakenLogin: model.identity?.entity === entity.name && model.identity.takenLogin === 'accepted',
      },
    ]
  })
  return { model, entities: new Map(entities), actions: model.actions.filter(({ allow }) => !isNever(allow)) }
}

/**
 * The names of a view with the rules of the design, not specialised: for answers about an account whose kind is not that of the caller who
 * sees the names.
 */
export function withRulesOfDesign(view: View): View {
  const ruled = <F extends FieldView>(fields: ReadonlyMap<string, F>): ReadonlyMap<string, F> =>
    new Map([...fields].map(([name, known]) => [name, { ...known, rule: known.field.read }]))
  const entities = [...view.entities].map(([name, known]): [string, EntityView] => {
    const read = isNever(known.read) ? known.read : known.entity.access.read
    return [name, { ...known, read, readable: ruled(known.readable), derived: ruled(known.derived) }]
  })
  return { ...view, entities: new Map(entities) }
}

/** A view without row-level rules: a row or field that some caller may read is readable on every row. */
export function withoutReadRules(view: View): View {
  const entities = [...view.entities].map(([name, entity]): [string, EntityView] => {
    const readable = [...entity.readable].map(([field, known]): [string, FieldView] => [field, { ...known, rule: ALWAYS }])
    const derived = [...entity.derived].map(([field, known]): [string, DerivedView] => [field, { ...known, rule: ALWAYS }])
    const read = isNever(entity.read) ? entity.read : ALWAYS
    return [name, { ...entity, read, readable: new Map(readable), derived: new Map(derived) }]
  })
  return { ...view, entities: new Map(entities) }
}
