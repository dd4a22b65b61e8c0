/** Idempotent writes as a service of a backend. */

import type { Service } from '../service.ts'
import { sweepAnswers } from './idempotency.ts'
import { idempotencyTables } from './tables.ts'

/** Answers kept for repeated requests; every backend has them. */
export const idempotencyService: Service = {
  name: 'idempotency',
  isUsedBy: () => true,
  tables: idempotencyTables,
  sweep: ({ run }) => sweepAnswers(run),
}
