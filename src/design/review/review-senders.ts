/** Reviews fields that say who did something: defaults that callers may replace, and values of the server that some callers lack. */

import type { Operation, Predicate } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { either, quote } from '../findings/report.ts'
import { callerWithout, mayNameOthers } from './rule-bounds.ts'

/** A field in review, and the claims that an account may lack. */
interface Reviewed {
  readonly entity: Entity
  readonly field: Field
  readonly claims: readonly string[]
}

/** Adds the findings about references that default to the caller, and about fields with `set`. */
export function reviewSenders(model: Model, report: Report): void {
  const claims = optionalClaims(model)
  for (const entity of model.entities) {
    for (const field of entity.fields) {
      reviewDefault(model, { entity, field, claims }, report)
      reviewSet({ entity, field, claims }, report)
    }
  }
}

/** The claims that an account may lack. */
function optionalClaims(model: Model): readonly string[] {
  const entity = model.entities.find(({ name }) => name === model.identity?.entity)
  const optional = new Set(entity?.fields.filter((field) => field.optional).map((field) => field.name))
  return model.claims.filter((claim) => optional.has(claim.field)).map((claim) => claim.name)
}

/** Reports a reference that defaults to the caller, if a caller may send another value. `write: 'true'` permits this explicitly. */
function reviewDefault(model: Model, { entity, field, claims }: Reviewed, report: Report): void {
  const { type, default: preset } = field
  if (type.kind !== 'ref' || preset?.kind !== 'expression' || preset.term.kind !== 'auth') return
  if (isNever(field.write) || (field.writeSource !== null && isAlways(field.write))) return
  const { claim } = preset.term
  if (!mayNameOthers([entity.access.create, field.write], { path: [field.name], claim })) return
  const lacking = field.optional ? null : callerWithout([entity.access.create], preset.term, claims)
  const needed = lacking === null ? '' : ` and auth.${claim} != null && (…) in create`
  const other =
    type.entity === model.identity?.entity ? `somebody else as ${quote(field.name)}` : `another ${type.entity} than auth.${claim}`
  report.add(
    'PLN-D414',
    ['entities', entity.name, 'fields', field.name],
    `a caller who creates a ${entity.name} may send ${other}`,
    `write set: 'auth.${claim}' instead of default${needed}, or write: 'true' if callers may choose it`,
  )
}

/** Reports a required field with `set` for which some caller who may write has no value. */
function reviewSet({ entity, field, claims }: Reviewed, report: Report): void {
  const { default: preset } = field
  if (preset?.kind !== 'set' || field.optional) return
  const { create, update, delete: remove } = entity.access
  const again: readonly (readonly [Operation, Predicate])[] = [
    ['update', update.from],
    ...(entity.softDelete ? [['delete', remove] as const] : []),
  ]
  const operations = [['create', create] as const, ...(preset.on === 'write' ? again : [])]
  const refused = operations.flatMap(([operation, rule]) => {
    const lacking = callerWithout([rule], preset.term, claims)
    return lacking === null ? [] : [{ operation, lacking }]
  })
  const [first] = refused
  if (first === undefined) return
  const same = refused.filter(({ lacking }) => lacking === first.lacking).map(({ operation }) => operation)
  const claim = first.lacking === 'anonymous' ? 'id' : first.lacking
  const who = first.lacking === 'anonymous' ? 'an anonymous caller' : `a caller without auth.${claim}`
  report.add(
    'PLN-D413',
    ['entities', entity.name, 'fields', field.name],
    `${who} may ${either(same)} rows of ${entity.name}, but has no value for ${quote(field.name)}, and is refused`,
    `write auth.${claim} != null && (…) in ${either(same).replace(' or ', ' and ')}, or optional: true on the field`,
  )
}
