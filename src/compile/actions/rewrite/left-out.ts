/**
 * Conditions such as `input.tag == null || input.tag in tagList` are decided before SQL when the call leaves the input out, or does not.
 * So a list has one statement for each set of inputs that it is asked with, and PostgreSQL uses the indexes for these alone.
 */

import { memo } from '../../../base/memo.ts'
import type { Values } from '../../../base/sql/statement.ts'
import type { Action, ActionStep } from '../../../model/action.ts'
import { ALWAYS, NEVER, type Predicate } from '../../../model/expression.ts'
import { mapPredicate, type Parts, visitPredicate } from '../../../model/tree.ts'

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

/** A condition whose parts are decided. */
function decided(p: Predicate, isLeftOut: (input: string) => boolean | null): Predicate {
  switch (p.kind) {
    case 'missing': {
      const known = p.of.kind === 'input' ? isLeftOut(p.of.field) : null
      return known === null ? p : known ? ALWAYS : NEVER
    }
    case 'not':
      if (p.of.kind !== 'const' || p.of.value === null) return p
      return p.of.value ? NEVER : ALWAYS
    case 'any':
      return p.of.some((part) => isConst(part, true)) ? ALWAYS : without(p, false)
    case 'all':
      return p.of.some((part) => isConst(part, false)) ? NEVER : without(p, true)
    case 'const':
    case 'compare':
    case 'member':
    case 'truth':
    case 'text':
    case 'holds':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'can':
      return p
  }
}

/** Without the parts that change nothing. */
function without(p: Extract<Predicate, { kind: 'any' | 'all' }>, neutral: boolean): Predicate {
  const of = p.of.filter((part) => !isConst(part, neutral))
  const [first] = of
  if (first === undefined) return neutral ? ALWAYS : NEVER
  return of.length === 1 ? first : { ...p, of }
}

function isConst(p: Predicate, value: boolean): boolean {
  return p.kind === 'const' && p.value === value
}
