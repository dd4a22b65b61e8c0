/** Finds the places of a source text where a defect can be planted, and writes the text with a switch at each of them. */

import { stripTypeScriptTypes } from 'node:module'
import { type Node, parse } from 'acorn'

/**
 * What a defect does. `true` and `false`: a condition always gives this. `bound`: a comparison takes or leaves out its own limit.
 * `left-out`: a statement that calls something is not run.
 */
export type DefectKind = 'true' | 'false' | 'bound' | 'left-out'

/** A place in the source. */
export interface Site {
  /** From the root of the project. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly kinds: readonly DefectKind[]
  /** The text there, shortened. */
  readonly text: string
}

/** The names of the two switches, which are functions of `globalThis`. */
export const SWITCHES = { condition: '__plinthCondition', comparison: '__plinthComparison' } as const

const LONGEST_TEXT = 140
const COMPARISONS: ReadonlySet<unknown> = new Set(['<', '<=', '>', '>='])
/** Methods whose callbacks decide. */
const DECIDING: ReadonlySet<unknown> = new Set(['filter', 'some', 'every', 'find', 'findLast', 'findIndex'])

/** A node of the tree of a text, with its parts by name. */
interface Tree extends Node {
  readonly [part: string]: unknown
}

/** A text that is put in. Of those at one place, ends of inner nodes come first, and then beginnings of outer ones. */
interface Mark {
  readonly at: number
  readonly text: string
  readonly depth: number
  readonly isEnd: boolean
}

interface Writing {
  readonly text: string
  readonly marks: Mark[]
  /** Ranges that are left out. */
  readonly gaps: (readonly [start: number, end: number])[]
  /** Adds a site, and gives its number. */
  readonly add: (node: Node, kinds: readonly DefectKind[]) => number
}

/**
 * Writes a text with switches.
 *
 * @param first the number of the first site.
 */
export function withSwitches(file: string, typed: string, first: number): { readonly text: string; readonly sites: readonly Site[] } {
  const text = stripTypeScriptTypes(typed)
  const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module', preserveParens: true }) as unknown as Tree
  const sites: Site[] = []
  const writing: Writing = {
    text,
    marks: [],
    gaps: [],
    add({ start, end }, kinds) {
      const before = text.slice(0, start)
      const said = text.slice(start, end).replace(/\s+/g, ' ').slice(0, LONGEST_TEXT)
      sites.push({ file, line: before.split('\n').length, column: start - before.lastIndexOf('\n'), kinds, text: said })
      return first + sites.length - 1
    },
  }
  visit(writing, tree, 0)
  return { text: written(writing), sites }
}

function visit(writing: Writing, node: Tree, depth: number): void {
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      condition(writing, node.test as Tree, depth)
      break
    case 'CallExpression':
      callback(writing, node, depth)
      break
    case 'ReturnStatement':
      operands(writing, node.argument as Tree | null, depth)
      break
    case 'ArrowFunctionExpression':
      if (node.expression === true) operands(writing, node.body as Tree, depth)
      break
    case 'BinaryExpression':
      comparison(writing, node, depth)
      break
    case 'ExpressionStatement':
      statement(writing, node, depth)
      break
  }
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? part : [part]) if (isTree(child)) visit(writing, child, depth + 1)
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function wrap(
  { marks }: Writing,
  { start, end }: Node,
  [before, after, depth]: readonly [before: string, after: string, depth: number],
): void {
  marks.push({ at: start, text: before, depth, isEnd: false }, { at: end, text: after, depth, isEnd: true })
}

function switched(writing: Writing, node: Tree, { depth, kinds }: { readonly depth: number; readonly kinds: readonly DefectKind[] }): void {
  wrap(writing, node, [`${SWITCHES.condition}(${writing.add(node, kinds)},(`, '))', depth])
}

/** A condition as a whole, and its operands. */
function condition(writing: Writing, node: Tree, depth: number): void {
  switched(writing, node, { depth, kinds: ['true', 'false'] })
  operands(writing, node, depth + 1)
}

/** The callback of a method that chooses. What it returns is a condition. */
function callback(writing: Writing, { callee, arguments: all }: Tree, depth: number): void {
  const [given] = all as readonly Tree[]
  const name = ((callee as Tree).property as Tree | undefined)?.name
  if (!DECIDING.has(name) || given?.type !== 'ArrowFunctionExpression' || given.expression !== true) return
  switched(writing, given.body as Tree, { depth, kinds: ['true', 'false'] })
}

/** The operands of a condition: one that must hold too is left out, and so is one that would be enough. */
function operands(writing: Writing, node: Tree | null, depth: number): void {
  if (node === null) return
  if (node.type === 'ParenthesizedExpression') operands(writing, node.expression as Tree, depth + 1)
  if (node.type === 'UnaryExpression' && node.operator === '!') operands(writing, node.argument as Tree, depth + 1)
  if (node.type !== 'LogicalExpression' || node.operator === '??') return
  for (const side of [node.left, node.right] as readonly Tree[]) {
    const inner = bare(side)
    const isSame = inner.type === 'LogicalExpression' && inner.operator === node.operator
    if (!isSame) switched(writing, side, { depth: depth + 1, kinds: [node.operator === '&&' ? 'true' : 'false'] })
    operands(writing, side, depth + 1)
  }
}

/** Without parentheses. */
function bare(node: Tree): Tree {
  return node.type === 'ParenthesizedExpression' ? bare(node.expression as Tree) : node
}

/** `a < b` becomes a call with both sides. */
function comparison(writing: Writing, node: Tree, depth: number): void {
  if (!COMPARISONS.has(node.operator)) return
  const [left, right] = [node.left as Tree, node.right as Tree]
  // Conditions have whole numbers as depths; this is inside of that of the same node.
  const inside = depth + 0.5
  wrap(writing, node, [`${SWITCHES.comparison}(${writing.add(node, ['bound'])},(`, `),'${String(node.operator)}')`, inside])
  writing.marks.push({ at: left.end, text: '),(', depth: inside, isEnd: true })
  writing.gaps.push([left.end, right.start])
}

/** A call whose result nobody uses. */
function statement(writing: Writing, node: Tree, depth: number): void {
  const inner = node.expression as Tree
  const called = inner.type === 'AwaitExpression' ? (inner.argument as Tree) : inner
  if (called.type !== 'CallExpression' || (called.callee as Tree).type === 'Super') return
  wrap(writing, node, [`{if(${SWITCHES.condition}(${writing.add(node, ['left-out'])},true)){`, ';}}', depth])
}

function written({ text, marks, gaps }: Writing): string {
  const inOrder = marks.toSorted(
    (a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd) || (a.isEnd ? b.depth - a.depth : a.depth - b.depth),
  )
  let result = ''
  let from = 0
  const pass = (to: number): void => {
    for (const [start, end] of gaps) {
      if (start < from || start >= to) continue
      result += text.slice(from, start)
      from = Math.min(end, to)
    }
    result += text.slice(from, to)
    from = to
  }
  for (const mark of inOrder) {
    pass(mark.at)
    result += mark.text
  }
  pass(text.length)
  return result
}
