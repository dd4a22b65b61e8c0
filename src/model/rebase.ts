/** Moves a rule from one row to another: `Post.read`, applied to the post that a comment belongs to. */

import type { Predicate, RowPath, Term } from './expression.ts'
import { mapPredicate, mapTerm, type Parts } from './tree.ts'

/**
 * Turns a rule about `row` into a rule about the row at a path. The bindings of the rule get names from the path, so that they differ from
 * bindings around the path and from bindings of the same rule at another path.
 */
export function rebase(rule: Predicate, row: RowPath): Predicate {
  return partsAt(row).predicate(rule)
}

/** The same for a value. */
export function rebaseTerm(term: Term, row: RowPath): Term {
  return partsAt(row).term(term)
}

function partsAt(row: RowPath): Parts {
  const suffix = [row.binding, ...row.hops.map((hop) => hop.field)].join('.')
  const rename = (binding: string): string => `${binding}@${suffix}`
  const parts: Parts = {
    predicate: (p) => {
      const moved = mapPredicate(p, parts)
      return 'as' in moved ? { ...moved, as: rename(moved.as) } : moved
    },
    term: (t) => renameTerm(mapTerm(t, parts), rename),
    row: (path) => {
      if (path.binding !== 'row') return { ...path, binding: rename(path.binding) }
      return {
        binding: row.binding,
        root: row.root,
        hops: [...row.hops, ...path.hops],
        entity: path.hops.length === 0 ? row.entity : path.entity,
      }
    },
  }
  return parts
}

function renameTerm(term: Term, rename: (binding: string) => string): Term {
  if (term.kind === 'item') return { ...term, binding: rename(term.binding) }
  return 'as' in term ? { ...term, as: rename(term.as) } : term
}
