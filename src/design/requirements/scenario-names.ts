/** The names that a scenario uses: its rows, and parts of the design. Each that is not there is reported once. */

import type { Entity, Field } from '../../model/model.ts'
import type { ScenarioRow } from '../../model/parts/scenario.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { Outline } from '../outline/outline.ts'
import { hasEntity, isBroken } from '../outline/outline.ts'

/** What scenarios are resolved with. */
export interface ScenarioContext {
  readonly outline: Outline
  readonly entities: readonly Entity[]
  /** The entity that signs in; null for none. */
  readonly identity: string | null
  readonly report: Report
}

/** The rows of one scenario by name; calls add those that they create. */
export type RowNames = Map<string, Pick<ScenarioRow, 'name' | 'entity'>>

/** The entity of a name; null if there is none, which is reported. */
export function entityOf(name: string, at: Path, { entities, outline, report }: ScenarioContext): Entity | null {
  const found = entities.find((entity) => entity.name === name)
  if (found === undefined && !hasEntity(outline, name))
    report.add('PLN-D710', at, `unknown entity ${quote(name)}${didYouMean(name, outline.entities.keys())}`)
  return found ?? null
}

/** The entity of a named row; null if there is none, which is reported. */
export function rowEntity(
  name: string,
  at: Path,
  { rows, context }: { readonly rows: RowNames; readonly context: ScenarioContext },
): Entity | null {
  const row = rows.get(name)
  if (row !== undefined) return context.entities.find((entity) => entity.name === row.entity) ?? null
  const near = didYouMean(name, rows.keys())
  const there = rows.size === 0 ? 'give the scenario rows' : `its rows are ${[...rows.keys()].slice(0, 20).join(', ')}`
  context.report.add('PLN-D710', at, `there is no row ${quote(name)} in this scenario${near}`, near === '' ? there : undefined)
  return null
}

/** Fields that no scenario gives, with the reason. */
function whyNotGiven({ name, type, system, default: preset }: Field): string | null {
  if (name === 'id') return 'verify chooses ids'
  if (system === 'version') return 'the backend counts versions'
  if (type.kind === 'password') return 'verify chooses passwords, and signs accounts in'
  if (type.kind === 'computed') return 'it is computed'
  if (type.kind === 'file') return 'a scenario has no files'
  return preset?.kind === 'generated' && preset.by === 'token' ? 'verify chooses tokens' : null
}

interface Giving {
  readonly at: Path
  readonly rows: RowNames
  readonly context: ScenarioContext
  /** `row`: what a row is; `body`: what a request sends, which may be wrong on purpose. */
  readonly what: 'row' | 'body'
}

/** Checks the names in values of a row: its fields, and the rows that its references name. */
export function checkValues(entity: Entity, values: Readonly<Record<string, unknown>>, giving: Giving): void {
  const { at, context, what } = giving
  for (const [name, value] of Object.entries(values)) {
    const field = entity.fields.find((one) => one.name === name)
    const place = [...at, name]
    if (field === undefined) {
      const relation = entity.relations.find((one) => one.name === name)
      if (what === 'body' && relation !== undefined) continue
      if (isBroken(context.outline, ['entities', entity.name, 'fields', name])) continue
      const near = didYouMean(
        name,
        entity.fields.map((one) => one.name),
      )
      const there = `its fields are ${entity.fields
        .map((one) => one.name)
        .slice(0, 20)
        .join(', ')}`
      context.report.add('PLN-D710', place, `${entity.name} has no field ${quote(name)}${near}`, near === '' ? there : undefined)
      continue
    }
    const why = what === 'row' ? whyNotGiven(field) : null
    if (why !== null) context.report.add('PLN-D711', place, `${quote(name)} is not given: ${why}`, `remove ${name}`)
    else checkValue(field, value, { ...giving, at: place })
    if (what === 'row' && value === null && !field.optional && why === null)
      context.report.add('PLN-D711', place, `${quote(name)} is required, so no row has null`, `give it a value, or remove ${name}`)
  }
}

function checkValue({ name, type }: Field, value: unknown, { at, rows, context, what }: Giving): void {
  if (type.kind === 'ref' && value !== null) {
    const row = typeof value === 'string' ? rows.get(value) : undefined
    if (row?.entity === type.entity) return
    if (row !== undefined) {
      context.report.add(
        'PLN-D711',
        at,
        `${quote(row.name)} is a row of ${row.entity}, and ${name} refers to ${type.entity}`,
        `name a row of ${type.entity}`,
      )
    } else if (what === 'row') {
      const known = [...rows.values()].filter((one) => one.entity === type.entity).map((one) => one.name)
      const near = typeof value === 'string' ? didYouMean(value, known) : ''
      const hint =
        known.length === 0 ? `give the scenario rows of ${type.entity}` : `its rows of ${type.entity} are ${known.slice(0, 20).join(', ')}`
      context.report.add('PLN-D710', at, `${name} names no row of ${type.entity} in this scenario${near}`, near === '' ? hint : undefined)
    }
  }
  if (type.kind === 'choice' && what === 'row' && !type.values.includes(String(value)) && value !== null)
    context.report.add(
      'PLN-D711',
      at,
      `${quote(String(value))} is no value of ${name}${didYouMean(String(value), type.values)}`,
      `its values are ${type.values.join(', ')}`,
    )
}
