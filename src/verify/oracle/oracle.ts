/**
 * Evaluates rules independently of the compiler. It evaluates the *source* of an expression with the CEL library's own evaluator on plain
 * rows, and so shares neither the compiled tree nor the SQL with the compiler. A missing value is absent from the evaluator's data, so that
 * its use is an error. CEL's `&&`, `||`, `exists` and `all` treat errors as Kleene logic treats unknown.
 */

import { Environment, EvaluationError } from '@marcbachmann/cel-js'
import { parseDuration } from '../../design/expression/constants.ts'
import type { Caller } from '../../model/caller.ts'
import type { Operation, Truth } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { aggregate, monthOf, slugify } from './oracle-aggregates.ts'
import { type Names, rewrite } from './oracle-rewrite.ts'
import { type PlainRow, present, rowsOf, type World } from './oracle-rows.ts'
import * as values from './oracle-values.ts'

/** One question. `row` is null for an expression without a row; `now` is the moment that `now()` names. */
export interface Question {
  readonly source: string
  readonly entity: string | null
  readonly row: PlainRow | null
  readonly caller: Caller
  readonly input: PlainRow
  readonly now: Date
}

/** Answers questions about one world. */
export interface Oracle {
  /** True, false, or null for unknown. @throws Error when the expression is not valid in the language. */
  readonly decide: (question: Question) => Truth
}

/** Makes the oracle of a world. The world must not change while it is in use. */
export function oracleOf(world: World): Oracle {
  const { model, rules } = world
  const environment = newEnvironment()
  const names: Names = { model, rules, parse: (source) => environment.parse(source).ast }
  const programs = new Map<string, ReturnType<Environment['parse']>>()
  const rows = rowsOf(world)
  const asked: Question[] = []

  const decide = (question: Question): Truth => {
    const key = `${question.entity} ${question.source}`
    let program = programs.get(key)
    if (program === undefined) {
      program = environment.parse(rewrite(question.source, question.entity, names))
      programs.set(key, program)
    }
    const row = question.row === null || question.entity === null ? {} : rows.valueFor(entityNamed(model, question.entity), question.row)
    asked.push(question)
    try {
      const input = question.entity === null ? {} : present(entityNamed(model, question.entity), question.input)
      return truthOf(program({ row, auth: claims(model, question.caller), input, now: question.now }))
    } catch (error) {
      return unknownOrThrow(error, question)
    } finally {
      asked.pop()
    }
  }

  environment.registerFunction('can_(string, dyn): dyn', (operation: Operation, target: unknown) => {
    const about = asked.at(-1)
    const found = rows.find(target)
    if (about === undefined || found === undefined) return false
    const source = found.entity.access.source[operation]
    const truth = source === null ? false : decide({ ...about, source, entity: found.entity.name, row: found.row, input: {} })
    if (truth === null) throw new values.Missing()
    return truth
  })
  return { decide }
}

function truthOf(result: unknown): Truth {
  if (typeof result === 'boolean') return result
  throw new Error('the expression is not a condition')
}

/** Only a missing value makes an expression unknown. Any other error is a defect of the expression or of the oracle. */
function unknownOrThrow(error: unknown, question: Question): null {
  if (error instanceof values.Missing) return null
  if (error instanceof EvaluationError && error.code === 'no_such_key') return null
  throw new Error(`the oracle cannot judge ${question.source}`, { cause: error })
}

function newEnvironment(): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1_000_000, maxDepth: 10_000, maxListElements: 100_000, maxCallArguments: 100 },
  })
  environment.registerType('Tagged', values.Tagged)
  environment.registerType('Span', values.Span)
  environment.registerType('Constant', values.Constant)
  const register = (signature: string, handler: (...args: never[]) => unknown): unknown => environment.registerFunction(signature, handler)
  register('equal_(dyn, dyn): bool', values.equal)
  register('order_(dyn, dyn): int', (a: unknown, b: unknown) => BigInt(Math.sign(values.order(a, b))))
  register('in_(dyn, dyn): bool', values.isIn)
  register('constant_(string): dyn', (text: string) => new values.Constant(text))
  register('calculable_(dyn): dyn', values.calculable)
  register('calculate_(string, dyn, dyn): dyn', values.calculate)
  register('negate_(dyn): dyn', values.negate)
  register('int_(dyn): int', values.toInt)
  register('double_(dyn): double', values.toDouble)
  register('string_(dyn): string', values.toText)
  register('duration_(string): dyn', (text: string) => values.celValue('duration', parseDuration(text) ?? ''))
  register('trim_(dyn): string', values.trim)
  register('lowerAscii_(dyn): string', (text: string) => values.changeCase(text, 'lower'))
  register('upperAscii_(dyn): string', (text: string) => values.changeCase(text, 'upper'))
  register('matches_(dyn, string): bool', values.matches)
  register('day_(dyn): dyn', values.dayOf)
  register('yearMonth_(dyn): string', monthOf)
  register('slugify_(dyn): string', slugify)
  register('replace_(dyn, string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to))
  register('aggregate_(string, list): dyn', aggregate)
  register('part_(string, dyn): int', values.timePart)
  registerMissing(environment)
  return environment
}

/** `missing_(x)`: whether a value is missing, which CEL's own error handling cannot tell. */
function registerMissing(environment: Environment): void {
  environment.registerFunction('missing_(ast): bool', ({ args }: { args: readonly unknown[] }) => ({
    of: args[0],
    typeCheck: (checker: Checker, macro: Macro, context: unknown) => {
      checker.check(macro.of, context)
      return checker.getType('bool')
    },
    evaluate: (evaluator: Evaluator, macro: Macro, context: unknown) => evaluator.tryEval(macro.of, context) instanceof Error,
  }))
}

interface Macro {
  readonly of: unknown
}

interface Checker {
  check(node: unknown, context: unknown): unknown
  getType(name: string): unknown
}

interface Evaluator {
  tryEval(node: unknown, context: unknown): unknown
}

function claims(model: Model, caller: Caller): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const { name, scalar } of model.claims) {
    const value = caller.claims.get(name) ?? null
    if (value !== null) found[name] = values.celValue(scalar, value)
  }
  return found
}
