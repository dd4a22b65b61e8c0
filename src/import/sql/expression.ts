/** Conditions on a row, from SQL to CEL. What has no counterpart gives null, and the condition is listed as left out. */

import type { SketchExpression } from '../sketch/sketch.ts'
import { constantOf, kind, type Node, type StringNode, texts } from './tree.ts'

/** A piece of CEL: text, and the names of columns between the texts. */
type Piece = string | { readonly column: string }

interface Translation {
  readonly columns: Set<string>
  readonly tested: Set<string>
}

/** Translates a condition; null if a part of it has no counterpart. */
export function mapCondition(node: Node | undefined): SketchExpression | null {
  const state: Translation = { columns: new Set(), tested: new Set() }
  const pieces = condition(node, state)
  if (pieces === null) return null
  const columns = [...state.columns]
  return {
    columns,
    guarded: columns.filter((column) => !state.tested.has(column)),
    text: (nameOf) => pieces.map((piece) => (typeof piece === 'string' ? piece : nameOf(piece.column))).join(''),
  }
}

/** The column and the texts of `column in ('a', 'b')`; null for another condition. */
export function mapChoices(node: Node | undefined): { readonly column: string; readonly values: readonly string[] } | null {
  const found = kind<Operation>(node, 'A_Expr')
  const column = columnOf(found?.lexpr)
  const items = found === undefined ? null : listOf(found)
  if (found === undefined || column === null || items === null || texts(found.name)[0] !== '=') return null
  const values = items.map(constantOf)
  return values.length > 0 && values.every((value) => typeof value === 'string') ? { column, values } : null
}

interface Operation {
  readonly kind?: string
  readonly name?: readonly StringNode[]
  readonly lexpr?: Node
  readonly rexpr?: Node
}

/** The items of `in (…)` and `= any (array[…])`; null for another operation. */
function listOf(found: Operation): readonly Node[] | null {
  if (found.kind === 'AEXPR_IN') return kind<{ readonly items?: readonly Node[] }>(found.rexpr, 'List')?.items ?? null
  if (found.kind !== 'AEXPR_OP_ANY') return null
  const cast = kind<{ readonly arg?: Node }>(found.rexpr, 'TypeCast')
  return kind<{ readonly elements?: readonly Node[] }>(cast?.arg ?? found.rexpr, 'A_ArrayExpr')?.elements ?? null
}

function columnOf(node: Node | undefined): string | null {
  const cast = kind<{ readonly arg?: Node }>(node, 'TypeCast')
  if (cast !== undefined) return columnOf(cast.arg)
  const fields = kind<{ readonly fields?: readonly StringNode[] }>(node, 'ColumnRef')?.fields
  const name = texts(fields).at(-1)
  return name === undefined || name === '' ? null : name
}

function condition(node: Node | undefined, state: Translation): readonly Piece[] | null {
  const all = kind<{ readonly boolop?: string; readonly args?: readonly Node[] }>(node, 'BoolExpr')
  if (all !== undefined) {
    const args = (all.args ?? []).map((arg) => condition(arg, state))
    if (args.some((arg) => arg === null)) return null
    if (all.boolop === 'NOT_EXPR') return ['!(', ...(args[0] ?? []), ')']
    return joined(args as readonly (readonly Piece[])[], all.boolop === 'AND_EXPR' ? ' && ' : ' || ')
  }
  const test = kind<{ readonly arg?: Node; readonly nulltesttype?: string }>(node, 'NullTest')
  if (test !== undefined) {
    const column = columnOf(test.arg)
    if (column === null) return null
    state.columns.add(column)
    state.tested.add(column)
    return [{ column }, test.nulltesttype === 'IS_NOT_NULL' ? ' != null' : ' == null']
  }
  const found = kind<Operation>(node, 'A_Expr')
  if (found !== undefined) return operation(found, state)
  const column = columnOf(node)
  if (column === null) return null
  state.columns.add(column)
  return [{ column }]
}

function joined(parts: readonly (readonly Piece[])[], between: string): readonly Piece[] {
  return parts.flatMap((part, i) => [...(i === 0 ? [] : [between]), '(', ...part, ')'])
}

const COMPARE: Readonly<Record<string, string>> = { '=': '==', '<>': '!=', '<': '<', '>': '>', '<=': '<=', '>=': '>=' }

function operation(found: Operation, state: Translation): readonly Piece[] | null {
  const sign = texts(found.name).at(-1) ?? ''
  const items = listOf(found)
  if (items !== null) {
    const value = operand(found.lexpr, state)
    const list = items.map(literal)
    if (value === null || list.some((item) => item === null) || (sign !== '=' && sign !== '<>')) return null
    return [...(sign === '<>' ? ['!'] : []), '(', ...value, ` in [${list.join(', ')}])`]
  }
  if (found.kind === 'AEXPR_BETWEEN') {
    const [low, high] = kind<{ readonly items?: readonly Node[] }>(found.rexpr, 'List')?.items ?? []
    const [value, from, to] = [operand(found.lexpr, state), operand(low, state), operand(high, state)]
    return value === null || from === null || to === null ? null : [...value, ' >= ', ...from, ' && ', ...value, ' <= ', ...to]
  }
  const [left, right] = [operand(found.lexpr, state), operand(found.rexpr, state)]
  if (found.kind !== 'AEXPR_OP' || left === null || right === null) return null
  if (sign === '~') return typeof constantOf(found.rexpr) === 'string' ? [...left, '.matches(', ...right, ')'] : null
  const compared = Object.hasOwn(COMPARE, sign) ? COMPARE[sign] : undefined
  return compared === undefined ? null : [...left, ` ${compared} `, ...right]
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*'])
const FUNCTIONS: Readonly<Record<string, (of: readonly Piece[]) => readonly Piece[]>> = {
  length: (of) => ['size(', ...of, ')'],
  char_length: (of) => ['size(', ...of, ')'],
  character_length: (of) => ['size(', ...of, ')'],
  lower: (of) => [...of, '.lowerAscii()'],
  btrim: (of) => [...of, '.trim()'],
}

function operand(node: Node | undefined, state: Translation): readonly Piece[] | null {
  const text = literal(node)
  if (text !== null) return [text]
  const column = columnOf(node)
  if (column !== null) {
    state.columns.add(column)
    return [{ column }]
  }
  const cast = kind<{ readonly arg?: Node }>(node, 'TypeCast')
  if (cast !== undefined) return operand(cast.arg, state)
  const call = kind<{ readonly funcname?: readonly StringNode[]; readonly args?: readonly Node[] }>(node, 'FuncCall')
  const name = texts(call?.funcname).at(-1) ?? ''
  if (call !== undefined && Object.hasOwn(FUNCTIONS, name) && call.args?.length === 1) {
    const of = operand(call.args[0], state)
    return of === null ? null : (FUNCTIONS[name]?.(of) ?? null)
  }
  const found = kind<Operation>(node, 'A_Expr')
  const sign = texts(found?.name).at(-1) ?? ''
  if (found?.kind !== 'AEXPR_OP' || !ARITHMETIC.has(sign)) return null
  const [left, right] = [operand(found.lexpr, state), operand(found.rexpr, state)]
  return left === null || right === null ? null : ['(', ...left, ` ${sign} `, ...right, ')']
}

/** A constant as CEL; null for none, and for NULL. A number with a point keeps it. */
function literal(node: Node | undefined): string | null {
  const value = constantOf(node)
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') return String(value)
  const bare = kind(node, 'TypeCast') === undefined ? node : (kind<{ readonly arg?: Node }>(node, 'TypeCast')?.arg ?? node)
  return kind(kind(bare, 'A_Const'), 'fval') === undefined ? JSON.stringify(value) : value
}
