/** Reads the calls of shapes in the leaves of answers: `Profile(author)`, and `articles.map(a, Summary(a))` for a list. */

import type { ASTNode } from '@marcbachmann/cel-js'
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
  if (!/[A-Z][A-Za-z0-9]*\s*\(/.test(source)) return null
  const parsed = parseSource(source, DESIGN_LIMITS)
  return parsed.ok ? callOf(parsed.value, source) : null
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
