/** The rows before a scenario: those that it names, and those that these need. */

import { type Entity, entityNamed } from '../../model/model.ts'
import type { Scenario, ScenarioRow } from '../../model/parts/scenario.ts'
import type { AllRows } from '../expected/reference.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { addRow, type RowOutcome, tryRow } from '../worlds/add-row.ts'
import type { Building } from '../worlds/building.ts'
import { type Assigned, NoSample } from '../worlds/new-row.ts'
import { type KnownRows, sentValues } from './scenario-values.ts'

/** The rows, and which of them have names; or why they cannot be there. */
export type ScenarioStart =
  | { readonly kind: 'rows'; readonly rows: AllRows; readonly named: KnownRows }
  | { readonly kind: 'impossible'; readonly why: string }

const WHY: Readonly<Record<Exclude<RowOutcome['kind'], 'added' | 'taken'>, string>> = {
  check: 'a check on its fields refuses it',
  related: 'a check over its relations refuses it',
  crowded: 'too many rows refer to one row',
}

/** Makes the rows. @param building an empty world. */
export function startOf({ rows }: Scenario, building: Building, now: Date): ScenarioStart {
  const named = new Map<string, { readonly entity: string; readonly id: string | number }>()
  let waiting = rows
  while (waiting.length > 0) {
    const ready = waiting.filter((row) => rowsNamedBy(row, building).every((name) => named.has(name)))
    if (ready.length === 0)
      return { kind: 'impossible', why: `${waiting.map(({ name }) => name).join(' and ')} refer to each other in a circle` }
    for (const row of ready) {
      const entity = entityNamed(building.model, row.entity)
      const made = madeRow(building, entity, sentValues(entity, row.values, { model: building.model, rows: named, now }) as Assigned)
      if (made.kind === 'impossible') return { kind: 'impossible', why: `the row ${row.name} cannot be there: ${made.why}` }
      named.set(row.name, { entity: row.entity, id: made.id })
    }
    waiting = waiting.filter((row) => !ready.includes(row))
  }
  return { kind: 'rows', rows: building.rows, named }
}

/** The names of rows to which a row refers. */
function rowsNamedBy({ entity, values }: ScenarioRow, { model }: Building): readonly string[] {
  const { fields } = entityNamed(model, entity)
  return Object.entries(values).flatMap(([name, value]) => {
    const isReference = fields.find((field) => field.name === name)?.type.kind === 'ref'
    return isReference && typeof value === 'string' ? [value] : []
  })
}

type Made = { readonly kind: 'made'; readonly id: string | number } | { readonly kind: 'impossible'; readonly why: string }

function madeRow(building: Building, entity: Entity, given: Assigned): Made {
  try {
    const outcome = tryRow(building, entity, { ...given, ...ownReferences(building, entity, given) })
    if (outcome.kind === 'added') return { kind: 'made', id: outcome.row.id as string | number }
    return { kind: 'impossible', why: outcome.kind === 'taken' ? `another row has its ${outcome.names.join(' and ')}` : WHY[outcome.kind] }
  } catch (error) {
    if (error instanceof NoSample) return { kind: 'impossible', why: error.message }
    throw error
  }
}

/** References that the author did not give: a row of their own where one is required, so that no named row gets rights by chance. */
function ownReferences(building: Building, entity: Entity, given: Assigned): Assigned {
  const references = entity.fields.filter(({ name, type }) => type.kind === 'ref' && !Object.hasOwn(given, name))
  return Object.fromEntries(
    references.map(({ name, type, optional }) => [name, optional || type.kind !== 'ref' ? null : ownRow(building, type.entity)]),
  )
}

/** The id of a new row. @throws NoSample if none can be there. */
function ownRow(building: Building, name: string): PlainValue {
  const entity = entityNamed(building.model, name)
  const rows = building.rows.get(name) ?? []
  const before = rows.length
  addRow(building, entity, ownReferences(building, entity, {}))
  const id = rows[before]?.id
  if (id === undefined) throw new NoSample(`it needs a row of ${name}, and verify finds none that can be there`)
  return id
}
