/**
 * A process that a crash test kills: it loads Plinth with points (`points-hook.ts`), and opens a backend when the parent process says so.
 */

import { createServer } from 'node:http'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { mailServerOf } from '../../src/services/mail/mail-settings.ts'
import { CHEAP } from '../identity/instances.ts'
import { appendModel } from '../isolation/append-design.ts'
import { SHORT_TIMES } from '../jobs/desk.ts'
import { PATIENCE } from '../support/patience.ts'
import { crashModel } from './crash-design.ts'
import type { FromInstance, Opening, ToInstance } from './messages.ts'

const say = (message: FromInstance): void => void process.send?.(message)
const MODELS = { crash: crashModel, append: appendModel }

async function open({ design, databaseUrl, port, smtpUrl, keys }: Opening): Promise<void> {
  const model = MODELS[design]()
  const named = { smtpUrl: 'SMTP_URL', from: 'MAIL_FROM' }
  const backend = await openBackend({
    model,
    databaseUrl,
    keys: readKeys('AUTH_KEYS', keys),
    mode: 'production',
    publicUrl: `http://127.0.0.1:${port}`,
    rateLimits: NO_RATE_LIMITS,
    hashCost: CHEAP,
    patience: PATIENCE,
    mail: mailServerOf(model, { smtpUrl, from: null }, { mode: 'production', named }),
    eventLeaseMs: 1_000,
    workerTimes: SHORT_TIMES,
    observe: () => {},
  })
  createServer((request, response) => backend.handle(request, response)).listen(port, '127.0.0.1', () => say({ kind: 'open' }))
}

process.on('message', (message: ToInstance) => {
  if (message.kind === 'open') void open(message)
  if (message.kind === 'arm') say({ kind: 'armed' })
})
process.on('disconnect', () => process.exit())
say({ kind: 'loaded' })
