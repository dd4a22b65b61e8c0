/** The side of a worker: it says when it serves, shows its metrics, and finishes when another one has taken its place. */

import type { FromWorker, ToWorker } from './messages.ts'

/** What a worker can do for the first process. */
export interface WorkerSide {
  readonly url: string
  /** Its metrics as text; absent without metrics. */
  readonly metrics: (() => Promise<string>) | undefined
}

/** Tells the first process that this worker serves, and answers what it asks. The promise is fulfilled when the worker shall retire. */
export function serveAsWorker({ url, metrics }: WorkerSide): Promise<void> {
  const say = (message: FromWorker): void => void (process.connected && process.send?.(message))
  const retired = new Promise<void>((resolve) => {
    process.on('message', (message: ToWorker) => {
      switch (message.kind) {
        case 'retire':
          resolve()
          break
        case 'show-metrics':
          metrics?.().then(
            (body) => say({ kind: 'metrics', id: message.id, body }),
            () => {},
          )
          break
      }
    })
  })
  say({ kind: 'ready', url })
  return retired
}
