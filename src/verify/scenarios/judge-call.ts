/** Compares what a call of a scenario was answered, and the rows afterwards, with what its author expects. */

import { mustBeRefused, type ScenarioCall, type ScenarioExpectation } from '../../model/parts/scenario.ts'
import type { Answered } from '../expected/answered.ts'
import { type AllRows, isLive } from '../expected/reference.ts'
import { partDiffers, type ValueContext } from './scenario-values.ts'

/** What is wrong with an answer; null if nothing is. */
export function answerDiffers({ expect }: ScenarioCall, answer: Answered, context: ValueContext): string | null {
  return statusDiffers(expect, answer) ?? codeDiffers(expect, answer) ?? bodyDiffers(expect, answer, context)
}

function statusDiffers(expect: ScenarioExpectation, { status, json }: Answered): string | null {
  const is = typeof json?.code === 'string' ? `status ${status} ${json.code}` : `status ${status}`
  if (expect.status !== null) return status === expect.status ? null : `${is}, expected ${expect.status}`
  if (mustBeRefused(expect)) return status >= 400 && status < 500 ? null : `${is}, expected a refusal`
  return status >= 200 && status < 300 ? null : `${is}, expected an answer`
}

function codeDiffers({ code }: ScenarioExpectation, { json }: Answered): string | null {
  return code === null || json?.code === code ? null : `code ${json?.code ?? 'of no kind'}, expected ${code}`
}

function bodyDiffers({ answer: wanted, finds }: ScenarioExpectation, { json }: Answered, context: ValueContext): string | null {
  if (finds !== null) {
    const ids = new Set((Array.isArray(json?.data) ? json.data : []).map(({ id }: { readonly id: unknown }) => id))
    const found = [...context.rows].filter(([, { id }]) => ids.has(id)).map(([name]) => name)
    const [is, expected] = [found.toSorted().join(', ') || 'none', finds.toSorted().join(', ') || 'none']
    if (is !== expected) return `the list finds ${is}, expected ${expected}`
  }
  return wanted === undefined ? null : partDiffers(wanted, json, context)
}

/** What is wrong with the rows afterwards; null if nothing is. */
export function rowsDifferFrom({ expect: { leaves } }: ScenarioCall, after: AllRows, context: ValueContext): string | null {
  for (const { row: name, values } of leaves) {
    const known = context.rows.get(name)
    const row = (after.get(known?.entity ?? '') ?? []).find(({ id }) => id === known?.id)
    const is = row !== undefined && isLive(row) ? row : null
    if (values === null && is !== null) return `${name} is still there, expected that it is gone`
    if (values === null) continue
    if (is === null) return `${name} is gone`
    const differs = partDiffers(values, is, context, `/${name}`)
    if (differs !== null) return differs
  }
  return null
}
