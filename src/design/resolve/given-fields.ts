/** Resolves fields that the server alone gives: numbers and tokens. */

import { ALWAYS, NEVER } from '../../model/expression.ts'
import type { Field } from '../../model/model.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import { quote } from '../findings/report.ts'
import { SYSTEM_FIELDS } from '../outline/derived-names.ts'
import { condition } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'
import { FIELD_LIMITS } from '../types/field-types.ts'
import type { FieldContext } from './field-context.ts'

/** A number that only the server gives, from 1 to the greatest whole number of JSON. */
export function sequenceField(
  entity: EntityOutline,
  field: FieldOutline,
  context: FieldContext & { readonly design: Extract<FieldDesign, { type: 'sequence' }> },
): Field {
  const { design } = context
  if (design.within !== undefined) checkScope(entity, field, { within: design.within, report: context.report })
  return {
    name: field.name,
    column: field.column,
    description: design.description ?? null,
    type: { kind: 'scalar', scalar: 'integer', min: 1, max: null, pattern: null, precision: null },
    optional: false,
    default: { kind: 'sequence', within: design.within ?? null },
    immutable: true,
    read:
      design.read === undefined
        ? ALWAYS
        : condition(design.read, { entity: entity.name, place: 'rule', at: [...field.at, 'read'] }, context),
    write: NEVER,
    writeSource: null,
    private: design.private ?? false,
    was: design.was ?? null,
    system: null,
  }
}

/** The random part of a secret. Callers send the secret, and never read or write the field. */
export function tokenField({ name, column, design, at }: FieldOutline, { outline, report }: FieldContext): Field {
  if (![...outline.entities.values()].some((each) => each.design.identity !== undefined))
    report.add('PLN-D561', [...at, 'type'], 'tokens are made with the keys of the identity, and the design has no identity')
  return {
    name,
    column,
    description: design.description ?? null,
    type: { kind: 'scalar', scalar: 'text', min: null, max: FIELD_LIMITS.token, pattern: null, precision: null },
    optional: false,
    default: { kind: 'generated', by: 'token' },
    immutable: true,
    read: NEVER,
    write: NEVER,
    writeSource: null,
    private: false,
    was: ('was' in design ? design.was : undefined) ?? null,
    system: null,
  }
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
