/** Resolves the workflows of a design: their fields, states and transitions. */

import type { Workflow } from '../../model/workflow.ts'
import type { WorkflowDesign } from '../authoring/logic-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { hasEntity, isBroken } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'

/** The workflows whose field is a choice; the others are reported and left out. */
export function resolveWorkflows(context: LogicContext): readonly Workflow[] {
  const taken = new Set<string>()
  return Object.entries(context.design.workflows ?? {}).flatMap(([name, design]) => {
    const at = ['workflows', name]
    checkMemberName(name, { what: 'a workflow', at, report: context.report })
    const states = statesOf(design, at, context)
    if (states === null) return []
    const field = `${design.entity}.${design.field}`
    if (taken.has(field))
      context.report.add('PLN-D203', [...at, 'field'], `another workflow moves ${field} already`, 'put all transitions into one of them')
    taken.add(field)
    for (const [transition, { from, to }] of Object.entries(design.transitions)) {
      const place = [...at, 'transitions', transition]
      if (typeof from === 'string') checkState(from, { states, at: [...place, 'from'] }, context)
      else for (const [i, state] of from.entries()) checkState(state, { states, at: [...place, 'from', i] }, context)
      if (!states.includes(to)) reportTarget(transition, to, { design, states, at: [...place, 'to'] }, context)
    }
    const initial = initialOf(design, { states, at }, context)
    if (initial !== null) reportDeadEnds(design, { states, initial, at }, context)
    const transitions = Object.keys(design.transitions)
    return initial === null ? [] : [{ name, entity: design.entity, field: design.field, initial, transitions }]
  })
}

/** The values of the choice; null, with findings, when the field is no choice. */
function statesOf(design: WorkflowDesign, at: Path, { outline, report }: LogicContext): readonly string[] | null {
  const entity = outline.entities.get(design.entity)
  if (!hasEntity(outline, design.entity))
    report.add('PLN-D208', [...at, 'entity'], `unknown entity ${quote(design.entity)}${didYouMean(design.entity, outline.entities.keys())}`)
  if (entity === undefined) return null
  const field = entity.fields.get(design.field)
  if (field === undefined) {
    if (!isBroken(outline, [...entity.at, 'fields', design.field]))
      report.add('PLN-D207', [...at, 'field'], `unknown field ${quote(design.field)}${didYouMean(design.field, entity.fields.keys())}`)
    return null
  }
  if (field.design.type === 'choice') return field.design.values
  report.add('PLN-D221', [...at, 'field'], `${quote(design.field)} is of type ${field.design.type}, not choice`)
  return null
}

interface StatePlace {
  readonly states: readonly string[]
  readonly at: Path
}

function checkState(state: string, { states, at }: StatePlace, { report }: LogicContext): void {
  if (!states.includes(state))
    report.add('PLN-D221', at, `unknown state ${quote(state)}${didYouMean(state, states)}`, `the states are ${states.join(', ')}`)
}

function reportTarget(
  transition: string,
  to: string,
  { design, states, at }: StatePlace & { readonly design: WorkflowDesign },
  { report }: LogicContext,
): void {
  const near = didYouMean(to, states)
  const message = `transition ${quote(transition)} leads to ${quote(to)}, which is no value of ${design.entity}.${design.field}${near}`
  report.add('PLN-D515', at, message, `the states are ${states.join(', ')}`)
}

/** The state of a new row; null, with a finding, when there is none. */
function initialOf(design: WorkflowDesign, { states, at }: StatePlace, context: LogicContext): string | null {
  if (design.initial !== undefined) {
    checkState(design.initial, { states, at: [...at, 'initial'] }, context)
    return states.includes(design.initial) ? design.initial : null
  }
  const field = context.entities.get(design.entity)?.fields.find(({ name }) => name === design.field)
  if (field?.default?.kind === 'value' && typeof field.default.value === 'string') return field.default.value
  const [first = ''] = states
  context.report.add('PLN-D552', at, `${design.entity}.${design.field} has no default, so a new row has no state`, `add initial: ${first}`)
  return null
}

/** Reports states that no transition reaches, and names the states that no transition leaves. */
function reportDeadEnds(
  design: WorkflowDesign,
  { states, initial, at }: StatePlace & { readonly initial: string },
  { report }: LogicContext,
): void {
  const moves = Object.values(design.transitions).map(({ from, to }) => ({ from: typeof from === 'string' ? [from] : from, to }))
  const unreached = states.filter((state) => state !== initial && !moves.some(({ to }) => to === state))
  const ends = states.filter((state) => !unreached.includes(state) && !moves.some(({ from }) => from.includes(state)))
  // A state that does not exist has a finding of its own.
  const isSound = moves.every(({ from, to }) => states.includes(to) && from.every((state) => states.includes(state)))
  if (unreached.length === 0 || !isSound) return
  const where = ends.length === 0 ? '' : `, and none leaves ${ends.map(quote).join(', ')}: rows end there`
  report.add('PLN-D516', at, `no transition reaches ${unreached.map(quote).join(', ')}${where}`, 'add a transition, or remove the value')
}
