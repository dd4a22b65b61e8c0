/** Computed fields that are no columns, as one kind of caller sees them. */

import { NEVER, type Predicate, type Term } from '../../model/expression.ts'
import type { DerivedField, Entity, Field, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { maskValue } from './mask.ts'

/** A computed field that is no column, with the rule that says on which rows it can be read. */
export interface DerivedView {
  /** Its name, description and type. It has no column. */
  readonly field: Field
  readonly rule: Predicate
  /** The value, limited to what the caller may read unless the field is computed over all rows. */
  readonly value: Term
}

/** The computed fields of an entity that are no columns and that can be read on some row. `specialised` reduces their rules. */
export function derivedViews(
  model: Model,
  entity: Entity,
  specialised: (rule: Predicate) => Predicate,
): readonly (readonly [string, DerivedView])[] {
  return entity.derived
    .map((derived) => ({ field: fieldOf(derived), rule: specialised(derived.read), value: seenValue(model, derived) }))
    .filter(({ rule }) => !isNever(rule))
    .map((view) => [view.field.name, view] as const)
}

function seenValue(model: Model, { term, as }: DerivedField): Term {
  return as === 'system' ? term : maskValue(term, model)
}

function fieldOf({ name, description, term, read, private: isPrivate }: DerivedField): Field {
  return {
    name,
    column: name,
    description,
    type: { kind: 'computed', scalar: term.type.scalar, term },
    optional: true,
    default: null,
    immutable: false,
    read,
    write: NEVER,
    writeSource: null,
    private: isPrivate,
    was: null,
    system: null,
  }
}
