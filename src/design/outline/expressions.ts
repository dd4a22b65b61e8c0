/** Compiles the expressions of a design and turns their problems into findings at the place where the expression is written. */

import type { Predicate, Term } from '../../model/expression.ts'
import { NEVER } from '../../model/expression.ts'
import { isAboutOwnRow } from '../../model/own-row.ts'
import type { CompiledElements, ExpectedType } from '../expression/compile.ts'
import { compileElements, compilePredicate, compileTerm } from '../expression/compile.ts'
import type { CompiledExpression, ExpressionScope } from '../expression/scope.ts'
import type { Shape } from '../expression/shape.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { addProblem, isInRule, type RuleUse } from './rule-problems.ts'

/** The state that the expressions of one design share. */
export interface Expressions {
  readonly shape: Shape
  readonly report: Report
  /** Names of parts that exist but could not be read. An expression that uses one raises no finding, because the part itself has one. */
  readonly unusable: ReadonlySet<string>
  /** Every expression of the design, as it is compiled. */
  readonly sources: string[]
  /**
   * Every expression that could be parsed, with the problems in the rules that it uses. They are reported after all expressions are
   * compiled.
   */
  readonly uses: RuleUse[]
}

/** The place of an expression. It decides which names the expression may use. */
type ExpressionPlace = 'rule' | 'writing' | 'row' | 'check' | 'computed' | 'default' | 'set' | 'action' | 'written' | 'mail'

/**
 * `rule`: the row, its relations, the caller, the clock. `writing`: the same and `input`. `row`: the row's own fields alone. `check`: the
 * row and its relations. `computed`: as `rule`. `default`: the caller and the clock, before there is a row. `set`: and the new row.
 * `action`: as `writing`, with the names of the action. `written`: a value of a step, as `action`. `mail`: the row, its
 * relations, the clock, and the names of the event.
 */
const PLACES = {
  rule: { input: false, relations: true, auth: true, clock: true },
  writing: { input: true, relations: true, auth: true, clock: true },
  row: { input: false, relations: false, auth: false, clock: false },
  check: { input: false, relations: true, auth: false, clock: false },
  computed: { input: false, relations: true, auth: true, clock: true },
  default: { input: false, relations: false, auth: true, clock: true, fresh: true },
  set: { input: false, relations: true, auth: true, clock: true, fresh: true },
  action: { input: true, relations: true, auth: true, clock: true },
  written: { input: true, relations: true, auth: true, clock: true, fresh: true },
  mail: { input: true, relations: true, auth: false, clock: true },
} as const satisfies Record<ExpressionPlace, Omit<ExpressionScope, 'shape' | 'entity'>>

/** Where one expression stands. */
export interface Standing {
  readonly entity: string | null
  readonly place: ExpressionPlace
  readonly at: Path
  /** The names of an action, if the expression stands in one. */
  readonly action?: Pick<ExpressionScope, 'names' | 'inputs' | 'binding'>
}

/** Compiles a condition. When it cannot be compiled, its problems are reported and the result is `NEVER`. */
export function condition(source: string, standing: Standing, expressions: Expressions): Predicate {
  expressions.sources.push(source)
  const compiled = bounded(() => compilePredicate(source, scopeOf(standing, expressions)))
  return found(compiled, { ...standing, source }, expressions) ?? NEVER
}

/**
 * Compiles the condition of an index, which PostgreSQL tests for each row. A condition that examines the items of a list is reported: an
 * index can only test whether a list contains an item.
 */
export function indexCondition(source: string, standing: Standing, expressions: Expressions): Predicate {
  const compiled = condition(source, standing, expressions)
  if (isAboutOwnRow(compiled)) return compiled
  expressions.report.add('PLN-D308', standing.at, 'the database cannot look into a list item by item', 'write "x" in list, or size(list)')
  return NEVER
}

/** Compiles a value of the type `expected`, or of any type when that is null. Null, with findings, when it cannot be compiled. */
export function term(
  source: string,
  standing: Standing & { readonly expected: ExpectedType | null },
  expressions: Expressions,
): Term | null {
  expressions.sources.push(source)
  const compiled = bounded(() => compileTerm(source, scopeOf(standing, expressions), standing.expected))
  return found(compiled, { ...standing, source }, expressions)
}

/** Compiles what a step is about: one row, rows, or the items of a list. Null, with findings, when it cannot be compiled. */
export function elements(source: string, standing: Standing, expressions: Expressions): CompiledElements | null {
  expressions.sources.push(source)
  const compiled = bounded(() => compileElements(source, scopeOf(standing, expressions)))
  return found(compiled, { ...standing, source }, expressions)
}

/** Reports a stack overflow as a finding: compiling is recursive, and the parser does not limit every kind of nesting. */
function bounded<T>(compile: () => CompiledExpression<T>): CompiledExpression<T> {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { ok: false, problems: [{ code: 'PLN-D309', message: 'the expression nests too deeply', line: 1, column: 1 }] }
  }
}

function scopeOf(standing: Standing, { shape }: Expressions): ExpressionScope {
  return { shape, entity: standing.place === 'default' ? null : standing.entity, ...PLACES[standing.place], ...standing.action }
}

function found<T>(compiled: CompiledExpression<T>, standing: Standing & { readonly source: string }, expressions: Expressions): T | null {
  const { report, unusable, uses } = expressions
  const { source, entity, at } = standing
  const problems = compiled.ok
    ? []
    : compiled.problems.filter(({ code, message }) => code !== 'PLN-D302' || !unusable.has(/"([^"]*)"$/.exec(message)?.[1] ?? ''))
  const own = problems.filter((problem) => !isInRule(problem))
  // an expression that cannot be parsed has not been compiled, so its uses of rules are unknown
  if (!own.some(({ code }) => code === 'PLN-D301')) uses.push({ source, entity, at, problems: problems.filter(isInRule) })
  for (const problem of own) addProblem(problem, { at }, report)
  return compiled.ok ? compiled.value : null
}
