/** Sign-in as a service of a backend. */

import type { Service } from '../service.ts'
import { sweepSessions } from './sessions/sweep-sessions.ts'
import { identityTables } from './tables.ts'

/** Sessions and attempts to sign in, for a design that has an identity. */
export const identityService: Service = {
  name: 'identity',
  isUsedBy: (model) => model.identity !== null,
  tables: identityTables,
  sweep: sweepSessions,
}
