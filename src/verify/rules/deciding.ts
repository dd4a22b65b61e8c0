/** Three-valued logic over the atoms of a rule, and the atoms that decide a verdict (masking MC/DC). */

import type { Truth } from '../../model/expression.ts'
import type { RuleTree } from './rule-tree.ts'

/** The truth of a rule for the truth of its atoms, after Kleene. */
export function kleene(tree: RuleTree, values: readonly Truth[]): Truth {
  switch (tree.kind) {
    case 'atom':
      return values[tree.atom] ?? null
    case 'const':
      return tree.value
    case 'not': {
      const truth = kleene(tree.of, values)
      return truth === null ? null : !truth
    }
    case 'all':
    case 'any': {
      const decisive = tree.kind === 'any'
      const truths = tree.of.map((part) => kleene(part, values))
      return truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive
    }
    case 'choose': {
      const test = kleene(tree.test, values)
      return test === null ? null : kleene(test ? tree.yes : tree.no, values)
    }
  }
}

/**
 * Whether an atom decides in a state: another value that it can have, with all others unchanged, changes the verdict. False and unknown
 * both refuse.
 *
 * @param possible the values that the atom can have.
 */
export function decides(tree: RuleTree, values: readonly Truth[], atom: number, possible: readonly Truth[]): boolean {
  const verdict = kleene(tree, values) === true
  return possible.some((value) => value !== values[atom] && (kleene(tree, values.with(atom, value)) === true) !== verdict)
}

/** The numbers of the atoms that decide in a state. @param possible the values that each atom can have. */
export function decidingAtoms(tree: RuleTree, values: readonly Truth[], possible: readonly (readonly Truth[])[]): readonly number[] {
  return values.flatMap((_, atom) => (decides(tree, values, atom, possible[atom] ?? []) ? [atom] : []))
}
