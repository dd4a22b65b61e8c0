/**
 * Evaluates rules independently of the compiler. It evaluates the *source* of an expression with the CEL library's own evaluator on plain
 * rows, and so shares neither the compiled tree nor the SQL with the compiler. A missing value is absent from the evaluator's data, so that
 * its use is an error. CEL's `&&`, `||`, `exists` and `all` treat errors as Kleene logic treats unknown.
 */

import { Environment, EvaluationError } from '@marcbachmann/cel-js'
import type { Caller } from '../../model/caller.ts'
import type { Operation, Truth } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { aggregate, monthOf, slugify, spanOfConstant } from './oracle-aggregates.ts'
import { type Named, plainOf, valuesOfNames } from './oracle-names.ts'
import { type Names, rewrite } from './oracle-rewrite.ts'
import { type Compute, type PlainRow, present, type Rows, rowsOf, type World } from './oracle-rows.ts'
import type { PlainValue } from './oracle-values.ts'
import * as values from './oracle-values.ts'

/** One question. `row` is null for an expression without a row; `now` is the moment that `now()` names. */
export interface Question {
  readonly source: string
  readonly entity: string | null
  readonly row: PlainRow | null
  readonly caller: Caller
  readonly input: PlainRow
  readonly now: Date
  /** The names of an action, in place of `input`; left out for an expression outside of actions. */
  readonly names?: ReadonlyMap<string, Named>
}

/** Answers questions about one world. */
export interface Oracle {
  /** True, false, or null for unknown. @throws Error when the expression is not valid in the language. */
  readonly decide: (question: Question) => Truth
  /** The value of an expression, or null where it is missing. @throws Error when the expression is not valid in the language. */
  readonly evaluate: (question: Question) => PlainValue
  /** The value as the evaluator has it. @throws an error of the evaluator for a missing value. */
  readonly compute: (question: Question) => unknown
}

/** All rows behind those that a caller may read, for fields that are computed over all rows. */
export interface Behind {
  readonly oracle: Oracle
  readonly rows: World['rows']
  /** Whether the caller may read a computed field of a row. */
  readonly shows: (entity: string, id: PlainValue, field: string) => boolean
}

/** Makes the oracle of a world. The world must not change while it is in use. */
export function oracleOf(world: World): Oracle {
  return oraclesOf(world)(world.rows)
}

interface Asked extends Oracle {
  readonly question: Question
  readonly rows: Rows
}

/** What the oracles of one design share. */
interface Shared extends Omit<World, 'rows'> {
  /** The questions that are being answered, each inside of the one before it. */
  readonly asked: Asked[]
  /** The program of a question. Each is parsed once. */
  readonly programOf: (question: Question) => ReturnType<Environment['parse']>
}

/** Makes the oracles of one design over different rows. They share what they have parsed. */
export function oraclesOf(world: Omit<World, 'rows'>): (rows: World['rows'], behind?: Behind) => Oracle {
  const environment = newEnvironment()
  const asked: Asked[] = []
  registerCan(environment, asked, world)
  const shared: Shared = { ...world, asked, programOf: openPrograms(environment, world) }
  return (rows, behind) => oracleOver(shared, rows, behind)
}

function openPrograms(environment: Environment, { model, rules }: Omit<World, 'rows'>): Shared['programOf'] {
  const names: Names = { model, rules, parse: (source) => environment.parse(source).ast }
  const programs = new Map<string, ReturnType<Environment['parse']>>()
  return ({ source, entity, names: given }) => {
    const key = `${entity} ${source}${given === undefined ? '' : ` ${[...given.keys()].join(' ')}`}`
    let program = programs.get(key)
    if (program === undefined) {
      program = environment.parse(rewrite(source, entity, given === undefined ? names : { ...names, named: given }))
      programs.set(key, program)
    }
    return program
  }
}

/** `can_(operation, row)`: whether the caller of the present question may do that with the row. */
function registerCan(environment: Environment, asked: readonly Asked[], { ruleOf }: Pick<World, 'ruleOf'>): void {
  environment.registerFunction('can_(string, dyn): dyn', (operation: Operation, target: unknown) => {
    const about = asked.at(-1)
    const found = about?.rows.find(target)
    if (about === undefined || found === undefined) return false
    const { name, access } = found.entity
    const source = ruleOf === undefined ? access.source[operation] : ruleOf(name, operation)
    const { names: _, ...question } = about.question
    const truth = source === null ? false : about.decide({ ...question, source, entity: name, row: found.row, input: {} })
    if (truth === null) throw new values.Missing()
    return truth
  })
}

function oracleOver({ model, rules, derived, asked, programOf }: Shared, tables: World['rows'], behind: Behind | undefined): Oracle {
  const computeField: Compute = ({ entity, row }, { name, source, isSystem }) => {
    if (behind?.shows(entity.name, row.id ?? null, name) === false) throw new values.Missing()
    const about = asked.at(-1)
    if (about === undefined) throw new Error('a computed field is a part of an expression')
    const { names: _, ...question } = about.question
    const own: Question = { ...question, source, entity: entity.name, row, input: {} }
    if (!isSystem || behind === undefined) return oracle.compute(own)
    return behind.oracle.compute({ ...own, row: behind.rows.get(entity.name)?.find(({ id }) => id === row.id) ?? row })
  }
  const rows = rowsOf({ model, rules, rows: tables, ...(derived === undefined ? {} : { derived }) }, computeField)
  const compute: Oracle['compute'] = (question) => {
    const row = question.row === null || question.entity === null ? {} : rows.valueFor(entityNamed(model, question.entity), question.row)
    const { entity, names: given } = question
    asked.push({ question, rows, ...oracle })
    try {
      const input = given !== undefined || entity === null ? {} : present(entityNamed(model, entity), question.input)
      const named = given === undefined ? {} : valuesOfNames(model, rows, given)
      return programOf(question)({ row, auth: claims(model, question.caller), input, named, now: question.now })
    } finally {
      asked.pop()
    }
  }
  /** Computes a question and reads the result; null where a value is missing. */
  const known = <T>(question: Question, read: (result: unknown) => T): T | null => {
    try {
      return read(compute(question))
    } catch (error) {
      return unknownOrThrow(error, question)
    }
  }
  const oracle: Oracle = {
    compute,
    decide: (question) => known(question, truthOf),
    evaluate: (question) => known(question, plainOf),
  }
  return oracle
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
  register('duration_(string): dyn', (text: string) => spanOfConstant(text))
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
