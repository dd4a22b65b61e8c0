/** Resolves fields that the server alone gives: numbers and tokens. What they share with computed fields is here too. */

import { ALWAYS, NEVER, type Predicate } from '../../model/expression.ts'
import type { Field } from '../../model/model.ts'
import { SYSTEM_FIELDS } from '../../model/names/derived-names.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import { quote } from '../findings/report.ts'
import { condition, type Expressions } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'
import { FIELD_LIMITS } from '../types/field-types.ts'
import type { FieldContext } from './field-context.ts'

/** The rule of who may read a field. A field without `read` is readable by everyone who may read its row. */
export function readRule(entity: string, { design, at }: Pick<FieldOutline, 'design' | 'at'>, context: Expressions): Predicate {
  const read = 'read' in design ? design.read : undefined
  return read === undefined ? ALWAYS : condition(read, { entity, place: 'rule', at: [...at, 'read'] }, context)
}

/** What one kind of field that callers never write has of its own. */
type Given = Pick<Field, 'type' | 'optional' | 'default' | 'immutable' | 'read'>

/** A field that callers never write. */
export function givenField({ name, column, design }: FieldOutline, given: Given): Field {
  return {
    ...{ name, column, description: design.description ?? null, write: NEVER, writeSource: null, system: null },
    private: ('private' in design ? design.private : undefined) ?? false,
    was: ('was' in design ? design.was : undefined) ?? null,
    ...given,
  }
}

/** A number that only the server gives, from 1 to the greatest whole number of JSON. */
export function sequenceField(
  entity: EntityOutline,
  field: FieldOutline,
  context: FieldContext & { readonly design: Extract<FieldDesign, { type: 'sequence' }> },
): Field {
  const { design } = context
  if (design.within !== undefined) checkScope(entity, field, { within: design.within, report: context.report })
  return givenField(field, {
    type: { kind: 'scalar', scalar: 'integer', min: 1, max: null, pattern: null, precision: null },
    optional: false,
    default: { kind: 'sequence', within: design.within ?? null },
    immutable: true,
    read: readRule(entity.name, field, context),
  })
}

/** The random part of a secret. Callers send the secret, and never read or write the field. */
export function tokenField(field: FieldOutline, { outline, report }: FieldContext): Field {
  if (![...outline.entities.values()].some((each) => each.design.identity !== undefined))
    report.add('PLN-D561', [...field.at, 'type'], 'tokens are made with the keys of the identity, and the design has no identity')
  return givenField(field, {
    type: { kind: 'scalar', scalar: 'text', min: null, max: FIELD_LIMITS.token, pattern: null, precision: null },
    optional: false,
    default: { kind: 'generated', by: 'token' },
    immutable: true,
    read: NEVER,
  })
}

/** Reports a scope that may be missing or may change. The number of a row belongs to the value of its scope. */
function checkScope(
  entity: EntityOutline,
  field: FieldOutline,
  { within, report }: { readonly within: string; readonly report: FieldContext['report'] },
): void {
  const scope = entity.fields.get(within)?.design
  const at = [...field.at, 'within']
  if (scope?.type === 'sequence' || (scope === undefined && (within === 'id' || SYSTEM_FIELDS.has(within))))
    report.add('PLN-D214', at, `the values of ${quote(within)} differ from row to row, so rows cannot be numbered within it`)
  if (scope === undefined || scope.type === 'sequence' || scope.type === 'token' || scope.type === 'computed') return
  if (scope.optional === true)
    report.add('PLN-D209', at, `${quote(within)} may be missing, so such rows would have no number`, `make ${within} required`)
  const isFixed = scope.immutable === true || ('set' in scope && scope.set !== undefined && !('on' in scope && scope.on === 'write'))
  if (!isFixed)
    report.add('PLN-D209', at, `${quote(within)} may change, and the number belongs to its value`, `add immutable: true to ${within}`)
}
