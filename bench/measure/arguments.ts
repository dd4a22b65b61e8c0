/** The arguments of `npm run bench`. */

import type { ValuesOf } from '../base/command-line.ts'

/** The options of `parseArgs` of Node. */
export const ARGUMENTS = {
  against: { type: 'string' },
  quick: { type: 'boolean' },
  only: { type: 'string' },
  operations: { type: 'string' },
  connections: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  patience: { type: 'string' },
  rate: { type: 'string' },
  logins: { type: 'string' },
  equal: { type: 'boolean' },
  publish: { type: 'boolean' },
} as const

/** The text of each option; absent when the option is not given. */
export type BenchValues = ValuesOf<typeof ARGUMENTS>
