/** Compares the rows of random designs, which have passwords and entries of scripts. */

import { isDeepStrictEqual } from 'node:util'
import type { Model } from '../../../../src/model/model.ts'
import type { AllRows as Rows } from '../../../../src/verify/expected/reference.ts'
import { rowsDiffer as differ } from '../../../../src/verify/fold/rows-differ.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import { JOURNAL } from '../../design/code-scripts.ts'
import { isPassword, PASSWORDS } from './passwords.ts'

/** A description of the first row that differs; null for none. */
export function rowsDiffer(model: Model, expected: Rows, after: Rows, before: Rows): string | null {
  const without = (rows: Rows): Rows => new Map([...rows].filter(([name]) => name !== JOURNAL))
  const wrong = differ(model, {
    expected: without(expected),
    after: without(after),
    before,
    // The hash of a new password has a random salt.
    differs: (name, found, wanted) =>
      name === 'password' && PASSWORDS.includes(String(wanted)) ? !isPassword(String(wanted), found) : null,
  })
  return wrong ?? entriesDiffer(expected.get(JOURNAL) ?? [], after.get(JOURNAL) ?? [])
}

/** Entries of scripts are compared in the order in which they were made, without their ids. */
function entriesDiffer(expected: readonly PlainRow[], found: readonly PlainRow[]): string | null {
  const textsOf = (rows: readonly PlainRow[]) => rows.map(({ text, nth }) => `${String(nth).padStart(6, '0')} ${text}`).toSorted()
  const [wanted, got] = [textsOf(expected), textsOf(found)]
  if (isDeepStrictEqual(wanted, got)) return null
  const [lacking, more] = [wanted.filter((one) => !got.includes(one)), got.filter((one) => !wanted.includes(one))]
  return `the entries ${JSON.stringify(lacking)} are expected, and ${JSON.stringify(more)} are not`
}
