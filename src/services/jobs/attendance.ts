/** Watches, in a process that leaves jobs to others, whether any other one runs them. */

import { ident, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { noteOf } from './job-run.ts'
import type { JobObservation } from './observation.ts'

/** The workers that run, and the jobs that could run now. */
export interface Attendance {
  readonly workers: number
  readonly due: number
}

const ATTENDANCE: Statement = {
  name: 'jobs.attendance',
  sql: sql`select (select count(*) from ${ident(SYSTEM_SCHEMA, 'workers')} where lease_until >= now()),
    (select count(*) from ${JOBS_TABLE} where worker is null and run_at <= now())`,
}

/** Counts the workers of all processes, and the jobs that could run now. */
export async function readAttendance(run: Run): Promise<Attendance> {
  const [[workers, due] = []] = await run(ATTENDANCE, {})
  return { workers: Number(workers), due: Number(due) }
}

/** Between two looks, in milliseconds. */
export const ATTENDANCE_MS = 60_000

/** What watching needs. */
export interface AttendanceOptions {
  readonly run: Run
  /** Whether work comes without a request, from schedules. */
  readonly hasSchedules: boolean
  readonly everyMs: number
  readonly observe: (observation: JobObservation) => void
}

/** Reports at each look that no process runs the jobs. The first look is after `everyMs`. Returns the function that stops it. */
export function watchAttendance({ run, hasSchedules, everyMs, observe }: AttendanceOptions): () => void {
  const look = async (): Promise<void> => {
    try {
      const { workers, due } = await readAttendance(run)
      if (workers === 0 && (due > 0 || hasSchedules)) observe({ kind: 'unattended', due })
    } catch (error) {
      observe({ kind: 'trouble', what: 'look for workers', note: noteOf(error) })
    }
  }
  const timer = setInterval(() => void look(), everyMs).unref()
  return () => clearInterval(timer)
}
