/**
 * Masks the filters of a caller: limits them to what the caller may read. A field counts as missing on the rows where its rules refuse. A
 * relation has only the rows that the caller may read. So the result of a filter reveals nothing that the output hides. Rules that always
 * hold are dropped, and `specialise` drops rules that always hold for the caller.
 */

import { unreachable } from '../../base/unreachable.ts'
import { ALWAYS, type Predicate, type RowPath, type RowSet, rowBefore, type Term, UNKNOWN } from '../../model/expression.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { both, isAlways } from '../../model/predicate.ts'
import { rebase } from '../../model/rebase.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import { hiddenUnless } from './hidden-value.ts'

/** The names of rows that were found without asking whether the caller may read them. Other roots of paths were asked already. */
export type UnaskedRows = ReadonlySet<string>

const NONE: UnaskedRows = new Set()

/**
 * Limits a filter to values that the caller may read. The result never holds for a row for which the filter would not hold with the hidden
 * values set to null. The rule of the filtered row itself is not added, because the statement tests it separately.
 */
export function maskFilter(filter: Predicate, model: Model, unasked: UnaskedRows = NONE): Predicate {
  return maskingParts({ model, unasked }).predicate(filter)
}

/** Limits a value to what the caller may read: it is missing where it is made of a hidden value. */
export function maskValue(value: Term, model: Model, unasked: UnaskedRows = NONE): Term {
  return maskingParts({ model, unasked }).term(value)
}

interface Masking {
  readonly model: Model
  readonly unasked: UnaskedRows
}

function maskingParts(masking: Masking): Parts {
  const parts: Parts = {
    predicate: (p) => maskPredicate(mapPredicate(p, parts), masking),
    term: (t) => (t.kind === 'derived' ? maskDerived(t, masking, parts) : maskTerm(mapTerm(t, parts), masking)),
    row: (row) => row,
  }
  return parts
}

function maskPredicate(p: Predicate, masking: Masking): Predicate {
  switch (p.kind) {
    case 'some':
      return where(pathTests(p.over.of, masking), { ...p, where: both(rowsSeen(p.over, p.as, masking), p.where) })
    case 'every': {
      const seen = rowsSeen(p.over, p.as, masking)
      const unseen: Predicate = { kind: 'not', of: seen }
      return where(pathTests(p.over.of, masking), { ...p, where: seen === ALWAYS ? p.where : { kind: 'any', of: [unseen, p.where] } })
    }
    case 'can':
      return where(pathTests(p.row, masking), p)
    // These read rows only through their parts, which are masked already.
    case 'const':
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'all':
    case 'any':
    case 'not':
    case 'holds':
    case 'choose':
    case 'someItem':
    case 'everyItem':
      return p
    default:
      return unreachable(p)
  }
}

function maskTerm(term: Term, masking: Masking): Term {
  switch (term.kind) {
    case 'field':
      return when([...pathTests(term.row, masking), ...fieldTests(term.row, term.field, masking)], term)
    case 'count':
    case 'aggregate':
      return when(pathTests(term.over.of, masking), { ...term, where: both(rowsSeen(term.over, term.as, masking), term.where) })
    case 'literal':
    case 'null':
    case 'param':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
    case 'if':
    case 'list':
    case 'call':
    case 'aggregateItems':
    case 'derived':
    case 'predicate':
      return term
    default:
      return unreachable(term)
  }
}

/** A computed field is missing where its own read rule refuses. One that is computed over all rows is not limited any further. */
function maskDerived(term: Extract<Term, { kind: 'derived' }>, masking: Masking, parts: Parts): Term {
  const { row, field, of } = term
  const derived = entityNamed(masking.model, row.entity).derived.find(({ name }) => name === field)
  if (derived === undefined) throw new Error(`no computed field ${row.entity}.${field}`)
  const asked = row.hops.length === 0 && masking.unasked.has(row.binding) ? rowTests(row, masking) : []
  const tests = [...pathTests(row, masking), ...asked, ...moved(derived.read, row)]
  return when(tests, derived.as === 'system' ? of : parts.term(of))
}

/**
 * The condition that the caller may read a row of a relation and the row's reference. It is true or false, never unknown: unknown counts as
 * false.
 */
function rowsSeen(over: RowSet, as: string, masking: Masking): Predicate {
  const row: RowPath = { binding: as, root: over.entity, hops: [], entity: over.entity }
  const tests = [...rowTests(row, masking), ...(over.via === null ? [] : fieldTests(row, over.via, masking))]
  return tests.length === 0 ? ALWAYS : { kind: 'holds', of: allOf(tests) }
}

/** The conditions for the steps of a path: the caller may read each reference and the row that it leads to. */
function pathTests(path: RowPath, masking: Masking): readonly Predicate[] {
  const before = rowBefore(path)
  const field = path.hops.at(-1)?.field
  if (before === null || field === undefined) return []
  return [...pathTests(before, masking), ...fieldTests(before, field, masking), ...rowTests(path, masking)]
}

function rowTests(row: RowPath, { model }: Masking): readonly Predicate[] {
  return moved(entityNamed(model, row.entity).access.read, row)
}

/** The conditions for a field of a row. The id of a row that is named is known. */
function fieldTests(row: RowPath, field: string, masking: Masking): readonly Predicate[] {
  const { model, unasked } = masking
  const isUnasked = row.hops.length === 0 && field !== 'id' && unasked.has(row.binding)
  return [...(isUnasked ? rowTests(row, masking) : []), ...moved(fieldNamed(entityNamed(model, row.entity), field).read, row)]
}

function moved(rule: Predicate, row: RowPath): readonly Predicate[] {
  return isAlways(rule) ? [] : [rebase(rule, row)]
}

function allOf(tests: readonly Predicate[]): Predicate {
  const [only] = tests
  return only !== undefined && tests.length === 1 ? only : { kind: 'all', of: tests }
}

function where(tests: readonly Predicate[], p: Predicate): Predicate {
  return tests.length === 0 ? p : { kind: 'choose', test: allOf(tests), yes: p, no: UNKNOWN }
}

function when(tests: readonly Predicate[], term: Term): Term {
  return tests.length === 0 ? term : hiddenUnless(allOf(tests), term)
}
