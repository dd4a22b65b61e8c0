/** Reads the calls of shapes in the leaves of answers: `Profile(author)`, and `articles.map(a, Summary(a))` for a list. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { isObject } from '../../../base/is-object.ts'
import { DESIGN_LIMITS } from '../../expression/limits.ts'
import { parseSource } from '../../expression/source.ts'

/** A call in a leaf. Each part is the text of its expression, with spaces for what is before it, so that columns stay the same. */
export type ShapeCall =
  /** `Profile(author)`: a shape or an entity, and its row. */
  | { readonly kind: 'one'; readonly name: string; readonly of: string }
  /** `articles.map(a, …)`: rows, the name of one of them, and the call about it. */
  | { readonly kind: 'map'; readonly over: string; readonly element: string; readonly of: ShapeCall }

/** The call of a leaf; null for every other expression, also for one that cannot be parsed. */
export function shapeCall(source: string): ShapeCall | null {
  const parsed = parsedCalls(source)
  return parsed === null ? null : callOf(withoutTest(parsed, source), source)
}

/** The names that a leaf calls like shapes inside of a larger expression, where no shape can stand. */
export function shapesWithin(source: string): readonly string[] {
  const parsed = parsedCalls(source)
  return parsed === null ? [] : capitalCalls(parsed)
}

/** The expression of a leaf that may call a shape; null for any other, and for one that cannot be parsed. */
function parsedCalls(source: string): ASTNode | null {
  if (!/[A-Z][A-Za-z0-9]*\s*\(/.test(source)) return null
  const parsed = parseSource(source, DESIGN_LIMITS)
  return parsed.ok ? parsed.value : null
}

/** `Profile(a)` for `a == null ? null : Profile(a)` and `a != null ? Profile(a) : null`, because a shape of a missing row is null. */
function withoutTest(node: ASTNode, source: string): ASTNode {
  if (node.op !== '?:') return node
  const [test, yes, no] = node.args
  if (test.op !== '==' && test.op !== '!=') return node
  const [shown, otherwise] = test.op === '==' ? [no, yes] : [yes, no]
  if (!isNull(otherwise) || shown.op !== 'call') return node
  const [of] = shown.args[1]
  const tested = test.args.filter((side) => !isNull(side)).map((side) => textOf(side, source).trim())
  return of !== undefined && tested.length === 1 && tested[0] === textOf(of, source).trim() ? shown : node
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null
}

function capitalCalls(node: ASTNode): readonly string[] {
  const own = node.op === 'call' && /^[A-Z]/.test(node.args[0]) ? [node.args[0]] : []
  return [...own, ...partsOf(node.args).flatMap(capitalCalls)]
}

/** The nodes among the arguments of a node. */
function partsOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(partsOf)
  return isObject(args) && 'op' in args ? [args as unknown as ASTNode] : []
}

function callOf(node: ASTNode, source: string): ShapeCall | null {
  if (node.op === 'call') {
    const [name, [only, ...others]] = node.args
    return /^[A-Z]/.test(name) && only !== undefined && others.length === 0 ? { kind: 'one', name, of: textOf(only, source) } : null
  }
  if (node.op !== 'rcall') return null
  const [method, over, [element, body, ...others]] = node.args
  if (method !== 'map' || element?.op !== 'id' || body === undefined || others.length > 0) return null
  const of = callOf(body, source)
  return of === null ? null : { kind: 'map', over: textOf(over, source), element: element.args, of }
}

function textOf({ start, end }: ASTNode, source: string): string {
  return source.slice(0, start).replaceAll(/[^\n]/g, ' ') + source.slice(start, end)
}
