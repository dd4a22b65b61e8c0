/** Jobs and schedules as a service of a backend. */

import type { Service } from '../service.ts'
import { jobTables } from './tables.ts'

/** Jobs, dead jobs, workers and schedules. Nothing of them expires. */
export const jobsService: Service = {
  name: 'jobs',
  isUsedBy: ({ jobs, schedules }) => jobs.length + schedules.length > 0,
  tables: jobTables,
  sweep: async () => 0,
}
