/** The limits that all instances share, as a service of a backend. */

import type { Service } from '../service.ts'
import { sweepUses } from './postgres-store.ts'
import { limitsTables } from './tables.ts'

/** What callers have used. Every backend has this service. */
export const limitsService: Service = {
  name: 'limits',
  isUsedBy: () => true,
  tables: limitsTables,
  sweep: ({ run }) => sweepUses(run),
}
