/** Computed fields that depend on more than their own row, and so are computed when they are read. */

import { ALWAYS, type Predicate, type Term } from '../../model/expression.ts'
import type { DerivedField } from '../../model/model.ts'
import { isOfOwnRow } from '../../model/own-row.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import { condition } from '../outline/expressions.ts'
import type { EntityOutline } from '../outline/outline.ts'
import type { FieldContext } from './field-context.ts'

/** The value of a computed field that is no column; null for every other field. */
export function derivedTerm(entity: EntityOutline, name: string, { computed }: Pick<FieldContext, 'computed'>): Term | null {
  const term = computed.get(entity.name)?.get(name)
  return term === undefined || isOfOwnRow(term) ? null : term
}

/** The computed fields of an entity that are no columns. */
export function resolveDerived(entity: EntityOutline, context: FieldContext): readonly DerivedField[] {
  return [...entity.fields.values()].flatMap(({ name, design, at }): readonly DerivedField[] => {
    const term = derivedTerm(entity, name, context)
    if (term === null || design.type !== 'computed') return []
    return [
      {
        name,
        description: design.description ?? null,
        term,
        source: design.expression.trim().replaceAll(/\s*\n\s*/g, ' '),
        as: design.as ?? 'caller',
        read: readRule(design, { entity: entity.name, at: [...at, 'read'] }, context),
        private: design.private ?? false,
      },
    ]
  })
}

function readRule(
  design: Extract<FieldDesign, { type: 'computed' }>,
  place: { readonly entity: string; readonly at: readonly (string | number)[] },
  context: FieldContext,
): Predicate {
  return design.read === undefined ? ALWAYS : condition(design.read, { ...place, place: 'rule' }, context)
}
