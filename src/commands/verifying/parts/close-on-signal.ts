/** What a run has made outside of this process (databases, roles, folders) is removed also where a signal such as Ctrl-C ends it. */

import { setTimeout as sleep } from 'node:timers/promises'

/** Ends one thing that was opened. */
type End = () => Promise<unknown> | unknown

/** What was opened, the latest last, and how to end all of it. */
export interface Opened {
  readonly push: (end: End) => void
  /** Ends what was opened, the latest first. Never returns once a signal ends this process, so that nothing goes on meanwhile. */
  readonly close: () => Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A database that does not answer keeps nobody waiting longer than this. */
const LIMIT_MS = 10_000
/** A signal that comes sooner is the first one again: other listeners send it once more when they are done. */
const AGAIN_MS = 500

const drains = new Set<() => Promise<void>>()
let endingSince: number | null = null

/** A list of what is opened, which is ended also by a signal. The signal then ends this process, as if nothing had listened. */
export function closedOnSignal(): Opened {
  const opened: End[] = []
  let closing = Promise.resolve()
  const endAll = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end()
  }
  // One after the other: what is opened while a signal ends the rest is ended, too.
  const drain = (): Promise<void> => {
    closing = closing.catch(() => {}).then(endAll)
    return closing
  }
  if (drains.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal)
  drains.add(drain)
  const close = async (): Promise<void> => {
    try {
      await drain()
    } finally {
      if (endingSince !== null) await new Promise(() => {})
      drains.delete(drain)
      if (drains.size === 0) for (const signal of SIGNALS) process.off(signal, onSignal)
    }
  }
  return { push: (end) => void opened.push(end), close }
}

/** The first signal ends what is open; a second one does not wait for that. */
async function onSignal(signal: NodeJS.Signals): Promise<void> {
  if (endingSince === null) {
    endingSince = performance.now()
    await Promise.race([Promise.allSettled([...drains].map((drain) => drain())), sleep(LIMIT_MS)])
  } else if (performance.now() - endingSince < AGAIN_MS) return
  for (const one of SIGNALS) process.off(one, onSignal)
  process.kill(process.pid, signal)
}
