/** Resolves the steps that change nothing: `find`, `list` and `require`. */

import type { FindStep, ListStep, RequireStep } from '../../model/action.ts'
import { scalarType, type Term } from '../../model/expression.ts'
import type { FindDesign, ListDesign, RequireDesign, ValueDesign } from '../authoring/logic-design.ts'
import { failureOf } from './failures.ts'
import { fieldAt } from './inputs.ts'
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

/** Resolves `list`. */
export function listStep(design: ListDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const found = rowsAt(design.list, part(place, 'list'))
  if (design.limit === undefined) place.context.report.add('PLN-D530', place.at, 'list needs a limit, so that it ends', 'write limit: 100')
  if (found === null) return null
  const { rows, entity } = found
  if (rows.kind === 'set') reportMissing(rows.set.of, part(place, 'list'))
  const limit = count(design.limit ?? 1, part(place, 'limit'))
  const offset = design.offset === undefined ? null : count(design.offset, part(place, 'offset'))
  if (design.distinct !== undefined && fieldAt(entity, design.distinct, part(place, 'distinct')) !== null) {
    const hint = 'leave out distinct, or keep each value once in an entity of its own'
    place.context.report.add('PLN-D563', [...place.at, 'distinct'], 'list cannot take the different values of a field yet', hint)
  }
  const where = whereAt(place, design.where, entity.name)
  const sort = sortAt(design.sort, entity, place)
  if (limit === null) return null
  const step: ListStep = {
    ...base,
    verb: 'list',
    from: rows,
    entity: entity.name,
    where,
    sort,
    limit,
    offset,
  }
  return { step, result: (name) => rowsNamed(name, entity.name), maybe: false }
}

function count(design: ValueDesign, place: StepPlace): Term | null {
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
