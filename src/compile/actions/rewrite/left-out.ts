/**
 * Conditions such as `input.tag == null || input.tag in tagList` are decided before SQL when the call leaves the input out, or does not.
 * So a list has one statement for each set of inputs that it is asked with, and PostgreSQL uses the indexes for these alone.
 */

import { memo } from '../../../base/memo.ts'
import type { Values } from '../../../base/sql/statement.ts'
import type { Action, ActionStep } from '../../../model/action.ts'
import { ALWAYS, NEVER, type Predicate } from '../../../model/expression.ts'
import { isLeaf } from '../../../model/predicate.ts'
import { mapPredicate, type Parts, visitPredicate } from '../../../model/tree.ts'
import { foldLogic } from '../../rules/specialise.ts'

/** The maximum number of inputs that make statements different: 16 statements. Conditions on further inputs stay in SQL. */
const MOST_INPUTS = 4

/** The action for calls with these values in the slots `input.<name>`. It does the same for such calls. It is made once. */
export function actionForCall(action: Action, sent: Values): Action {
  const { deciding, known } = variantsOf(action)
  if (deciding.length === 0) return action
  const leftOut = new Set(deciding.filter((name) => sent[`input.${name}`] === null))
  const key = [...leftOut].join()
  const made = known.get(key) ?? withLeftOut(action, new Set(deciding), leftOut)
  known.set(key, made)
  return made
}

const variantsOf = memo((action: Action) => ({ deciding: decidingInputs(action), known: new Map<string, Action>() }))

/** The inputs whose absence decides conditions in the steps of an action that only reads, each once. */
function decidingInputs({ reads, inputs, steps }: Action): readonly string[] {
  if (!reads) return []
  const found = new Set<string>()
  const predicate = (p: Predicate): void => {
    if (p.kind === 'missing' && p.of.kind === 'input') found.add(p.of.field)
  }
  for (const step of steps) if (step.verb === 'find' || step.verb === 'list') visitPredicate(step.where, { predicate })
  return [...found].filter((name) => inputs.some((input) => input.name === name)).slice(0, MOST_INPUTS)
}

function withLeftOut(action: Action, deciding: ReadonlySet<string>, leftOut: ReadonlySet<string>): Action {
  const parts: Parts = {
    predicate: (p) => decided(mapPredicate(p, parts), (name) => (deciding.has(name) ? leftOut.has(name) : null)),
    term: (t) => t,
    row: (row) => row,
  }
  const steps = action.steps.map(
    (step): ActionStep => (step.verb === 'find' || step.verb === 'list' ? { ...step, where: parts.predicate(step.where) } : step),
  )
  return { ...action, steps }
}

/** A condition whose parts are decided. `isLeftOut` gives null for an input that decides nothing before SQL. */
function decided(p: Predicate, isLeftOut: (input: string) => boolean | null): Predicate {
  if (!isLeaf(p)) return foldLogic(p)
  const known = p.kind === 'missing' && p.of.kind === 'input' ? isLeftOut(p.of.field) : null
  return known === null ? p : known ? ALWAYS : NEVER
}
