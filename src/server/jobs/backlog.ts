/** The work that waits in the database, for measurements of a running backend. */

import type { Run } from '../../base/sql/statement.ts'
import { hasWork } from '../../model/job.ts'
import type { Model } from '../../model/model.ts'
import { hasReactions } from '../../model/reaction.ts'
import { countLetters, type LetterCounts } from '../../services/events/letters.ts'
import { countUndelivered, type Undelivered } from '../../services/events/undelivered.ts'
import { countJobs, type JobCounts } from '../../services/jobs/inspect.ts'

/** What waits. Parts that the design does not have are absent. */
export interface Backlog {
  readonly undelivered?: Undelivered
  /** Events that reactions try again or have given up. */
  readonly letters?: readonly LetterCounts[]
  readonly jobs?: readonly JobCounts[]
}

/** Reads what waits, in up to three statements. @throws the driver's error */
export async function readBacklog(model: Model, run: Run): Promise<Backlog> {
  const events = hasReactions(model) ? { undelivered: await countUndelivered(run), letters: await countLetters(run) } : {}
  return hasWork(model) ? { ...events, jobs: await countJobs(run) } : events
}
