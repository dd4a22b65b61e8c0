/** Finds calls whose steps change what the call looks at, where it cannot be kept. */

import { changedInputs, changesCondition } from '../../model/call-changes.ts'
import type { Model } from '../../model/model.ts'
import type { Report } from '../findings/report.ts'

/** Reports calls whose inputs, condition or row would change between the steps of the called action. */
export function reviewCalls(model: Model, report: Report): void {
  for (const { steps } of [...model.actions, ...model.jobs.map(({ action }) => action)])
    for (const step of steps) {
      if (step.verb !== 'call') continue
      const { entity, name: own } = step.action
      const called = entity === null ? own : `${entity}.${own}`
      for (const name of changedInputs(model, step)) {
        const why = `a step of ${called} changes what the input ${name} looks at, and a later one uses it`
        report.add('PLN-D564', [...step.at, 'input', name], why)
      }
      const key = step.when === null ? 'on' : 'when'
      if (changesCondition(model, step)) report.add('PLN-D564', [...step.at, key], `a step of ${called} changes what ${key} looks at`)
    }
}
