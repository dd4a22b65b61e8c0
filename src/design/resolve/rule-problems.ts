/** Problems inside of named rules. A rule is checked where it is written out, once for each use; its author wants to read of a mistake once. */

import type { ExpressionProblem } from '../expression/scope.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { namesIn } from './rules.ts'

/** One expression that has been compiled, and what is wrong in the rules that it uses. */
export interface RuleUse {
  readonly source: string
  readonly entity: string | null
  readonly at: Path
  readonly problems: readonly InRule[]
}

/** A problem within a named rule. */
type InRule = ExpressionProblem & { readonly rule: NonNullable<ExpressionProblem['rule']> }

/**
 * Whether the problem may be told where the rule is written. How much there is of something depends on all that the expression holds, so a limit is told
 * where it is passed.
 */
export function isInRule(problem: ExpressionProblem): problem is InRule {
  return problem.rule !== undefined && problem.code !== 'PLN-D309'
}

/**
 * Adds what is wrong in the rules: at the rule when no use of it is free of problems, else at the uses, as it is they that do not fit. Of a rule that is wrong
 * everywhere, what is wrong with a single one of its uses is that use's own.
 */
export function reportRuleProblems(rules: ReadonlyMap<string, string>, uses: readonly RuleUse[], report: Report): void {
  const found = findingsOf(uses)
  if (found.length === 0) return
  const counts = countUses(rules, uses)
  for (const { problem, by } of found) {
    const { name } = problem.rule
    const failing = uses.filter((use) => use.problems.some(({ rule }) => rule.name === name)).length
    if (failing === counts.get(name) && (by.length > 1 || failing === 1)) addAtRule(problem, by, report)
    else for (const use of by) addProblem(problem, use, report)
  }
}

interface RuleFinding {
  readonly problem: InRule
  readonly by: RuleUse[]
}

/** Each problem once, with the uses that have it, in the order of their expressions. */
function findingsOf(uses: readonly RuleUse[]): readonly RuleFinding[] {
  const found = new Map<string, RuleFinding>()
  for (const use of uses) {
    for (const problem of use.problems) {
      const { name, message, line, column } = problem.rule
      const key = JSON.stringify([name, problem.code, message, line, column])
      const known = found.get(key)
      if (known === undefined) found.set(key, { problem, by: [use] })
      else if (known.by.at(-1) !== use) known.by.push(use)
    }
  }
  return [...found.values()]
}

/** Adds a problem of an expression at its place; `where` says what the place does not. */
export function addProblem(
  problem: Omit<ExpressionProblem, 'rule'>,
  { at, where = '' }: { readonly at: Path; readonly where?: string },
  report: Report,
): void {
  const { code, message, hint, line, column } = problem
  const guess = hint?.startsWith('did you mean') === true
  report.add(code, at, `${message} at ${line}:${column}${where}${guess ? `, ${hint}` : ''}`, guess ? undefined : hint)
}

/** The same names mean other things in other entities, so a rule that reads well may be right but for where it is used: the entities are named. */
function addAtRule({ code, hint, rule }: InRule, by: readonly RuleUse[], report: Report): void {
  const entities = [...new Set(by.flatMap(({ entity }) => entity ?? []))]
  const shown = entities.length > 3 ? [...entities.slice(0, 3), '…'] : entities
  const where = code === 'PLN-D301' || shown.length === 0 ? '' : ` (used for ${shown.join(', ')})`
  const best = hint ?? by.flatMap((use) => use.problems.filter((p) => p.rule.message === rule.message)).find((p) => p.hint)?.hint
  const { name, message, line, column } = rule
  addProblem({ code, message, line, column, ...(best === undefined ? {} : { hint: best }) }, { at: ['rules', name], where }, report)
}

/** How many expressions use each rule, themselves or through other rules. */
function countUses(rules: ReadonlyMap<string, string>, uses: readonly RuleUse[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { source } of uses) {
    const used = new Set<string>()
    const queue = [...namesIn(source)]
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const rule = rules.get(name)
      if (rule === undefined || used.has(name)) continue
      used.add(name)
      queue.push(...namesIn(rule))
    }
    for (const name of used) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
