/** Computed fields that depend on more than their own row, and so are computed when they are read. */

import type { Term } from '../../model/expression.ts'
import type { DerivedField } from '../../model/model.ts'
import { isOfOwnRow } from '../../model/own-row.ts'
import type { EntityOutline } from '../outline/outline.ts'
import type { FieldContext } from './field-context.ts'
import { readRule } from './given-fields.ts'

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
        read: readRule(entity.name, { design, at }, context),
        private: design.private ?? false,
      },
    ]
  })
}
