/** What a load is to do. */

import type { ManyRows } from '../rows/many-rows.ts'
import type { LoadTimes } from './measure-load.ts'

/** What to load. */
export interface RunningLoad extends Omit<ManyRows, 'counts'> {
  readonly times: LoadTimes
  /** The most rows of one entity; null for as many as the design expects. */
  readonly mostRows: number | null
  /** The beginning of the ids of the operations to measure; null for all. */
  readonly only: string | null
  /** `one`: the load of some operations alone. `growth`: how they grow with the rows alone. */
  readonly asked: 'all' | 'one' | 'growth'
  /** Called when something is done: its name, what it was, and for how many milliseconds. */
  readonly onDone: (name: string, text: string, ms: number) => void
}
