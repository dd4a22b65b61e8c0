/** Idempotent writes as a service of a backend. */

import type { Service } from '../service.ts'
import { sweepAnswers } from './idempotency.ts'
import { idempotencyTables } from './tables.ts'

/** The stored answers of idempotent writes. Every backend has this service. */
export const idempotencyService: Service = {
  name: 'idempotency',
  isUsedBy: () => true,
  tables: idempotencyTables,
  sweep: ({ run }) => sweepAnswers(run),
}
