/**
 * `plinth up`: serves the design for development. Every saved change takes effect at once; after a bad change the previous version
 * continues.
 */

import { openMailbox } from '../services/mail/mailbox.ts'
import { develop } from './serving/develop.ts'
import { type Running, whileRunning } from './serving/running.ts'
import { supervise } from './serving/supervise.ts'
import { followDesign } from './serving/watch.ts'
import { needsSupervision, watchCode } from './serving/watched.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { eventLog } from './setup/log.ts'
import { misspeltSettings } from './setup/settings/misspelt-settings.ts'
import { readSettings } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'

/** The arguments of the command. */
export interface UpInput {
  readonly design: string | undefined
}

/** In development there is no load balancer to notify. Running requests get 25 s. */
const TIMES = { noticeMs: 0, drainMs: 25_000 } as const

/**
 * Serves until the process is asked to stop.
 *
 * @throws UsageError without a design; EnvironmentError for a port in use, a database that cannot be used, or a wrong setting.
 */
export async function up(input: UpInput, io: Io): Promise<Outcome> {
  const began = performance.now()
  const settings = readSettings(io.env, 'development')
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  if (needsSupervision(model, { settings, io })) return supervise({ io, log: eventLog(settings.logLevel, io.observe) })
  const log = eventLog(settings.logLevel, io.observe)
  for (const mistake of misspeltSettings(io.env)) log.warn({}, mistake)
  io.observe({ kind: 'design-read', file: design.file, diagnostics: design.diagnostics })
  const changes = followDesign(design.path)
  changes.also(design.files)
  try {
    const code = watchCode(settings, io)
    const development = { io, settings, design: { ...design, model }, changes, code, mailbox: openMailbox(Date.now), began }
    const work = (running: Running) => develop({ ...development, running })
    return await whileRunning({ settings, design, times: TIMES }, io, work)
  } finally {
    changes.close()
  }
}
