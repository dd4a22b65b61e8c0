/** Reviews rules about new rows that read a number which the server has not given yet. */

import type { Predicate } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { type Visitor, visitPredicate, visitTerm } from '../../model/tree.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/**
 * Reports the create rule and the write rules of an entity that read a `sequence` field of the new row, directly or through a computed
 * field. Checks are not reported: PostgreSQL checks the row with its number.
 */
export function reviewSequences(model: Model, report: Report): void {
  for (const entity of model.entities) {
    if (isNever(entity.access.create)) continue
    for (const { at, rule } of rulesOfCreate(entity)) {
      for (const name of ownFields((visitor) => visitPredicate(rule, visitor))) {
        const number = numberBehind(entity, name)
        if (number === null) continue
        const why = name === number ? 'the server numbers the row' : `it is computed from ${quote(number)}, and the server numbers the row`
        report.add(
          'PLN-D417',
          at,
          `${quote(name)} of a new row is missing here: ${why} after it has judged the rule`,
          `leave ${quote(name)} out of the rule; a check may read it`,
        )
      }
    }
  }
}

function rulesOfCreate({ name, access, fields }: Entity): readonly { readonly at: Path; readonly rule: Predicate }[] {
  return [
    { at: ['entities', name, 'access', 'create'], rule: access.create },
    ...fields.map((field) => ({ at: ['entities', name, 'fields', field.name, 'write'], rule: field.write })),
  ]
}

/** The sequence that a field is, or is computed from; null for other fields. */
function numberBehind(entity: Entity, name: string): string | null {
  const field = entity.fields.find((other) => other.name === name)
  if (field?.default?.kind === 'sequence') return name
  if (field?.type.kind !== 'computed') return null
  const { term } = field.type
  const numbers = [...ownFields((visitor) => visitTerm(term, visitor))].map((part) => (part === name ? null : numberBehind(entity, part)))
  return numbers.find((number) => number !== null) ?? null
}

/** The fields of the row itself that an expression reads. */
function ownFields(visit: (visitor: Visitor) => void): ReadonlySet<string> {
  const names = new Set<string>()
  visit({
    term: (term) => {
      if (term.kind === 'field' && term.row.binding === 'row' && term.row.hops.length === 0) names.add(term.field)
    },
  })
  return names
}
