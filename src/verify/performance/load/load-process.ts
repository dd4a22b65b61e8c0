/** The load generator, a process of its own, so that it does not wait for what verify does. It ends with verify, or after its job. */

import { constants, setPriority } from 'node:os'
import { runClosed } from './closed-loop.ts'
import type { FromGenerator, ToGenerator } from './load-job.ts'
import { runOpen } from './open-arrivals.ts'

let texts: readonly string[] = []

// A request must leave when it is due, also while the server uses all processors. Without the right to it, the priority stays.
try {
  setPriority(constants.priority.PRIORITY_HIGH)
} catch {}

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'requests') {
    texts = message.texts
    return
  }
  const running = message.kind === 'open' ? runOpen(message, texts) : runClosed(message, texts)
  running.then(
    (result) => tell(result),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  )
})

function tell(message: FromGenerator): void {
  process.send?.(message)
}
