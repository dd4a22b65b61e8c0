/** Reviews the other backends that may send requests for accounts. */

import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { either, type Report } from '../findings/report.ts'
import { isOpenOnPurpose, waysToChoose } from './review-identity.ts'

/** Adds the findings about `integrations.backends`. */
export function reviewBackends(model: Model, report: Report): void {
  const { identity, acceptedBackends } = model
  if (identity === null) return
  const entity = entityNamed(model, identity.entity)
  for (const { name, accounts } of acceptedBackends) {
    if (accounts === null) continue
    const at = ['integrations', 'backends', name, 'accounts']
    if (identity.role !== null && accounts.roles === null)
      report.add(
        'PLN-D677',
        at,
        `${name} may send requests for every account, whatever its role`,
        'use roles: with those that it may act for, such as [customer]',
      )
    const field = fieldNamed(entity, accounts.field)
    const how = waysToChoose(entity, field)
    if (how.length === 0 || isOpenOnPurpose(field)) continue
    report.add(
      'PLN-D678',
      ['entities', entity.name, 'fields', field.name],
      `callers who may ${either(how)} rows of ${entity.name} may choose their own ${field.name}, and get what ${name} sends for others`,
      "give it write: 'false', or a rule that only administrators pass",
    )
  }
}
