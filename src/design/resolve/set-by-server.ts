/** Fields that the server alone sets: `set` and `on`. */

import type { Term, ValueType } from '../../model/expression.ts'
import type { Default } from '../../model/model.ts'
import { visitTerm } from '../../model/tree.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import { quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { type Expressions, term } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'
import { authoredDefault } from '../types/defaults.ts'
import { isNullable } from './nullable.ts'

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
  const place = { entity: entity.name, place: 'set', at: [...at, 'set'], expected: context.expected } as const
  const value: Term | null = term(design.set, place, context)
  if (value !== null) checkRow(value, { entity, optional: 'optional' in design && design.optional === true, at: place.at }, context)
  return value === null ? null : { kind: 'set', on, term: value, source: design.set.trim().replaceAll(/\s*\n\s*/g, ' ') }
}

interface SetPlace {
  readonly entity: EntityOutline
  readonly optional: boolean
  readonly at: Path
}

/** Reports names of the new row that have no value yet, and a required field whose value may be missing. */
function checkRow(value: Term, { entity, optional, at }: SetPlace, { report, shape }: Expressions): void {
  const named = new Set<string>()
  let many = false
  visitTerm(value, {
    term: (part) => {
      if (part.kind === 'field' && part.row.binding === 'row') named.add(part.row.hops[0]?.field ?? part.field)
      if (part.kind === 'count' || part.kind === 'aggregate') many = true
    },
    predicate: ({ kind }) => {
      if (kind === 'some' || kind === 'every') many = true
    },
  })
  for (const name of named) {
    const design = entity.fields.get(name)?.design
    if (design !== undefined && isNewAtEachUse(design)) {
      report.add('PLN-D553', at, `the default of ${quote(name)} is new at each use, so set would see another value`, 'use another field')
      continue
    }
    if (design !== undefined && setOn(design) === null && design.type !== 'computed' && design.type !== 'sequence') continue
    report.add(
      'PLN-D553',
      at,
      `${quote(name)} has no value yet when set is computed`,
      'use fields that callers send, or write its expression out',
    )
  }
  if (many)
    report.add('PLN-D553', at, 'rows that refer to the new row do not exist yet', 'use fields of the row, or rows that it refers to')
  else if (named.size > 0 && !optional && isNullable(value, shape))
    report.add('PLN-D553', at, 'the value may be missing, and the field is required', 'add optional: true')
}

function isNewAtEachUse(design: FieldDesign): boolean {
  const preset = authoredDefault(design)
  return preset.kind === 'expression' && /\b(?:uuid|random)\s*\(/.test(preset.source)
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
