/** The arguments of `npm run bench`. */

import type { ValuesOf } from '../base/command-line.ts'

/** As `parseArgs` of Node takes them. */
export const ARGUMENTS = {
  against: { type: 'string' },
  quick: { type: 'boolean' },
  only: { type: 'string' },
  operations: { type: 'string' },
  connections: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  patience: { type: 'string' },
  publish: { type: 'boolean' },
} as const

/** What was typed for each of them; absent where nothing was. */
export type BenchValues = ValuesOf<typeof ARGUMENTS>
