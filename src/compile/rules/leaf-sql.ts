/**
 * Conditions on values → SQL: comparisons, membership, tests of text. Each has three forms: where it is true, where it is false, and its
 * value.
 */

import { join, literal, numberLiteral, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { CompareOp, Predicate, Term } from '../../model/expression.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import type { LeafPredicate } from '../../model/predicate.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { itemSql } from './term-sql.ts'

/** How the parts of a condition become SQL. */
export interface LeafScope {
  readonly model: Model
  readonly term: (term: Term) => Sql
  readonly whenTrue: (test: Predicate) => Sql
}

/** A condition as SQL: `whenTrue` holds exactly where it is true, `whenFalse` exactly where it is false; `value` is true, false or NULL. */
export interface Forms {
  readonly whenTrue: Sql
  readonly whenFalse: Sql
  readonly value: Sql
}

const NOT: Readonly<Record<CompareOp, CompareOp>> = { '=': '!=', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' }

/** The three forms of one condition. */
export function leafSql(p: LeafPredicate, scope: LeafScope): Forms {
  if (p.kind === 'missing') return missingForms(p.of, scope)
  const { tests, leaf } = hoistLeaf(p)
  const forms = strictForms(leaf, scope)
  if (tests.length === 0) return forms
  const present = join(
    tests.map((test) => scope.whenTrue(test)),
    ' and ',
    sql`true`,
  )
  return {
    whenTrue: sql`(${present} and ${forms.whenTrue})`,
    whenFalse: sql`(${present} and ${forms.whenFalse})`,
    value: sql`(case when ${present} then ${forms.value} end)`,
  }
}

type Member = Extract<Predicate, { kind: 'member' }>
type StrictLeaf = Exclude<LeafPredicate, { kind: 'missing' }>

function strictForms(p: StrictLeaf, scope: LeafScope): Forms {
  switch (p.kind) {
    case 'compare':
      return compareForms(p, scope)
    case 'member':
      return memberForms(p, scope)
    case 'truth': {
      const value = scope.term(p.of)
      return { whenTrue: value, whenFalse: sql`not ${value}`, value }
    }
    case 'text': {
      const test = textSql(p, scope)
      return { whenTrue: test, whenFalse: sql`not ${test}`, value: sql`(${test})` }
    }
    default:
      return unreachable(p)
  }
}

const UNKNOWN: Forms = { whenTrue: sql`false`, whenFalse: sql`false`, value: sql`null::boolean` }

function compareForms(p: Extract<Predicate, { kind: 'compare' }>, scope: LeafScope): Forms {
  if (p.left.kind === 'null' || p.right.kind === 'null') return UNKNOWN
  const [left, right] = sameType(p.left, p.right, scope)
  const ordered = p.op !== '=' && p.op !== '!=' && (isText(p.left.type.scalar) || isText(p.right.type.scalar))
  // The expression language orders texts by code point, so the collation of the database must not apply.
  const start = ordered ? sql`${p.left.kind === 'literal' ? sql`${left}::text` : left} collate "C"` : left
  const form = (op: CompareOp): Sql => sql`${start} ${OPERATORS[op]} ${right}`
  return { whenTrue: form(p.op), whenFalse: form(NOT[p.op]), value: sql`(${form(p.op)})` }
}

const OPERATORS: Readonly<Record<CompareOp, Sql>> = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` }

/** Gives both sides one type. A uuid is compared with a text as text; PostgreSQL itself converts between number types. */
function sameType(left: Term, right: Term, scope: LeafScope): readonly [Sql, Sql] {
  const [a, b] = [scope.term(left), scope.term(right)]
  if (isText(left.type.scalar) && right.type.scalar === 'uuid') return [a, sql`${b}::text`]
  if (left.type.scalar === 'uuid' && isText(right.type.scalar)) return [sql`${a}::text`, b]
  return [a, b]
}

function isText(scalar: ScalarKind): boolean {
  return SCALARS[scalar].column === 'text'
}

/** `x in list`. A missing item makes it unknown unless another is equal; a missing `x` makes it unknown even when the list is empty. */
function memberForms(p: Member, scope: LeafScope): Forms {
  if (p.of.kind === 'null' || p.list.kind === 'null') return UNKNOWN
  const asText = itemsAreText(p)
  const of = asText && p.of.type.scalar === 'uuid' ? sql`${scope.term(p.of)}::text` : scope.term(p.of)
  const items = itemsOf(p.list, asText, scope)
  if (items === null) return arrayForms(p, of, scope)
  if (items.length === 0)
    return { whenTrue: sql`false`, whenFalse: sql`${of} is not null`, value: sql`(case when ${of} is not null then false end)` }
  const list = join(items, ', ', sql`null`)
  return { whenTrue: sql`${of} in (${list})`, whenFalse: sql`${of} not in (${list})`, value: sql`(${of} in (${list}))` }
}

/** Whether uuids have to be compared as texts. */
function itemsAreText({ of, list }: Member): boolean {
  const types = [of.type.scalar, list.type.scalar, ...(list.kind === 'list' ? list.of.map((item) => item.type.scalar) : [])]
  return types.some(isText) && types.includes('uuid')
}

/** The items of a literal list; null for a list from a row, a caller or a request. */
function itemsOf(list: Term, asText: boolean, scope: LeafScope): readonly Sql[] | null {
  if (list.kind === 'literal' && typeof list.value === 'object')
    return list.value.map((item) => itemSql(item, asText ? 'text' : list.type.scalar))
  if (list.kind !== 'list') return null
  return list.of.map((item) => {
    if (item.kind === 'literal' && typeof item.value !== 'object') return itemSql(item.value, asText ? 'text' : item.type.scalar)
    // Without the cast, PostgreSQL would read a list of one item from another row as a subquery, and a missing row as an empty list.
    return sql`${scope.term(item)}::${typeName(asText ? 'text' : SCALARS[item.type.scalar].column)}`
  })
}

function arrayForms(p: Member, of: Sql, scope: LeafScope): Forms {
  const { column } = SCALARS[p.list.type.scalar]
  const asText = isText(p.of.type.scalar) && p.list.type.scalar === 'uuid'
  const array = typeName(asText ? 'text[]' : `${column}[]`)
  // Without the cast, PostgreSQL would read a list from another row as a set of rows.
  const plain = !asText && (p.list.kind === 'param' || (p.list.kind === 'field' && p.list.row.hops.length === 0))
  const list = plain ? scope.term(p.list) : sql`${scope.term(p.list)}::${array}`
  const equal = sql`${of} = any(${list})`
  // A GIN index serves containment. Containment needs the same type on both sides.
  const contained =
    p.list.kind === 'field' && (p.of.type.scalar === p.list.type.scalar || (isText(p.of.type.scalar) && isText(p.list.type.scalar)))
  const whenTrue = contained ? sql`${list} @> array[${of}]::${array}` : equal
  if (isPresent(p.of, scope.model)) return { whenTrue, whenFalse: sql`${of} <> all(${list})`, value: sql`(${equal})` }
  if (isSimple(p.of)) {
    return {
      whenTrue,
      whenFalse: sql`(${of} is not null and ${of} <> all(${list}))`,
      value: sql`(case when ${of} is not null then ${equal} end)`,
    }
  }
  // The operands are written once; otherwise each level of nesting would double the text.
  const value = sql`(select case when m.of is not null then m.of = any(m.list) end from (select ${of} as of, ${list} as list offset 0) m)`
  return { whenTrue, whenFalse: sql`${value} = false`, value }
}

/** Whether writing a term twice costs nothing. */
function isSimple(term: Term): boolean {
  return !['call', 'if', 'predicate', 'count', 'aggregate', 'aggregateItems', 'derived'].includes(term.kind)
}

/** Whether a term is never missing. */
function isPresent(term: Term, model: Model): boolean {
  switch (term.kind) {
    case 'literal':
    case 'param':
    case 'now':
      return true
    case 'field':
      return term.row.hops.length === 0 && !fieldNamed(entityNamed(model, term.row.entity), term.field).optional
    case 'null':
    case 'item':
    case 'auth':
    case 'input':
    case 'if':
    case 'list':
    case 'call':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
    case 'derived':
    case 'predicate':
      return false
    default:
      return unreachable(term)
  }
}

function textSql(p: Extract<Predicate, { kind: 'text' }>, scope: LeafScope): Sql {
  const of = p.of.kind === 'literal' ? sql`${scope.term(p.of)}::text` : scope.term(p.of)
  const text = scope.term(p.with)
  switch (p.op) {
    case 'startsWith':
      return sql`starts_with(${of}, ${text})`
    case 'contains':
      return sql`strpos(${of}, ${text}) > 0`
    case 'endsWith':
      return p.with.kind === 'literal' && typeof p.with.value === 'string'
        ? sql`right(${of}, ${numberLiteral([...p.with.value].length)}) = ${literal(p.with.value)}`
        : sql`starts_with(reverse(${of}), reverse(${text}))`
    case 'matches':
      return sql`${of} collate "C" ~ ${text}`
    default:
      return unreachable(p.op)
  }
}

/** The test for a missing value. Its result is never unknown. */
function missingForms(of: Term, scope: LeafScope): Forms {
  const { tests, term } = hoist(of)
  if (tests.length === 0) {
    const value = scope.term(term)
    return { whenTrue: sql`${value} is null`, whenFalse: sql`${value} is not null`, value: sql`(${value} is null)` }
  }
  const present = join(
    tests.map((test) => scope.whenTrue(test)),
    ' and ',
    sql`true`,
  )
  const there = sql`(${present} and ${scope.term(term)} is not null)`
  return { whenTrue: sql`${there} is not true`, whenFalse: there, value: sql`(${there} is not true)` }
}

interface Hoisted {
  readonly tests: readonly Predicate[]
  readonly term: Term
}

/**
 * Separates a term from its tests: `if (test) then field` has no value unless the test holds. Functions are strict, so a test of an
 * argument is a test of the whole term. The rest of the term is a plain column, which an index can serve.
 */
export function hoist(term: Term): Hoisted {
  if (term.kind === 'if' && term.no.kind === 'null') {
    const { tests, term: inner } = hoist(term.yes)
    return { tests: [term.test, ...tests], term: inner }
  }
  if (term.kind === 'call') {
    const args = term.args.map(hoist)
    return { tests: args.flatMap((arg) => arg.tests), term: { ...term, args: args.map((arg) => arg.term) } }
  }
  return { tests: [], term }
}

/** The same for the operands of a condition: the condition is true where the tests and the rest of it are true. */
export function hoistLeaf(p: StrictLeaf): { readonly tests: readonly Predicate[]; readonly leaf: StrictLeaf } {
  switch (p.kind) {
    case 'compare': {
      const [left, right] = [hoist(p.left), hoist(p.right)]
      return { tests: [...left.tests, ...right.tests], leaf: { ...p, left: left.term, right: right.term } }
    }
    case 'member': {
      const [of, list] = [hoist(p.of), hoist(p.list)]
      return { tests: [...of.tests, ...list.tests], leaf: { ...p, of: of.term, list: list.term } }
    }
    case 'truth': {
      const of = hoist(p.of)
      return { tests: of.tests, leaf: { ...p, of: of.term } }
    }
    case 'text': {
      const [of, other] = [hoist(p.of), hoist(p.with)]
      return { tests: [...of.tests, ...other.tests], leaf: { ...p, of: of.term, with: other.term } }
    }
    default:
      return unreachable(p)
  }
}
