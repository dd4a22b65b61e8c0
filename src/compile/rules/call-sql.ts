/** Functions on values → SQL. Every one is strict: NULL in, NULL out. */

import { join, literal, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FunctionName, Term } from '../../model/expression.ts'
import { DURATION_YEARS, NUMBER_EXPONENT } from '../../model/terms/arithmetic.ts'

type Call = Extract<Term, { kind: 'call' }>
type Choice = Extract<Term, { kind: 'if' }>

/** How arguments become SQL. */
export interface Inner {
  readonly term: (term: Term) => Sql
  /** A choice between two values, each compiled by `branch`. */
  readonly choice: (term: Choice, branch: (term: Term) => Sql) => Sql
}

/** A call as SQL; `inner` compiles its arguments. */
export function callSql(call: Call, inner: Inner): Sql {
  return CALLS[call.name](call, inner)
}

const CALLS: Readonly<Record<FunctionName, (call: Call, inner: Inner) => Sql>> = {
  size: (call, inner) =>
    first(call).type.list ? sql`cardinality(${inner.term(first(call))})` : sql`char_length(${textOf(first(call), inner)})`,
  // In the collation "C", only ASCII letters change their case.
  lowerAscii: (call, inner) => sql`lower(${textOf(first(call), inner)} collate "C")`,
  upperAscii: (call, inner) => sql`upper(${textOf(first(call), inner)} collate "C")`,
  trim: (call, inner) => sql`btrim(${textOf(first(call), inner)}, ${literal(SPACES)})`,
  concat: (call, inner) =>
    sql`(${join(
      call.args.map((arg) => textOf(arg, inner)),
      ' || ',
      sql`''`,
    )})`,
  add: (call, inner) => sumSql(call, inner, sql`+`),
  subtract: (call, inner) => sumSql(call, inner, sql`-`),
  multiply: (call, inner) => sql`(${operand(call, 0, inner)} * ${operand(call, 1, inner)})`,
  divide: (call, inner) => divideSql(call, inner),
  modulo: (call, inner) => sql`mod(${operand(call, 0, inner)}, nullif(${operand(call, 1, inner)}, 0))`,
  negate: (call, inner) => sql`(- ${operand(call, 0, inner)})`,
  int: (call, inner) =>
    first(call).type.scalar === 'integer' ? inner.term(first(call)) : sql`trunc(${calculable(first(call), inner)}::numeric)`,
  double: (call, inner) => sql`${calculable(first(call), inner)}::double precision`,
  string: (call, inner) => sql`${inner.term(first(call))}::text`,
  getFullYear: (call, inner) => sql`extract(year from ${utc(call, inner)})`,
  getMonth: (call, inner) => sql`(extract(month from ${utc(call, inner)}) - 1)`,
  getDayOfMonth: (call, inner) => sql`(extract(day from ${utc(call, inner)}) - 1)`,
  getDayOfWeek: (call, inner) => sql`extract(dow from ${utc(call, inner)})`,
  getDayOfYear: (call, inner) => sql`(extract(doy from ${utc(call, inner)}) - 1)`,
  getHours: (call, inner) => (isDuration(call) ? sql`trunc(${seconds(call, inner)} / 3600)` : sql`extract(hour from ${utc(call, inner)})`),
  getMinutes: (call, inner) =>
    isDuration(call) ? sql`trunc(${seconds(call, inner)} / 60)` : sql`extract(minute from ${utc(call, inner)})`,
  getSeconds: (call, inner) =>
    isDuration(call) ? sql`trunc(${seconds(call, inner)})` : sql`floor(extract(second from ${utc(call, inner)}))`,
  getMilliseconds: (call, inner) =>
    isDuration(call) ? sql`trunc(${seconds(call, inner)} * 1000)` : sql`mod(floor(extract(milliseconds from ${utc(call, inner)})), 1000)`,
  date: (call, inner) => sql`${utc(call, inner)}::date`,
  yearMonth: (call, inner) => {
    const day = first(call).type.scalar === 'date' ? inner.term(first(call)) : utc(call, inner)
    return sql`(lpad(extract(year from ${day})::text, 4, '0') || '-' || lpad(extract(month from ${day})::text, 2, '0'))`
  },
  // Compatibility decomposition separates letters from their accents, which are then removed.
  slugify: (call, inner) => {
    const plain = sql`regexp_replace(normalize(${textOf(first(call), inner)}, nfkd), ${literal('[\u0300-\u036f]')}, '', 'g')`
    return sql`btrim(regexp_replace(lower(${plain} collate "C"), '[^a-z0-9]+', '-', 'g'), '-')`
  },
  replace: (call, inner) =>
    sql`replace(${textOf(first(call), inner)}, ${textOf(argument(call, 1), inner)}, ${textOf(argument(call, 2), inner)})`,
  uuid: () => sql`gen_random_uuid()`,
  // The hash spreads the 122 random bits of the UUID over all characters.
  random: (call, inner) =>
    sql`left(translate(encode(sha256(uuid_send(gen_random_uuid())), 'base64'), ${literal(CAPITALS)}, ${literal(SMALL)}), ${inner.term(first(call))}::integer)`,
}

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ+/'
const SMALL = 'abcdefghijklmnopqrstuvwxyz01'

/** White space of Unicode 16, the property White_Space. */
const SPACES =
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

function first(call: Call): Term {
  return argument(call, 0)
}

function argument(call: Call, index: number): Term {
  const term = call.args[index]
  if (term === undefined) throw new Error(`${call.name} lacks argument ${index + 1}`)
  return term
}

/** A constant gets a cast to text, because PostgreSQL chooses functions by the types of their arguments. */
function textOf(term: Term, inner: Inner): Sql {
  return term.kind === 'literal' ? sql`${inner.term(term)}::text` : inner.term(term)
}

function isDuration(call: Call): boolean {
  return first(call).type.scalar === 'duration'
}

function utc(call: Call, inner: Inner): Sql {
  return sql`(${inner.term(first(call))} at time zone 'UTC')`
}

function seconds(call: Call, inner: Inner): Sql {
  return sql`extract(epoch from ${inner.term(first(call))})`
}

/** Days and months of a duration follow the calendar in UTC, for every time zone of the session. */
function sumSql(call: Call, inner: Inner, sign: Sql): Sql {
  const [a, b] = [argument(call, 0), argument(call, 1)]
  if (call.type.scalar === 'timestamp') {
    const [time, span] = a.type.scalar === 'timestamp' ? [a, b] : [b, a]
    return sql`((${calculable(time, inner)} at time zone 'UTC' ${sign} ${calculable(span, inner)}) at time zone 'UTC')`
  }
  if (call.type.scalar === 'duration') return sql`(${calculable(a, inner)} ${sign} ${calculable(b, inner)})`
  return sql`(${operand(call, 0, inner)} ${sign} ${operand(call, 1, inner)})`
}

/** Division of whole numbers drops the remainder. Division by zero gives NULL, a missing value. */
function divideSql(call: Call, inner: Inner): Sql {
  const [a, b] = [operand(call, 0, inner), sql`nullif(${operand(call, 1, inner)}, 0)`]
  return call.type.scalar === 'integer' ? sql`div(${a}, ${b})` : sql`(${a} / ${b})`
}

/** One side of a calculation with numbers. Whole numbers and decimals are calculated as numeric, which does not overflow. */
function operand(call: Call, index: number, inner: Inner): Sql {
  const term = argument(call, index)
  const value = calculable(term, inner)
  if (call.type.scalar === 'number') return term.type.scalar === 'number' ? value : sql`${value}::double precision`
  return isCalculated(term) || term.type.scalar === 'decimal' ? value : sql`${value}::numeric`
}

const CALCULATIONS: ReadonlySet<FunctionName> = new Set(['add', 'subtract', 'multiply', 'divide', 'modulo', 'negate'])

function isCalculated(term: Term): boolean {
  return term.kind === 'call' && CALCULATIONS.has(term.name)
}

/**
 * An operand of a calculation. A value of a row, a caller or a request counts as missing beyond the bounds of `model/arithmetic.ts`, so
 * that no calculation overflows. Results of calculations need no test: compilation of the expression proves that they stay in range.
 */
export function calculable(term: Term, inner: Inner): Sql {
  if (term.kind === 'if') return inner.choice(term, (branch) => calculable(branch, inner))
  const value = inner.term(term)
  if (term.kind === 'literal' || term.kind === 'call' || term.kind === 'now') return value
  switch (term.type.scalar) {
    case 'number':
      return sql`(case when ${value} = 0 or abs(${value}) between ${numberLiteral(10 ** -NUMBER_EXPONENT)} and ${numberLiteral(10 ** NUMBER_EXPONENT)} then ${value} end)`
    case 'duration':
      return sql`(case when ${value} between ${literal(`-${DURATION_YEARS} years`)}::interval and ${literal(`${DURATION_YEARS} years`)}::interval then ${value} end)`
    case 'timestamp':
      return sql`(case when isfinite(${value}) then ${value} end)`
    case 'text':
    case 'email':
    case 'url':
    case 'uuid':
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'time':
    case 'encrypted':
    case 'encryptedEqual':
    case 'json':
      return value
    default:
      return unreachable(term.type.scalar)
  }
}
