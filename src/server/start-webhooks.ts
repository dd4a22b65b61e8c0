/** Starts the sender of webhooks in this process. */

import type { Executor } from '../postgres/executor/execute.ts'
import { openDestinations } from '../services/webhooks/destinations.ts'
import type { Receivers } from '../services/webhooks/receivers.ts'
import { startSender } from '../services/webhooks/sender.ts'
import type { Observe } from './http/observe.ts'
import { contentNow } from './reactions/message-content.ts'
import { explained } from './run/database-failure.ts'
import type { Stack } from './run/stack.ts'

/** What sending needs. */
export interface WebhookSending {
  readonly stack: Stack
  /** A connection for the sender alone, closed at the end. */
  readonly executor: Executor
  readonly receivers: Receivers
  readonly observe: Observe
}

/** Starts the sender. `stop` also closes its connection. */
export function startWebhooks({ stack, executor, receivers, observe }: WebhookSending): {
  readonly wake: () => void
  readonly stop: () => Promise<void>
} {
  const sender = startSender({
    run: explained(executor.run),
    destinations: openDestinations(stack.model, receivers),
    contentNow: (message) => contentNow(stack, message),
    random: Math.random,
    now: Date.now,
    observe: (of) => observe({ kind: 'webhook', of }),
  })
  return {
    wake: sender.wake,
    async stop() {
      await sender.stop()
      await executor.close()
    },
  }
}
