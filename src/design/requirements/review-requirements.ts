/** Reviews requirements and scenarios: those that nothing meets, and grants that none of them asks for. */

import type { Action } from '../../model/action.ts'
import type { Entity, Model } from '../../model/model.ts'
import { type RequirementQuestion, requirementsAbout } from '../../model/parts/requirement.ts'
import { isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/** Adds the findings about requirements and scenarios. Grants need a requirement only where there are requirements. */
export function reviewRequirements(model: Model, report: Report): void {
  const { requirements, scenarios } = model
  for (const { name, calls } of scenarios)
    if (calls.length === 0) report.add('PLN-D712', ['scenarios', name], `${name} is a text, so nothing tries it`)
  if (requirements.length === 0) return
  for (const { id, status, question } of requirements) {
    if (status === 'unmapped') report.add('PLN-D702', ['requirements', id], `nothing says what meets ${id}`)
    if (status === 'open') report.add('PLN-D703', ['requirements', id], `${id} is open${asked(question)}`)
  }
  const about = requirementsAbout(requirements)
  for (const { path, what } of grantsOf(model)) {
    if (about(path).length > 0) continue
    report.add('PLN-D704', path, `${what}, and no requirement asks for it`, `add ${quote(nameOf(path))} to a requirement, or close it`)
  }
}

function asked(question: RequirementQuestion | null): string {
  if (question === null) return ''
  return `: ${quote(question.ask)} Until then, this holds: ${quote(question.options[question.taken - 1] ?? '')}`
}

interface Grant {
  /** The path of the rule, or of the action that has it. */
  readonly path: Path
  readonly what: string
}

/** What some caller may do. */
function grantsOf(model: Model): readonly Grant[] {
  return [...model.entities.flatMap(accessGrants), ...model.actions.flatMap((action) => actionGrant(action))]
}

function accessGrants({ name, access }: Entity): readonly Grant[] {
  const rules = { read: access.read, create: access.create, update: access.update.from, delete: access.delete }
  return Object.entries(rules)
    .filter(([, rule]) => !isNever(rule))
    .map(([operation]) => ({ path: ['entities', name, 'access', operation], what: `${operation} of ${name} is open` }))
}

function actionGrant({ at, entity, name, allow }: Action): readonly Grant[] {
  if (isNever(allow)) return []
  return [{ path: at, what: `${entity === null ? '' : `${entity}.`}${name} may be called` }]
}

/** A path as a requirement names it: without `entities`. */
function nameOf(path: Path): string {
  return (path[0] === 'entities' ? path.slice(1) : path).join('.')
}
