/** Turns the arguments of a page into the input of the list planner. */

import type { VariableValues } from 'graphql'
import { failure } from '../../../base/failure.ts'
import { LIMITS } from '../../../base/limits.ts'
import type { Member, RowType } from '../../../compile/graphql/schema.ts'
import type { EntityView } from '../../../compile/rules/view.ts'
import { FILTER_OPS, type FilterOp, type FilterTree, type RowsInput, type RowsNames, type SortInput } from '../../plan/intent.ts'
import { argumentValues } from './argument-values.ts'
import type { PageTemplate } from './row-template.ts'

/** The names of the arguments of a list. */
const GRAPHQL_NAMES: RowsNames = { filter: 'filter', expression: 'where', sort: 'orderBy', after: 'after' }

/** The arguments of a page: which rows, and how many. */
export interface PageInput extends RowsInput {
  readonly size: number
}

/** Finds the type of an entity's rows. */
export type RowTypeOf = (entity: EntityView) => RowType

/** Reads the arguments of a page. @throws Failure `invalid_parameter` for values that are out of bounds. */
export function pageInput(page: PageTemplate, variables: VariableValues, rowTypeOf: RowTypeOf): PageInput {
  const args = argumentValues(page.field, page.node, variables)
  const { after, where, search } = args
  if (typeof search === 'string') requireText('search', search)
  if (typeof where === 'string' && where.length > LIMITS.filterText * 4)
    throw refused('where', `at most ${LIMITS.filterText * 4} characters`)
  return {
    names: GRAPHQL_NAMES,
    conditions: [],
    expressions: typeof where === 'string' ? [where] : [],
    trees: args.filter === undefined || args.filter === null ? [] : [readFilter(page.row, args.filter, rowTypeOf)],
    sort: readOrder(page.row, args.orderBy),
    after: typeof after === 'string' ? after : null,
    search: typeof search === 'string' ? search : null,
    size: readSize(args.first),
  }
}

function readSize(first: unknown): number {
  if (first === undefined || first === null) return LIMITS.pageSizeDefault
  if (typeof first !== 'number' || first < 0 || first > LIMITS.pageSizeMax)
    throw refused('first', `a whole number from 0 to ${LIMITS.pageSizeMax}`)
  return first
}

function readOrder(row: RowType, orderBy: unknown): readonly SortInput[] {
  if (orderBy === undefined || orderBy === null) return []
  const keys = (orderBy as readonly Readonly<Record<string, unknown>>[]).flatMap((one) => Object.entries(one))
  if (keys.length > LIMITS.sortKeys) throw refused('orderBy', `at most ${LIMITS.sortKeys} keys`)
  if (new Set(keys.map(([name]) => name)).size < keys.length) throw refused('orderBy', 'each name once')
  return keys.map(([name, descending]) => ({ name: fieldName(row.members.get(name), name), descending: descending === true }))
}

function fieldName(member: Member | undefined, name: string): string {
  if (member?.kind !== 'field') throw new Error(`${name} is not a field`)
  return member.view.field.name
}

interface Reading {
  readonly rowTypeOf: RowTypeOf
  conditions: number
}

function readFilter(row: RowType, value: unknown, rowTypeOf: RowTypeOf): FilterTree {
  return readObject({ rowTypeOf, conditions: 0 }, row, { value, at: 'filter' })
}

/** Reads an input object. All of its entries must hold. */
function readObject(reading: Reading, row: RowType, { value, at }: Given): FilterTree {
  const of = entriesOf({ value, at }).map(([name, inner]): FilterTree => {
    const given = { value: inner, at: `${at}.${name}` }
    const parts = (): readonly FilterTree[] =>
      (inner as readonly unknown[]).map((one, i) => readObject(reading, row, { value: one, at: `${given.at}.${i}` }))
    switch (name) {
      case 'and':
        return { kind: 'all', of: parts() }
      case 'or':
        return { kind: 'any', of: parts() }
      case 'not':
        return { kind: 'not', of: readObject(reading, row, given) }
      default:
        return readMember(reading, row.members.get(name), given)
    }
  })
  return { kind: 'all', of }
}

interface Given {
  readonly value: unknown
  /** The path of the value, for error messages. */
  readonly at: string
}

function readMember(reading: Reading, member: Member | undefined, given: Given): FilterTree {
  switch (member?.kind) {
    case 'field':
      return {
        kind: 'all',
        of: entriesOf(given).map(([op, value]) => readCondition(reading, member, { op, value, at: `${given.at}.${op}` })),
      }
    case 'to-one': {
      const of = readObject(reading, reading.rowTypeOf(member.target), given)
      return { kind: 'at', parameter: given.at, reference: member.view.field.name, of }
    }
    case 'to-many': {
      const target = reading.rowTypeOf(member.target)
      const of = entriesOf(given).map(([kind, value]): FilterTree => {
        if (kind !== 'some' && kind !== 'every' && kind !== 'none') throw new Error(`${kind} is no quantifier`)
        const at = `${given.at}.${kind}`
        return { kind, parameter: at, relation: member.relation.name, of: readObject(reading, target, { value, at }) }
      })
      return { kind: 'all', of }
    }
    default:
      throw new Error(`${given.at} is no member of a filter`)
  }
}

function readCondition(reading: Reading, member: Extract<Member, { kind: 'field' }>, given: Given & { readonly op: string }): FilterTree {
  reading.conditions++
  if (reading.conditions > LIMITS.filterConditions) throw refused('filter', `at most ${LIMITS.filterConditions} conditions`)
  const { op, at } = given
  if (!isFilterOp(op)) throw new Error(`${op} is no operator`)
  const value = Array.isArray(given.value) ? given.value.map((item) => asText(at, item)) : asText(at, given.value)
  return { kind: 'condition', condition: { parameter: at, path: [member.view.field.name], op, value } }
}

function isFilterOp(op: string): op is FilterOp {
  return (FILTER_OPS as readonly string[]).includes(op)
}

/** A value as text, as in a query string. The field's type parses the text. */
function asText(at: string, value: unknown): string {
  const text = String(value)
  requireText(at, text)
  return text
}

/** The entries that are not undefined. Null is refused, because it could mean either "any value" or "no value". */
function entriesOf({ value, at }: Given): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).filter(([, inner]) => inner !== undefined)
  const empty = entries.find(([, inner]) => inner === null)
  if (empty !== undefined) throw refused(`${at}.${empty[0]}`, 'must not be null; isNull asks for a missing value')
  return entries
}

function requireText(name: string, text: string): void {
  if (text.length > LIMITS.filterText) throw refused(name, `at most ${LIMITS.filterText} characters`)
  if (text.includes('\u0000')) throw refused(name, 'must not hold NUL')
}

function refused(name: string, why: string) {
  return failure('invalid_parameter', { name, why })
}
