/** Lists the actions of a design: those of entities, those of the design, and the transitions of workflows. */

import { quote } from '../findings/report.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import type { ActionSource, LogicContext } from './logic-context.ts'

/** All actions in the order of the design. A second one of the same name is reported and left out. */
export function actionSources({ design, report }: LogicContext): readonly ActionSource[] {
  const found: ActionSource[] = []
  const seen = new Set<string>()
  const add = (source: ActionSource, what: string): void => {
    checkMemberName(source.name, { what, at: source.at, report })
    const key = `${source.entity ?? ''}.${source.name}`
    if (seen.has(key))
      report.add('PLN-D203', source.at, `${source.entity} has an action ${quote(source.name)} already`, 'rename one of them')
    else found.push(source)
    seen.add(key)
  }
  for (const [entity, { actions = {} }] of Object.entries(design.entities)) {
    for (const [name, action] of Object.entries(actions))
      add({ name, entity, at: ['entities', entity, 'actions', name], design: action, transition: null }, 'an action')
  }
  for (const [name, action] of Object.entries(design.actions ?? {}))
    add({ name, entity: null, at: ['actions', name], design: action, transition: null }, 'an action')
  for (const [workflow, workflowDesign] of Object.entries(design.workflows ?? {})) {
    for (const [name, transition] of Object.entries(workflowDesign.transitions)) {
      const at = ['workflows', workflow, 'transitions', name]
      const source = { workflow, workflowDesign, design: transition }
      add({ name, entity: workflowDesign.entity, at, design: transition, transition: source }, 'a transition')
    }
  }
  return found
}
