/** The load generator, a process of its own, so that it does not wait for what verify does. It ends with verify, or after its job. */

import { constants, setPriority } from 'node:os'
import { unreachable } from '../../../base/unreachable.ts'
import { runBatch } from './batch.ts'
import { runClosed } from './closed-loop.ts'
import type { FromGenerator, LoadJob, ToGenerator } from './load-job.ts'
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
  run(message).then(
    (result) => tell(result),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  )
})

function run(job: LoadJob): Promise<FromGenerator> {
  switch (job.kind) {
    case 'open':
      return runOpen(job, texts)
    case 'closed':
      return runClosed(job, texts)
    case 'batch':
      return runBatch(job, texts)
    default:
      return unreachable(job)
  }
}

function tell(message: FromGenerator): void {
  process.send?.(message)
}
