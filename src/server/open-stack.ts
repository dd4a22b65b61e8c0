/** Opens what the handlers of a backend share. */

import type { Compiled } from '../compile/compile.ts'
import type { Executor } from '../postgres/executor/execute.ts'
import { openFieldCipher } from '../services/encryption/sealed-fields.ts'
import { createIdentity } from '../services/identity/create-identity.ts'
import type { IdentityDeps } from '../services/identity/identity.ts'
import { tagsAtOnce } from '../services/identity/passwords/hash-threads.ts'
import { ARGON2ID, openPasswords, type PasswordOptions } from '../services/identity/passwords/passwords.ts'
import { openRowTokens } from '../services/identity/tokens/row-tokens.ts'
import type { LimitStore } from '../services/limits/limit-store.ts'
import type { Mailbox } from '../services/mail/mailbox.ts'
import { openPost } from '../services/mail/post.ts'
import type { BackendOptions } from './backend-options.ts'
import { runHook } from './code/run-hook.ts'
import { openSessionCookie, type SessionCookie } from './http/caller/session-cookie.ts'
import { openFailureAnswers } from './http/problem.ts'
import { DEFAULT_RATE_LIMITS, openRateLimits } from './http/rate-limits.ts'
import { openBackends, openHttpServices } from './http-services.ts'
import { addJob } from './jobs/add-job.ts'
import { explainedExecutor } from './open-executor.ts'
import { openFiles } from './open-files.ts'
import { openPlanContext } from './plan/plan-context.ts'
import { explained } from './run/database-failure.ts'
import { openLargeAnswers } from './run/large-answers.ts'
import { openRunningCode } from './run/running-code.ts'
import type { Stack } from './run/stack.ts'
import type { Waking } from './start-work.ts'

/** Opens what the handlers share. @throws Error when the design has an identity and there are no keys. */
export function openStack(
  options: BackendOptions,
  { executor, waking, limitStore }: { readonly executor: Executor; readonly waking: Waking; readonly limitStore: LimitStore | null },
  { compiled, mailbox }: { readonly compiled: Compiled; readonly mailbox: Mailbox | null },
): Stack {
  const { model } = options
  const passwords: PasswordOptions = { cost: options.hashCost ?? ARGON2ID, running: () => tagsAtOnce(executor.quietMs()) }
  const identity = model.identity === null ? null : openIdentity(options, { run: explained(executor.runReserved), passwords })
  const rowTokens = options.keys === null ? null : openRowTokens(options.keys)
  return {
    model,
    context: openPlanContext(model, {
      explainDenials: options.mode === 'development',
      newId: options.newId,
      columns: options.columns,
      short: options.short,
    }),
    executor: explainedExecutor(executor),
    violations: compiled.constraints,
    patience: options.patience ?? 1,
    identity,
    backends: openBackends(options, identity),
    cookie: openCookie(options),
    rowTokens,
    cipher: openFieldCipher(model, options.encryption ?? null),
    signingSecrets: options.receivers?.signing ?? new Map(),
    files: openFiles(model, { storage: options.files, keys: options.keys, run: explained(executor.run) }),
    services: openHttpServices(options),
    post: openPost(model, { runner: { ...executor, run: explained(executor.run) }, rowTokens, mailbox, mail: options.mail ?? null }),
    answerFailure: openFailureAnswers({
      format: model.errors,
      scheme: model.identity?.token.scheme ?? 'Bearer',
      template: model.failurePage?.template ?? null,
    }),
    rateLimits: openRateLimits(options.rateLimits ?? DEFAULT_RATE_LIMITS, limitStore),
    hashPassword: identity?.hashPassword ?? openPasswords(passwords).hash,
    largeAnswers: openLargeAnswers(),
    logCode: (of) => options.observe({ kind: 'code', of }),
    runningCode: options.runningCode ?? openRunningCode(),
    runHook,
    addJob,
    wakeJobs: () => waking.jobs(),
    wakeWebhooks: () => waking.webhooks(),
  }
}

function openCookie({ model, mode, publicUrl }: BackendOptions): SessionCookie | null {
  const { cookie = null, lastsSeconds } = model.identity?.token ?? { lastsSeconds: 0 }
  return cookie === null ? null : openSessionCookie(cookie, { mode, publicUrl, lastsSeconds })
}

function openIdentity(options: BackendOptions, parts: Pick<IdentityDeps, 'run' | 'passwords'>) {
  const { model, keys, publicUrl } = options
  if (keys === null) throw new Error('a design with an identity needs keys')
  return createIdentity({
    ...parts,
    model,
    keys,
    issuer: publicUrl,
    audience: publicUrl,
    now: Date.now,
    observe: (of) => options.observe({ kind: 'identity', of }),
  })
}
