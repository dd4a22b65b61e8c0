/** A write that is planned. */

import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import type { PlannedWrite } from '../plan/planning.ts'

/** A write that is ready to run. */
export interface ReadyWrite {
  readonly caller: Caller
  readonly intent: WriteIntent
  readonly planned: PlannedWrite
}
