/** What a scenario expects of a call. */

import { mustBeRefused, type ScenarioExpectation } from '../../model/parts/scenario.ts'
import type { ScenarioExpectationDesign } from '../authoring/requirements/scenario-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { checkValues, type RowNames, rowEntity, type ScenarioContext } from './scenario-names.ts'

/** The expectation in its long form. */
export function writtenExpectation(authored: ScenarioExpectationDesign): ScenarioExpectation {
  if (typeof authored === 'number') return { ...NOTHING, status: authored }
  if (isNames(authored)) return { ...NOTHING, finds: authored }
  const { status = null, code = null, answer, finds = null, leaves = {} } = authored
  return { status, code, answer, finds, leaves: Object.entries(leaves).map(([row, values]) => ({ row, values })) }
}

const NOTHING: ScenarioExpectation = { status: null, code: null, answer: undefined, finds: null, leaves: [] }

function isNames(authored: Exclude<ScenarioExpectationDesign, number>): authored is readonly string[] {
  return Array.isArray(authored)
}

interface Checking {
  readonly at: Path
  /** The entity that is listed; null for another call. */
  readonly lists: string | null
  readonly rows: RowNames
  /** The codes that failures have. */
  readonly codes: ReadonlySet<string>
  readonly context: ScenarioContext
}

/** Reports names that are not there, and what no answer can have. */
export function checkExpectation(expect: ScenarioExpectation, { at, lists, rows, codes, context }: Checking): void {
  const { status, code, answer, finds, leaves } = expect
  const add = (key: string, message: string, hint: string): void => context.report.add('PLN-D711', [...at, key], message, hint)
  if (code !== null && !codes.has(code)) {
    const near = didYouMean(code, codes)
    context.report.add(
      'PLN-D710',
      [...at, 'code'],
      `no failure has the code ${quote(code)}${near}`,
      near === '' ? 'the codes are on the page of errors, and those of the design under errors' : undefined,
    )
  }
  if (code !== null && status !== null && status < 400)
    add('code', `only a refusal has a code, and ${status} is none`, 'remove code, or write the status of the refusal')
  if (finds !== null && lists === null) add('finds', 'only a list finds rows', 'write a status, or answer')
  if (finds !== null && mustBeRefused(expect))
    add('finds', 'a list that is refused finds nothing', 'remove finds, or the status and code of a refusal')
  if (answer !== undefined && code !== null) add('answer', 'a refusal is described by status and code', 'remove answer or code')
  finds?.forEach((name, i) => {
    const entity = rowEntity(name, [...at, 'finds', i], { rows, context })
    if (entity !== null && lists !== null && entity.name !== lists)
      add('finds', `${quote(name)} is a row of ${entity.name}, and the list is of ${lists}`, `name rows of ${lists}`)
  })
  for (const { row, values } of leaves) {
    const place = [...at, 'leaves', row]
    const entity = rowEntity(row, place, { rows, context })
    if (entity !== null && values !== null) checkValues(entity, values, { at: place, rows, context, what: 'body' })
  }
}
