/** The actions and workflows of a plan as text. */

import { columns } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'
import type { PlannedAction, PlannedWorkflow } from './planned-actions.ts'

/** Each action: its address and who may call it, then what it writes and how it fails. */
export function actionLines(actions: readonly PlannedAction[], heading: string, style: Style): readonly string[] {
  if (actions.length === 0) return []
  const heads = columns(
    actions.map(({ address, allow, as }) => [address, allow ?? 'nobody: closed', as === 'system' ? 'AS SYSTEM' : '']),
    '  ',
  )
  return [
    heading,
    ...actions.flatMap((action, i) => [
      style.cyan(heads[i]?.trimEnd() ?? ''),
      ...columns(
        facts(action).flatMap(([word, list]) => (list.length === 0 ? [] : [[word, list.join(', ')]])),
        '    ',
      ),
    ]),
  ]
}

function facts(action: PlannedAction): readonly (readonly [string, readonly string[]])[] {
  return [
    ['media', action.media],
    ['moves', action.moves === null ? [] : [action.moves]],
    ['runs', action.code ? ['code'] : []],
    ['isolation', action.isolation === 'serializable' ? ['serializable, and run again after a conflict'] : []],
    ['locks', action.locks],
    ['creates', action.creates],
    ['changes', action.changes],
    ['deletes', action.deletes],
    ['enqueues', action.enqueues],
    ['fails', action.fails],
    ['trips', [action.trips]],
    ['waits', action.waits],
  ]
}

/** The actions as system, with what they do and their callers could not all do themselves. */
export function pastRuleLines(actions: readonly PlannedAction[]): readonly string[] {
  const rows = actions.flatMap(({ action, allow, past }) => {
    if (past === null) return []
    const did = [
      ['reads', past.reads],
      ['writes', past.writes],
      ['shows', past.shows],
    ] as const
    const words = did.map(([word, list]) => `${word} ${list.length === 0 ? 'nothing' : list.join(', ')}`)
    const what = past.code === null ? words.join('; ') : `its code ${past.code} all rows`
    return [[action, allow ?? 'nobody: closed', what]]
  })
  return rows.length === 0 ? [] : ['  As system, past the rules above:', ...columns(rows, '    ')]
}

/** The state diagrams of workflows, in Mermaid. */
export function workflowLines(workflows: readonly PlannedWorkflow[], heading: string): readonly string[] {
  if (workflows.length === 0) return []
  return [
    heading,
    ...workflows.flatMap(({ workflow, field, diagram }) => [
      `  ${workflow} (${field})`,
      '  ```mermaid',
      ...diagram.split('\n').map((line) => `  ${line}`),
      '  ```',
    ]),
  ]
}
