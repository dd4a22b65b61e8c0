/** The actions of a design as the author wrote them, with the transitions of workflows. */

import { FAILURES, type FailureCode } from '../../base/failures/failure-catalogue.ts'
import type { WrittenAction, WrittenLogic, WrittenTransition } from './written-logic.ts'

/** The move of a state that an action makes before its steps. */
export interface Move {
  readonly field: string
  readonly from: readonly string[]
  readonly to: string
  readonly guard: string | undefined
}

/** An action and where it stands. */
export interface ActionDesignAt {
  readonly name: string
  readonly entity: string | null
  readonly design: WrittenAction
  readonly transition: Move | null
}

/** All actions of a design. */
export function writtenActions({ entities, actions = {}, workflows = {} }: WrittenLogic): readonly ActionDesignAt[] {
  const own = Object.entries(entities).flatMap(([entity, { actions: of = {} }]) =>
    Object.entries(of).map(([name, design]) => ({ name, entity, design, transition: null })),
  )
  const global = Object.entries(actions).map(([name, design]) => ({ name, entity: null, design, transition: null }))
  const moves = Object.values(workflows).flatMap(({ entity, field, transitions }) =>
    Object.entries(transitions).map(([name, design]) => ({ name, entity, design, transition: moveOf(field, design) })),
  )
  return [...own, ...global, ...moves]
}

function moveOf(field: string, { from, to, guard }: WrittenTransition): Move {
  return { field, from: typeof from === 'string' ? [from] : from, to, guard }
}

/** The label of an action: `Course.promote`, or `overdue` for an action of the design. */
export function writtenLabel({ entity, name }: Pick<ActionDesignAt, 'entity' | 'name'>): string {
  return entity === null ? name : `${entity}.${name}`
}

/** The action that a `call` names: `Course.promote`, or `overdue` for an action of the design. */
export function actionLabelled({ design }: { readonly design: WrittenLogic }, label: string): ActionDesignAt {
  const found = writtenActions(design).find((action) => label === writtenLabel(action))
  if (found === undefined) throw new Error(`no action ${label}`)
  return found
}

/** The status of an `else`: "409 unless declared; a code of Plinth keeps its status". */
export function failureOf({ design }: { readonly design: WrittenLogic }, code: string): { readonly status: number; readonly code: string } {
  const own = Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureCode].status : null
  return { status: own ?? design.errors?.codes?.[code]?.status ?? 409, code }
}
