/** Reviews encrypted fields: what the database would need their values for is a finding. Expressions refuse them by PLN-D313. */

import type { Entity, Field, Model } from '../../model/model.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { quote, type Report } from '../findings/report.ts'

/** Adds the findings about encrypted fields. */
export function reviewEncryption(model: Model, report: Report): void {
  for (const entity of model.entities) {
    for (const field of entity.fields) {
      if (!isSealed(field)) continue
      const at = ['entities', entity.name, 'fields', field.name]
      for (const { why, remedy } of problemsOf(model, entity, field))
        report.add('PLN-D735', at, `${quote(field.name)} is encrypted${why}`, remedy)
    }
  }
}

interface Problem {
  readonly why: string
  readonly remedy: string
}

function problemsOf(model: Model, entity: Entity, field: Field): readonly Problem[] {
  const { name } = field
  const problems: Problem[] = []
  const add = (holds: boolean, why: string, remedy: string): void => {
    if (holds) problems.push({ why, remedy })
  }
  const uniques = [...entity.uniques, ...entity.conditionalUniques]
  const equality = 'write encrypted: { equality: true }, which has its own index'
  add(
    uniques.some(({ fields }) => fields.includes(name)),
    ', so the database cannot tell whether its values are unique',
    'remove unique',
  )
  add(
    entity.indexes.some(({ parts }) => parts.some((part) => part.field === name)),
    ', so an index of it finds nothing',
    `remove the index; ${equality}`,
  )
  add(entity.search?.fields.includes(name) === true, ', so the search finds nothing in it', 'remove it from search')
  add(field.default !== null, ', so the database cannot make its value', 'remove default and set, or set it in a hook')
  add(
    field.erased !== undefined && field.erased !== null,
    ', and an erasure leaves nothing in it',
    'remove erased, and make the field optional',
  )
  const { identity } = model
  if (identity?.entity !== entity.name) return problems
  add(identity.login === name, ', so nobody is found by it', 'use another field as login')
  add(identity.role === name, ', so no rule can use it as role', 'use another field as role')
  add(
    model.claims.some((claim) => claim.field === name),
    ', so no rule can use it as claim',
    'remove the claim',
  )
  return problems
}
