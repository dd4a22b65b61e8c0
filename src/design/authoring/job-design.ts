/** The types of jobs and schedules in a design. */

import type { Code } from './behaviour-design.ts'
import type { InputDesign, StepDesign, ValueDesign } from './logic-design.ts'

/** How often failed work runs again. Each pause is twice as long as the one before, and shorter by chance by up to a half. */
export interface RetryDesign {
  /** All runs, with the first one; 10 unless given. */
  readonly attempts?: number
  /** The pause before the second run, such as `10s` (unless given). */
  readonly first?: string
  /** The longest pause; `1h` unless given. */
  readonly most?: string
}

/** Work that runs later. Actions and code add it in their transaction; workers run it after the commit, at least once. */
export interface JobDesign {
  readonly description?: string
  /** Whose rules apply when it runs: those of the account that added it, or none. */
  readonly as: 'caller' | 'system'
  /** What it needs, by name. */
  readonly input?: Readonly<Record<string, InputDesign>>
  readonly steps?: readonly StepDesign[]
  /** Code in place of steps. */
  readonly run?: Code
  /** The code opens its transaction itself. */
  readonly transaction?: 'own'
  /** The queue, by which `plinth work --queue` chooses; `default` unless given. */
  readonly queue?: string
  /** Jobs with a higher number run first; 0 unless given. */
  readonly priority?: number
  /** How many run at the same time, in all processes together. */
  readonly concurrency?: number
  readonly retry?: RetryDesign
  /** How long one run may take; `1m` unless given, `1h` at most. */
  readonly timeout?: string
  /** Inputs: a job is not added while another one with the same values of them waits. */
  readonly unique?: readonly string[]
  /** How long it waits before its first run. */
  readonly delay?: string
}

/** Work that begins at given times, once per cluster. */
export interface ScheduleDesign {
  readonly description?: string
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** An IANA zone such as `Europe/Berlin`; UTC unless given. */
  readonly timeZone?: string
  /** Whose rules apply to the code of `run`. A schedule has no caller, so this is `system`. */
  readonly as?: 'system'
  readonly run?: Code
  /** The code opens its transaction itself. */
  readonly transaction?: 'own'
  /** The action of the design to run, in place of code. */
  readonly call?: string
  /** The inputs of that action: an expression (CEL) or a constant each. `dueAt` is the time of the run. */
  readonly input?: Readonly<Record<string, ValueDesign>>
  /** What is done about times at which no process ran: one run for all of them (unless given), none, or one for each. */
  readonly missed?: 'once' | 'skip' | 'all'
  readonly retry?: RetryDesign
  /** How long one run may take; `1m` unless given, `1h` at most. */
  readonly timeout?: string
}
