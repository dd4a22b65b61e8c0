/**
 * The access rules of writes, with conditions on values that the server sets. A required field with `set` needs a value, so a caller
 * without the value (`auth.id` of an anonymous caller) may not write.
 */

import { memo } from '../../base/memo.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import type { Entity, Field } from '../../model/model.ts'
import { both, isNever } from '../../model/predicate.ts'
import { visitTerm } from '../../model/tree.ts'

/** The rules of an entity for a create, an update and a delete. */
export interface WriteRules {
  readonly create: Predicate
  readonly updateFrom: Predicate
  readonly updateTo: Predicate
  readonly delete: Predicate
}

/**
 * The access rules for writes. Each also requires a value for every required field that the server sets in that write, except where code as
 * system may give it: there the table requires it.
 */
export const writeRulesOf = memo((entity: Entity): WriteRules => {
  const { create, update, delete: remove } = entity.access
  const withValues = (rule: Predicate, operation: 'create' | 'update'): Predicate =>
    // A closed operation stays recognisable as one.
    isNever(rule)
      ? rule
      : entity.fields
          .filter((field) => setAt(field, operation) !== null && isNever(field.write))
          .reduce((all, field) => both(all, hasValue(field)), rule)
  return {
    create: withValues(create, 'create'),
    updateFrom: withValues(update.from, 'update'),
    updateTo: update.to,
    // A soft delete changes the row, so it sets the same fields as an update.
    delete: entity.softDelete ? withValues(remove, 'update') : remove,
  }
})

/** The value that the server sets at a create or an update; null for a field that it leaves alone. */
export function setAt({ default: preset }: Field, operation: 'create' | 'update'): Term | null {
  if (preset?.kind !== 'set') return null
  return operation === 'create' || preset.on === 'write' ? preset.term : null
}

/** Whether a value depends on the written row. If such a value may be missing, its field must be optional in the design. */
function namesRow(term: Term): boolean {
  let names = false
  visitTerm(term, {
    term: (part) => {
      if (part.kind === 'field') names = true
    },
  })
  return names
}

function hasValue({ default: preset, optional }: Field): Predicate {
  const isSure = preset?.kind !== 'set' || preset.term.kind === 'literal' || preset.term.kind === 'now' || namesRow(preset.term)
  if (optional || isSure) return { kind: 'const', value: true }
  return { kind: 'not', of: { kind: 'missing', of: preset.term } }
}
