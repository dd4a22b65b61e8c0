/** Fields that the server alone sets: `set` and `on`. */

import type { Term, ValueType } from '../../model/expression.ts'
import type { Default } from '../../model/model.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import type { Report } from '../findings/report.ts'
import { type Expressions, term } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'

/** When the server sets the field; null for a field that it does not set. */
export function setOn(design: FieldDesign): 'create' | 'write' | null {
  if (!('set' in design) || design.set === undefined) return null
  return design.on ?? 'create'
}

/** The value that the server sets. Null, with findings, for an expression that cannot be compiled. */
export function resolveSet(
  entity: EntityOutline,
  { design, at }: FieldOutline,
  context: Expressions & { readonly expected: ValueType },
): Default | null {
  const on = setOn(design)
  if (on === null || !('set' in design) || design.set === undefined) return null
  const place = { entity: entity.name, place: 'default', at: [...at, 'set'], expected: context.expected } as const
  const value: Term | null = term(design.set, place, context)
  return value === null ? null : { kind: 'set', on, term: value, source: design.set.trim().replaceAll(/\s*\n\s*/g, ' ') }
}

/** Reports options that contradict `set`, and `on` without it. */
export function checkSet({ design, at }: FieldOutline, report: Report): void {
  const on = setOn(design)
  if (on === null) {
    if ('on' in design && design.on !== undefined)
      report.add('PLN-D209', [...at, 'on'], 'on says when set applies, and there is no set', "add set, such as set: 'auth.id'")
    return
  }
  if ('default' in design && design.default !== undefined)
    report.add('PLN-D209', [...at, 'default'], 'set gives every new row its value, so default is never used', 'remove default, or set')
  if ('write' in design && design.write !== undefined)
    report.add('PLN-D209', [...at, 'write'], 'nobody can send a field that has set, so write has no effect', 'remove write, or set')
  if ('acyclic' in design && design.acyclic === true)
    report.add(
      'PLN-D209',
      [...at, 'acyclic'],
      'circles are checked when a request sends the field, and no request can send a field with set',
      'remove acyclic, or set',
    )
  if (on === 'write' && 'immutable' in design && design.immutable === true)
    report.add('PLN-D209', [...at, 'immutable'], 'the field is set again at every write, so it is not immutable', 'remove immutable, or on')
  if (on === 'create' && 'immutable' in design && design.immutable === false)
    report.add('PLN-D209', [...at, 'immutable'], 'the field is set once, at creation', "remove immutable, or add on: 'write'")
}
