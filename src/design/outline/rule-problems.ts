/** Problems inside named rules. A rule is compiled again at each use, and each mistake in it is reported once. */

import type { ExpressionProblem } from '../expression/scope.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { namesIn } from './rules.ts'

/** An expression that has been compiled, with the problems in the rules that it uses. */
export interface RuleUse {
  readonly source: string
  readonly entity: string | null
  readonly at: Path
  readonly problems: readonly InRule[]
}

/** A problem within a named rule. */
type InRule = ExpressionProblem & { readonly rule: NonNullable<ExpressionProblem['rule']> }

/**
 * Whether the problem may be reported at the rule. A limit (PLN-D309) depends on the whole expression, so it is reported at the expression
 * that exceeds it.
 */
export function isInRule(problem: ExpressionProblem): problem is InRule {
  return problem.rule !== undefined && problem.code !== 'PLN-D309'
}

/**
 * Reports the problems in the rules. When every use of a rule has problems, they are reported at the rule; otherwise at the uses that do
 * not fit. A problem that only one of several uses has is reported at that use.
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

/** Reports a problem of an expression at its place. `where` is a part of the message for facts that the place does not show. */
export function addProblem(
  problem: Omit<ExpressionProblem, 'rule'>,
  { at, where = '' }: { readonly at: Path; readonly where?: string },
  report: Report,
): void {
  const { code, message, hint, line, column } = problem
  const guess = hint?.startsWith('did you mean') === true
  report.add(code, at, `${message} at ${line}:${column}${where}${guess ? `, ${hint}` : ''}`, guess ? undefined : hint)
}

/** Names the entities that use a rule: a name in the rule may exist in one entity and not in another. */
function addAtRule({ code, hint, rule }: InRule, by: readonly RuleUse[], report: Report): void {
  const entities = [...new Set(by.flatMap(({ entity }) => entity ?? []))]
  const shown = entities.length > 3 ? [...entities.slice(0, 3), '…'] : entities
  const where = code === 'PLN-D301' || shown.length === 0 ? '' : ` (used for ${shown.join(', ')})`
  const best = hint ?? by.flatMap((use) => use.problems.filter((p) => p.rule.message === rule.message)).find((p) => p.hint)?.hint
  const { name, message, line, column } = rule
  addProblem({ code, message, line, column, ...(best === undefined ? {} : { hint: best }) }, { at: ['rules', name], where }, report)
}

/** The number of expressions that use each rule, directly or through other rules. */
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
