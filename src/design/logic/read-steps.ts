/** Resolves the steps that change nothing: `find`, `list` and `require`. */

import { type FindStep, type ListStep, type RequireStep, STEP_ROW, type StepSort } from '../../model/action.ts'
import { type RowPath, scalarType, type Term } from '../../model/expression.ts'
import { type Entity, type Field, isToken, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { FindDesign, ListDesign, RequireDesign, ValueDesign } from '../authoring/logic-design.ts'
import { failureOf } from './failures.ts'
import { fieldAt, valuesOfChoice } from './inputs.ts'
import { conditionAt, rowNamed, termAt, whereAt } from './logic-context.ts'
import { rowsAt, sortAt } from './rows.ts'
import type { ResolvedStep, StepStart } from './step-place.ts'
import { part, reportMissing, rowsNamed, type StepPlace } from './step-place.ts'

/** Resolves `find`. */
export function findStep(design: FindDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const found = rowsAt(design.find, part(place, 'find'))
  if (found === null) return null
  const { rows, entity } = found
  if (rows.kind === 'set') reportMissing(rows.set.of, part(place, 'find'))
  const step: FindStep = {
    ...base,
    verb: 'find',
    from: rows,
    entity: entity.name,
    where: whereAt(place, design.where, entity.name),
    sort: sortAt(design.sort, entity, place),
    optional: design.optional ?? false,
    else: design.else === undefined ? null : failureOf(design.else, place.context),
  }
  if (step.optional && design.else !== undefined)
    place.context.report.add('PLN-D209', [...place.at, 'else'], 'a find that is optional does not fail', 'remove else, or optional')
  return { step, result: (name) => rowNamed(name, entity.name), maybe: step.optional }
}

/** The most rows that a `list` takes. */
const MOST_ROWS = 1_000

/** Resolves `list`. */
export function listStep(design: ListDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const found = rowsAt(design.list, part(place, 'list'))
  if (design.limit === undefined) place.context.report.add('PLN-D530', place.at, 'list needs a limit, so that it ends', 'write limit: 100')
  if (found === null) return null
  const { rows, entity } = found
  if (rows.kind === 'set') reportMissing(rows.set.of, part(place, 'list'))
  const limit = count(design.limit ?? 1, part(place, 'limit'), { least: 1, most: MOST_ROWS })
  const offset = design.offset === undefined ? null : count(design.offset, part(place, 'offset'), { least: 0, most: null })
  const where = whereAt(place, design.where, entity.name)
  const field = design.distinct === undefined ? null : distinctField(design.distinct, entity, place)
  const sort = field === null ? sortAt(design.sort, entity, place) : sortOfValues(design.sort, field, place)
  if (limit === null || (field === null && design.distinct !== undefined)) return null
  const distinct: Term | null = field === null ? null : valueOfField(field, entity)
  const step: ListStep = {
    ...base,
    verb: 'list',
    from: rows,
    entity: entity.name,
    where,
    sort,
    limit,
    offset,
    distinct,
  }
  if (field === null || distinct === null) return { step, result: (name) => rowsNamed(name, entity.name), maybe: false }
  const type = { ...distinct.type, list: true }
  return { step, result: (binding) => ({ kind: 'item', binding, type, choices: valuesOfChoice(field.type) }), maybe: false }
}

/** The field whose different values a list takes; null, with a finding, for a field that has none or whose values have no order. */
function distinctField(name: string, entity: Entity, place: StepPlace): Field | null {
  const at = part(place, 'distinct')
  const field = fieldAt(entity, name, at)
  if (field === null) return null
  const { type } = field
  if (type.kind !== 'password' && !isToken(field) && SCALARS[storedScalar(type)].ordered) return field
  place.context.report.add(
    'PLN-D563',
    at.at,
    `list takes no different values of ${entity.name}.${name}, as they have no order or are secret`,
  )
  return null
}

/** The order of different values: only their field may be named. */
function sortOfValues(sort: readonly string[] | undefined, { name }: Field, place: StepPlace): readonly StepSort[] {
  return (sort ?? []).flatMap((written, i) => {
    const descending = written.startsWith('-')
    if ((descending ? written.slice(1) : written) === name) return [{ field: name, descending }]
    place.context.report.add('PLN-D214', [...place.at, 'sort', i], `different values have no order but their own: ${name} or -${name}`)
    return []
  })
}

function valueOfField({ name, type }: Field, { name: entity }: Entity): Term {
  const row: RowPath = { binding: STEP_ROW, root: entity, hops: [], entity }
  return { kind: 'field', type: { scalar: storedScalar(type), list: type.kind === 'list' }, row, field: name }
}

/** A number of rows. A constant outside of the range has a finding. */
function count(
  design: ValueDesign,
  place: StepPlace,
  { least, most }: { readonly least: number; readonly most: number | null },
): Term | null {
  const constant = /^-?\d+$/.test(String(design).trim()) ? Number(design) : null
  if (constant !== null && (constant < least || constant > (most ?? constant))) {
    const range = most === null ? `of at least ${least}` : `from ${least} to ${most}`
    place.context.report.add('PLN-D105', place.at, `expected a whole number ${range}, found ${constant}`)
    return null
  }
  return termAt(place, String(design), { bare: null, expected: scalarType('integer') })
}

/** Resolves `require`. */
export function requireStep(design: RequireDesign, base: StepStart, place: StepPlace): ResolvedStep {
  const step: RequireStep = {
    ...base,
    verb: 'require',
    condition: conditionAt(part(place, 'require'), design.require, null),
    source: design.require.trim().replaceAll(/\s*\n\s*/g, ' '),
    else: design.else === undefined ? null : failureOf(design.else, place.context),
  }
  return { step, result: null, maybe: false }
}
