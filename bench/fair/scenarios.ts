/** The scenarios of `npm run bench:fair`, one row each. */

import { passwords, wrongLogins } from './attacks/accounts.ts'
import { multiplied, tenLists } from './attacks/answers.ts'
import { slowFilter } from './attacks/slow-filter.ts'
import { slowSockets } from './attacks/slow-sockets.ts'
import { lockedRow, manyTransactions } from './attacks/transactions.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS = {
  passwords,
  'wrong-logins': wrongLogins,
  'locked-row': lockedRow,
  transactions: manyTransactions,
  'slow-filter': slowFilter,
  'multiplied-row': multiplied,
  'large-answer': tenLists,
  'slow-sockets': slowSockets,
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof SCENARIOS
