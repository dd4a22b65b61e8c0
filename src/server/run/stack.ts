/** What a running backend uses to answer requests. */

import type { JobRunInfo } from '../../design/authoring/context-types.ts'
import type { Model } from '../../model/model.ts'
import type { Client } from '../../postgres/executor/client.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import type { AcceptedBackends } from '../../services/backends/accepted-backends.ts'
import type { BrokerConnection } from '../../services/broker/broker.ts'
import type { FieldCipher } from '../../services/encryption/sealed-fields.ts'
import type { FileLinks } from '../../services/files/file-links.ts'
import type { ImageSizes } from '../../services/files/image-sizes.ts'
import type { FileStorage } from '../../services/files/storage.ts'
import type { UploadPlaces } from '../../services/files/upload-places.ts'
import type { Services } from '../../services/http/services.ts'
import type { Identity, SignedIn } from '../../services/identity/identity.ts'
import type { RowTokens } from '../../services/identity/tokens/row-tokens.ts'
import type { Post } from '../../services/mail/post.ts'
import type { SessionCookie } from '../http/caller/session-cookie.ts'
import type { CodeLogEntry } from '../http/observe.ts'
import type { AnswerFailure } from '../http/problem.ts'
import type { RateLimits } from '../http/rate-limits.ts'
import type { PlanContext } from '../plan/planning.ts'
import type { Violations } from './database-failure.ts'
import type { DeferredChecks } from './deferred-checks.ts'
import type { HookCall, RanHook } from './hook-call.ts'
import type { JobCall } from './job-call.ts'
import type { Journal } from './journal.ts'
import type { LargeAnswers } from './large-answers.ts'
import type { RunningCode } from './running-code.ts'

/** What the handlers of files use. */
export interface Files {
  readonly storage: FileStorage
  readonly places: UploadPlaces
  readonly sizes: ImageSizes
  /** Makes and checks links that expire; null when the design has no identity. */
  readonly links: FileLinks | null
}

/** What the handlers of all requests share. */
export interface Stack {
  readonly model: Model
  readonly context: PlanContext
  readonly executor: Executor
  readonly violations: Violations
  /** Every time limit of code is multiplied by this number; 1 but in tests on a busy machine. */
  readonly patience: number
  /** Null when the design has no identity. */
  readonly identity: Identity | null
  /** The other backends whose tokens are accepted; null for none. */
  readonly backends: AcceptedBackends | null
  /** The cookie that holds access tokens; null for none. */
  readonly cookie: SessionCookie | null
  /** Gets the session that an action begins; absent where no cookie is sent. */
  readonly signedIn?: (session: SignedIn) => void
  /** Told when an action has ended the session of its caller; absent where no cookie is sent. */
  readonly signedOut?: () => void
  /** The secrets of `token` fields; null when the design has no identity. */
  readonly rowTokens: RowTokens | null
  /** Encrypts answers that are kept; null for a design without encrypted fields. */
  readonly cipher: FieldCipher | null
  /** The secrets of other systems that sign requests, by `signingKeysName`. */
  readonly signingSecrets: ReadonlyMap<string, readonly Buffer[]>
  /** The HTTP services that code calls; null for a design without any. */
  readonly services: Services | null
  /** The connection to the broker, for reactions; absent where nothing is published. */
  readonly broker?: BrokerConnection
  /** Sends the mails of reactions; null for a design without mails. */
  readonly post: Post | null
  /** Where files are; null for a design without files. */
  readonly files: Files | null
  /** The text to store for a password. @throws Failure `overloaded`. */
  readonly hashPassword: (password: string, client?: Client) => Promise<string>
  readonly rateLimits: RateLimits
  readonly answerFailure: AnswerFailure
  /** Limits the bytes of answers under way. */
  readonly largeAnswers: LargeAnswers
  /** Writes what code of the design logs. */
  readonly logCode?: (entry: CodeLogEntry) => void
  /** Where code of the design is named while it runs. */
  readonly runningCode: RunningCode
  /** Runs the code of a hook. @throws Failure when the code refuses the write, fails, or does not end in time. */
  readonly runHook: (stack: Stack, call: HookCall) => Promise<RanHook>
  /** Adds a job, in the transaction of the call. Returns its id; null when an equal one waits. @throws TypeError for a wrong call. */
  readonly addJob: (stack: Stack, call: JobCall) => Promise<string | null>
  /** Makes the worker of this process look for jobs, after a commit that has added one. */
  readonly wakeJobs: () => void
  /** Makes the sender of this process look for messages to webhooks. */
  readonly wakeWebhooks: () => void
  /** The job that runs; absent for requests. */
  readonly job?: JobRunInfo
  /** Aborted when the job must end, because its worker stops; absent for requests. */
  readonly cancelled?: AbortSignal
  /** How long code and its transaction may take, in milliseconds; absent where the limits of requests hold. */
  readonly codeMs?: number
  /** The model and the planning of the caller, for the hooks of a write as system; absent where the stack itself has them. */
  readonly ruled?: Pick<Stack, 'model' | 'context'>
  /** How many hooks run around this write, because the write is one of a hook; absent for none. */
  readonly hookDepth?: number
  /** The client of the request; absent in the stack of the backend. */
  readonly client?: Client
  /** The trace of the request; absent for work that no request asks for. */
  readonly traceId?: string
  /** The header of the request; absent for a request without one. */
  readonly authorization?: string | undefined
  /** The writes of a request with an `Idempotency-Key`. */
  readonly journal?: Journal
  /** The checks to judge at the end of a request with several writes; absent where each write is judged by itself. */
  readonly deferred?: DeferredChecks
}
