/** What the work of a job needs. */

import type { ToolJob } from '../state/jobs.ts'
import type { Project } from '../state/project.ts'

/** A job that is done in this process. */
export interface Working {
  readonly project: Project
  readonly job: ToolJob
}
