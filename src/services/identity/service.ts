/** Sign-in as a service of a backend. */

import type { Service } from '../service.ts'
import { sweepSessions } from './sessions/sweep-sessions.ts'
import { identityTables } from './tables.ts'

/** The service for sessions and login attempts. A design with an identity has it. */
export const identityService: Service = {
  name: 'identity',
  isUsedBy: (model) => model.identity !== null,
  tables: identityTables,
  sweep: sweepSessions,
}
