/** Whether and how the process of a design with code is watched. */

import { hasCode } from '../../model/has-code.ts'
import type { Model } from '../../model/model.ts'
import { startWatchdog } from '../../server/process/watchdog.ts'
import { openRunningCode, type RunningCode } from '../../server/run/running-code.ts'
import type { Settings } from '../setup/settings/settings.ts'
import type { Io } from '../terminal/command.ts'

/** Whether this process leaves the work to a child, which it supervises. */
export function needsSupervision(model: Model, { settings, io }: { readonly settings: Settings; readonly io: Io }): boolean {
  return settings.watchdogMs !== null && io.self.supervisor === null && hasCode(model)
}

/** The memory for the code that runs. A supervised process gets a watchdog that reads it; it lasts as long as the process. */
export function watchCode({ watchdogMs: limitMs }: Settings, { self: { supervisor: report } }: Io): RunningCode {
  const running = openRunningCode()
  if (limitMs !== null && report !== null) startWatchdog(running, { limitMs, report })
  return running
}
