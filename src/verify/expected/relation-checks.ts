/** Checks over the to-many relations of a row, after all rows of a request are written. */

import type { Entity } from '../../model/model.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Standpoint } from './expected.ts'
import type { AllRows, ReferenceBackend } from './reference.ts'
import { isLive } from './reference.ts'

/**
 * The checks that the rows afterwards break, as `Entity.check`. A check is judged of each row that is new or changed, and of each row whose
 * relation has a new, changed or missing row.
 */
export function brokenChecks({ reference, sight }: Pick<Standpoint, 'reference' | 'sight'>, after: AllRows): readonly string[] {
  const before = reference.rows()
  const checked = reference.model.entities.filter(({ relationChecks }) => relationChecks.length > 0)
  const touched = checked.map((entity) => ({ entity, ids: touchedIds(reference, entity, after) })).filter(({ ids }) => ids.size > 0)
  if (touched.length === 0 || before === after) return []
  const seen = reference.sightOver(after, sight.caller)
  return touched.flatMap(({ entity, ids }) => {
    const rows = (after.get(entity.name) ?? []).filter((row) => ids.has(row.id ?? null) && isLive(row))
    return rulesOf(reference, entity).flatMap(({ name, rule }) =>
      rows.every((row) => seen.holds(entity.name, rule, row)) ? [] : [`${entity.name}.${name}`],
    )
  })
}

function rulesOf({ design }: ReferenceBackend, entity: Entity): readonly { readonly name: string; readonly rule: string }[] {
  const checks = design.entities[entity.name]?.checks ?? {}
  return entity.relationChecks.flatMap(({ name }) => {
    const rule = checks[name]?.rule
    return rule === undefined ? [] : [{ name, rule }]
  })
}

/** The ids of the rows of an entity that are judged. */
function touchedIds(reference: ReferenceBackend, entity: Entity, after: AllRows): ReadonlySet<PlainValue> {
  const before = reference.rows()
  const text = rulesOf(reference, entity)
    .map(({ rule }) => rule)
    .join(' ')
  const own = changedRows(before, after, entity.name).map((row) => row.id ?? null)
  const related = entity.relations
    .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text))
    .flatMap(({ entity: child, via }) => changedRows(before, after, child).map((row) => row[via] ?? null))
  return new Set([...own, ...related].filter((id) => id !== null))
}

/** The rows that are new, missing or changed, before and afterwards. */
function changedRows(before: AllRows, after: AllRows, entity: string): readonly PlainRow[] {
  const [was, is] = [before.get(entity) ?? [], after.get(entity) ?? []]
  if (was === is) return []
  const [known, present] = [new Set(was), new Set(is)]
  return [...was.filter((row) => !present.has(row)), ...is.filter((row) => !known.has(row))]
}
