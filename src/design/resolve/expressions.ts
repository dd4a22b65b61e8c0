/** Compiles the expressions of a design and turns their problems into findings at the place where the expression is written. */

import type { Predicate, Term, ValueType } from '../../model/expression.ts'
import { NEVER } from '../../model/expression.ts'
import { compilePredicate, compileTerm } from '../expression/compile.ts'
import type { Compiled, ExpressionScope } from '../expression/scope.ts'
import type { Shape } from '../expression/shape.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { addProblem, isInRule, type RuleUse } from './rule-problems.ts'

/** What the expressions of one design share. */
export interface Expressions {
  readonly shape: Shape
  readonly report: Report
  /** Names of parts that exist but could not be read: that an expression does not find them is a consequence, not a finding. */
  readonly unusable: ReadonlySet<string>
  /** Every expression of the design, as it is compiled. */
  readonly sources: string[]
  /** Every expression that could be read, with what is wrong in the rules that it uses: told when all of them are known. */
  readonly uses: RuleUse[]
}

/** What an expression may use where it stands. */
type ExpressionPlace = 'rule' | 'writing' | 'row' | 'default'

/**
 * `rule`: the row, its relations, the caller, the clock. `writing`: the same and `input`. `row`: the row's own fields alone (checks, computed fields).
 * `default`: the caller and the clock, before there is a row.
 */
const PLACES = {
  rule: { input: false, relations: true, auth: true, clock: true },
  writing: { input: true, relations: true, auth: true, clock: true },
  row: { input: false, relations: false, auth: false, clock: false },
  default: { input: false, relations: false, auth: true, clock: true },
} as const satisfies Record<ExpressionPlace, Omit<ExpressionScope, 'shape' | 'entity'>>

/** Where one expression stands. */
export interface Standing {
  readonly entity: string | null
  readonly place: ExpressionPlace
  readonly at: Path
}

/** A condition. One that cannot be compiled is reported, and refuses. */
export function condition(source: string, standing: Standing, expressions: Expressions): Predicate {
  expressions.sources.push(source)
  const compiled = bounded(() => compilePredicate(source, scopeOf(standing, expressions)))
  return found(compiled, { ...standing, source }, expressions) ?? NEVER
}

/** A value of the type `expected`, or of any when that is null. Null, with a finding, when it cannot be compiled. */
export function term(source: string, standing: Standing & { readonly expected: ValueType | null }, expressions: Expressions): Term | null {
  expressions.sources.push(source)
  const compiled = bounded(() => compileTerm(source, scopeOf(standing, expressions), standing.expected))
  return found(compiled, { ...standing, source }, expressions)
}

/** Compiling follows the nesting of the source, and the parser does not bound every kind of nesting: the stack is the last limit. */
function bounded<T>(compile: () => Compiled<T>): Compiled<T> {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { ok: false, problems: [{ code: 'PLN-D309', message: 'the expression nests too deeply', line: 1, column: 1 }] }
  }
}

function scopeOf(standing: Standing, { shape }: Expressions): ExpressionScope {
  return { shape, entity: standing.place === 'default' ? null : standing.entity, ...PLACES[standing.place] }
}

function found<T>(compiled: Compiled<T>, standing: Standing & { readonly source: string }, expressions: Expressions): T | null {
  const { report, unusable, uses } = expressions
  const { source, entity, at } = standing
  const problems = compiled.ok
    ? []
    : compiled.problems.filter(({ code, message }) => code !== 'PLN-D302' || !unusable.has(/"([^"]*)"$/.exec(message)?.[1] ?? ''))
  const own = problems.filter((problem) => !isInRule(problem))
  // one that cannot be read has not come as far as its rules
  if (!own.some(({ code }) => code === 'PLN-D301')) uses.push({ source, entity, at, problems: problems.filter(isInRule) })
  for (const problem of own) addProblem(problem, { at }, report)
  return compiled.ok ? compiled.value : null
}
