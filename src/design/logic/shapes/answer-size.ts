/** The limits of answers: how many values one has with its shapes, and how many shapes stand within one another. */

import type { AnswerTree } from '../../../model/action.ts'
import type { Report } from '../../findings/report.ts'
import type { Path } from '../../findings/source.ts'

const MAX_VALUES = 1_000
const MAX_LEVELS = 10

/** The size of an answer with its shapes written out. */
export interface Size {
  readonly values: number
  /** The shapes within one another. */
  readonly levels: number
}

const ONE: Size = { values: 1, levels: 0 }

/** The size of an answer. `known` has those of the shapes before, so that each is counted once. */
export function sizeOf(tree: AnswerTree, known: Map<AnswerTree, Size>): Size {
  const found = known.get(tree)
  if (found !== undefined) return found
  const size = measured(tree, known)
  known.set(tree, size)
  return size
}

function measured(tree: AnswerTree, known: Map<AnswerTree, Size>): Size {
  if (tree.kind === 'shape') {
    const { values, levels } = sizeOf(tree.of, known)
    return { values, levels: levels + 1 }
  }
  if (tree.kind === 'list') return sizeOf(tree.of, known)
  if (tree.kind !== 'object') return ONE
  const parts = tree.members.map(({ of }) => sizeOf(of, known))
  return { values: parts.reduce((sum, { values }) => sum + values, 0), levels: Math.max(0, ...parts.map(({ levels }) => levels)) }
}

/** Whether an answer is small enough. Reports one that is not. */
export function isWithinLimits({ values, levels }: Size, { at, report }: { readonly at: Path; readonly report: Report }): boolean {
  if (values <= MAX_VALUES && levels <= MAX_LEVELS) return true
  const what =
    values > MAX_VALUES ? `${values} values, and at most ${MAX_VALUES}` : `${levels} shapes within one another, and at most ${MAX_LEVELS}`
  report.add(
    'PLN-D565',
    at,
    `with its shapes written out, this answer has ${what} are possible`,
    'leave out what is not needed at every place',
  )
  return false
}
