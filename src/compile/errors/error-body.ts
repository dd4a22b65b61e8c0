/** Evaluates `errors.answer`: the body of a failure. The tree becomes functions once, when the backend starts. */

import { unreachable } from '../../base/unreachable.ts'
import type { ErrorTerm, ErrorTree } from '../../model/errors/error-format.ts'
import { type ErrorProblem, joined } from './shown-failure.ts'

/** What a failure says to the tree, by name; parts with `each` add theirs. */
export type ErrorNames = ReadonlyMap<string, unknown>

/** Computes a part of the body. */
type Part = (names: ErrorNames) => unknown

/** Makes the function that computes the body of a failure as a JSON value. */
export function openTree(tree: ErrorTree): Part {
  switch (tree.kind) {
    case 'value':
      return termOf(tree.value)
    case 'object': {
      const members = tree.members.map(({ name, of }) => [name, openTree(of)] as const)
      return (names) => Object.fromEntries(members.map(([name, part]) => [name, part(names)]))
    }
    case 'list':
      return listOf(tree)
    default:
      return unreachable(tree)
  }
}

/** A list; with a key, an object, in which problems with the same key are one problem. */
function listOf({ each, in: source, key, of }: Extract<ErrorTree, { kind: 'list' }>): Part {
  const over = termOf(source)
  const part = openTree(of)
  const named = (names: ErrorNames, item: unknown): ErrorNames => new Map(names).set(each, item)
  if (key === null) return (names) => itemsOf(over(names)).map((item) => part(named(names, item)))
  const keyTerm = termOf(key)
  return (names) => {
    const keyOf = (item: unknown): string => String(keyTerm(named(names, item)))
    const items = itemsOf(over(names))
    const apart = source.type === 'problems' ? joined(items as readonly ErrorProblem[], keyOf) : items
    return Object.fromEntries(apart.map((item) => [keyOf(item), part(named(names, item))]))
  }
}

/** The items of a list; of null, which an item past the end of a list gives, none. */
function itemsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : []
}

/** An unknown value is null, and so is each part of it. */
function termOf(term: ErrorTerm): Part {
  switch (term.kind) {
    case 'constant':
      return () => term.value
    case 'name':
      return (names) => names.get(term.name) ?? null
    case 'member': {
      const of = termOf(term.of)
      return (names) => (of(names) as Readonly<Record<string, unknown>> | null)?.[term.name] ?? null
    }
    case 'item': {
      const of = termOf(term.of)
      return (names) => itemsOf(of(names))[term.at] ?? null
    }
    case 'size': {
      const of = termOf(term.of)
      return (names) => itemsOf(of(names)).length
    }
    case 'string': {
      const of = termOf(term.of)
      return (names) => textOf(of(names))
    }
    case 'concatenation': {
      const [left, right] = [termOf(term.left), termOf(term.right)]
      return (names) => joinedText(left(names), right(names))
    }
    case 'equal': {
      const [left, right] = [termOf(term.left), termOf(term.right)]
      return (names) => (left(names) === right(names)) !== term.negated
    }
    case 'choice': {
      const [when, yes, no] = [termOf(term.when), termOf(term.yes), termOf(term.no)]
      return (names) => (when(names) === true ? yes(names) : no(names))
    }
    default:
      return unreachable(term)
  }
}

function textOf(value: unknown): string | null {
  return value === null ? null : String(value)
}

function joinedText(left: unknown, right: unknown): string | null {
  return left === null || right === null ? null : `${left}${right}`
}
