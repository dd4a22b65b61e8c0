/** The statement that makes the JSON of an action's answer. */

import { empty, ident, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { AnswerMember, AnswerTree } from '../../model/action.ts'
import { type RowPath, rowBefore, type Term } from '../../model/expression.ts'
import { entityNamed } from '../../model/model.ts'
import type { SqlScope } from '../rules/predicate-sql.ts'
import { whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, bound, idColumn, live, termSql } from '../rules/term-sql.ts'
import { boundedBody, countedItem } from '../statements/answer-meter.ts'
import { fieldJson } from '../statements/json/json-sql.ts'
import { arrayText, type Json, objectText, sparseObjectText, valueText } from '../statements/json/json-text.ts'
import { outputSql } from '../statements/output-sql.ts'
import type { Output } from '../statements/plan.ts'
import { elementsSql, termsOfElements } from './elements.ts'
import { type ActionScope, aliasOf, frameOf, idTerm, placeNamed, seenId, seenValue, tokenSlots } from './frame.ts'
import { typedSql, typeOf } from './parts/typed-sql.ts'
import { sessionSlot } from './sign-in.ts'

/** A row in an answer. */
export type AnswerRow = Extract<AnswerTree, { readonly kind: 'row' }>

/** The parts of a row that an answer shows. */
export type OutputOf = (row: AnswerRow) => Output

/** The statement of an answer: one row with the JSON as text; null for none. The statement fails when the text is too large to be sent. */
export function answerSql(shared: ActionScope, tree: AnswerTree, outputOf: OutputOf): Sql | null {
  if (tree.kind === 'none' || tree.kind === 'output') return null
  const frame = frameOf(shared, termsOf(shared, tree), namesOfElements(tree))
  const json = valueText(jsonOf({ shared, scope: frame.scope, outputOf }, tree))
  return sql`select ${boundedBody(json, 'of-all')} as body from ${frame.from}`
}

/** The JSON of an answer in the scope of a statement that has all its rows. */
export function answerJson(making: Making, tree: AnswerTree): Sql {
  return boundedBody(valueText(jsonOf(making, tree)), 'of-one')
}

/** What the JSON of an answer is made of. */
export interface Making {
  readonly shared: ActionScope
  readonly scope: SqlScope
  readonly outputOf: OutputOf
  /** The rows come from the scope; otherwise they are read again by their ids. */
  readonly fromScope?: true
}

function jsonOf(making: Making, tree: AnswerTree): Json {
  const { shared, scope, outputOf } = making
  switch (tree.kind) {
    case 'constant':
      return tree.value === null || typeof tree.value === 'number'
        ? { kind: 'spelled', value: sql`${tree.value === null ? sql`'null'` : termSql(numberTerm(tree.value), scope)}` }
        : { kind: 'known', value: tree.value }
    case 'value':
      return fieldJson({ type: typeOf(tree.value.type) }, typedSql(tree.value, scope), null)
    case 'token': {
      const { key } = placeNamed(shared.places, tree.step)
      const shown = sql`case when ${key} is not null then ${slot(tokenSlots(tree).text, 'text')} end`
      return fieldJson({ type: typeOf({ scalar: 'text', list: false }) }, shown, null)
    }
    case 'session':
      return fieldJson({ type: typeOf({ scalar: 'text', list: false }) }, slot(sessionSlot(tree.part), 'text'), null)
    case 'row':
      return { kind: 'spelled', value: rowJson(making, tree.row, outputOf(tree)) }
    case 'shape':
      return { kind: 'spelled', value: shapeJson(making, tree) }
    case 'object':
      return { kind: 'spelled', value: objectJson(making, tree.members) }
    case 'list': {
      const elements = elementsSql(shared, tree.each, { scope })
      const item = countedItem(valueText(jsonOf({ ...making, scope: elements.scope }, tree.of)), elements.place)
      const from = sql`from (select 1) "#one"${elements.joined}`
      if (tree.key === null)
        return { kind: 'spelled', value: arrayText(sql`(select string_agg(${item}, ',' order by ${elements.place}) ${from})`) }
      const key = sql`to_json((${termSql(tree.key, elements.scope)})::text)::text`
      const members = sql`(select string_agg(${key} || ':' || ${item}, ',' order by ${elements.place}) ${from})`
      return { kind: 'spelled', value: sql`'{' || coalesce(${members}, '') || '}'` }
    }
    case 'none':
    case 'output':
      return { kind: 'spelled', value: sql`'null'` }
    default:
      return unreachable(tree)
  }
}

function objectJson(making: Making, members: readonly AnswerMember[]): Sql {
  const made = members.map(({ name, of, absent }) => ({ name, json: jsonOf(making, of), absent: absent === true }))
  return made.some(({ absent }) => absent) ? sparseObjectText(made) : objectText(made.map(({ name, json }) => [name, json] as const))
}

/** The JSON of a row, as in a read; null when the row is missing or the caller may not read it. */
function rowJson({ shared, scope, fromScope }: Making, row: RowPath, output: Output): Sql {
  const { model } = shared
  const entity = entityNamed(model, row.entity)
  const alias = sql`"#shown"`
  const visible = whenTrue(entity.access.read, bindRow(scope, 'row', alias))
  const isRow = sql`${alias}.${idColumn(entity)} = ${termSql(seenId(shared, row), scope)}${live(entity, alias)}`
  const table = fromScope ? sql`(select ${bound(scope.rows, row.binding)}.*)` : ident(entity.table)
  const found = sql`from ${table} ${alias} where ${isRow} and ${visible}`
  return sql`(select ${outputSql(model, output, '#shown')} ${found})`
}

/** The JSON of a shape; null when its row is missing or the caller may not read it. */
function shapeJson(making: Making, { row, as, of }: Extract<AnswerTree, { kind: 'shape' }>): Sql {
  const { shared, scope, fromScope } = making
  const { model, action, places } = shared
  const entity = entityNamed(model, row.entity)
  const isReadable = (alias: Sql): Sql =>
    action.as === 'caller' ? sql` and (${whenTrue(entity.access.read, bindRow(scope, 'row', alias))})` : empty
  const about = (alias: Sql): Sql => valueText(jsonOf({ ...making, scope: bindRow(scope, as, alias) }, of))
  const hop = row.hops.at(-1)
  const before = rowBefore(row)
  if (hop === undefined || before === null) {
    const alias = bound(scope.rows, row.binding)
    // Elements of a list and rows of other shapes are there, and the caller may read them.
    if (!places.has(row.binding) && fromScope !== true) return about(alias)
    return sql`case when ${alias}.${idColumn(entity)} is not null${isReadable(alias)} then ${about(alias)} end`
  }
  const alias = aliasOf(as)
  const reference: Term = { kind: 'field', type: idTerm(model, row).type, row: before, field: hop.field }
  const isRow = sql`${alias}.${idColumn(entity)} = ${termSql(seenValue(shared, reference), scope)}${live(entity, alias)}`
  return sql`(select ${about(alias)} from ${ident(entity.table)} ${alias} where ${isRow}${isReadable(alias)})`
}

function numberTerm(value: number): Term {
  return { kind: 'literal', type: { scalar: Number.isInteger(value) ? 'integer' : 'number', list: false }, value }
}

/** Every expression of a tree, for its frame. */
function termsOf(shared: ActionScope, tree: AnswerTree): readonly Term[] {
  switch (tree.kind) {
    case 'value':
      return [tree.value]
    case 'row':
      return [seenId(shared, tree.row)]
    case 'shape':
      return [seenId(shared, tree.row), ...termsOf(shared, tree.of)]
    case 'object':
      return tree.members.flatMap(({ of }) => termsOf(shared, of))
    case 'list':
      return [...termsOfElements(shared, tree.each.over), ...(tree.key === null ? [] : [tree.key]), ...termsOf(shared, tree.of)]
    case 'none':
    case 'constant':
    case 'token':
    case 'session':
    case 'output':
      return []
    default:
      return unreachable(tree)
  }
}

/** The names of the elements in a tree. The statement has their rows in its own `from`, so the frame does not add them. */
function namesOfElements(tree: AnswerTree): ReadonlyMap<string, Sql> {
  switch (tree.kind) {
    case 'object':
      return new Map(tree.members.flatMap(({ of }) => [...namesOfElements(of)]))
    case 'list':
      return new Map([[tree.each.name, empty], ...namesOfElements(tree.of)])
    case 'shape':
      return namesOfElements(tree.of)
    case 'none':
    case 'constant':
    case 'output':
    case 'value':
    case 'token':
    case 'session':
    case 'row':
      return new Map()
    default:
      return unreachable(tree)
  }
}
