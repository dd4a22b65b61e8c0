/** What a running backend is opened with. */

import type { Model } from '../model/model.ts'
import type { OnStatement } from '../postgres/executor/batch.ts'
import type { EncryptionKeys } from '../services/encryption/keys.ts'
import type { FileStorage } from '../services/files/storage.ts'
import type { HashCost } from '../services/identity/passwords/phc.ts'
import type { SigningKeys } from '../services/identity/tokens/keys.ts'
import type { MailServer } from '../services/mail/mail-settings.ts'
import type { Mailbox } from '../services/mail/mailbox.ts'
import type { Origins } from './http/cross-origin.ts'
import type { Observe } from './http/observe.ts'
import type { RateLimitPolicies } from './http/rate-limits.ts'
import type { ServiceOptions } from './http-services.ts'
import type { RunningCode } from './run/running-code.ts'
import type { WorkOptions } from './start-work.ts'

/** Options of `openBackend`. */
export interface BackendOptions extends WorkOptions, ServiceOptions {
  readonly model: Model
  /** A migrated database. */
  readonly databaseUrl: string
  /** Required when the design has an identity. */
  readonly keys: SigningKeys | null
  /** Required when the design has encrypted fields. */
  readonly encryption?: EncryptionKeys | null
  /** In development a denial shows the text of its rule, and the backend serves HTML pages. */
  readonly mode: 'development' | 'production'
  /** The address by which clients reach this server, without a slash at the end. It is the issuer and audience of tokens. */
  readonly publicUrl: string
  /** The number of connections for requests. One more connection serves health checks. */
  readonly connections?: number
  /** Whether calls may share a statement; false is for tests and measurements. */
  readonly merge?: boolean
  /** Whether reads run as columns where columns cover their plans; false is for tests and measurements. */
  readonly columns?: boolean
  /** Whether single writes may use the short forms of their statements, and actions one statement; false is for tests and measurements. */
  readonly short?: boolean
  /**
   * The hash of the schemas that the migration to this design records (`schemaHash` of `embed/databases.ts`). With it, errors after a
   * migration to another design become `schema_changed`.
   */
  readonly schemaHash?: () => string
  /** Statements that take at least so many milliseconds are observed with their plan; null or absent: none. */
  readonly slowStatementMs?: number | null
  /** The timeout of a statement in milliseconds; by default `LIMITS.statementMs`. Tests use a shorter one. */
  readonly statementTimeoutMs?: number
  /** Time limits of statements, transactions and code are multiplied by this number; 1 unless given. Tests on a busy machine use more. */
  readonly patience?: number
  /** Where mails go; in development to the mailbox alone unless given. Null for a design without mails. */
  readonly mail?: MailServer | null
  /** Where files are; null for a design without files. The backend closes it. */
  readonly files?: FileStorage | null
  /** Keeps the mails; a new one in development and none in production unless given. */
  readonly mailbox?: Mailbox
  /** Terminal commands that the first page shows in development. */
  readonly firstSteps?: readonly string[]
  /** The cost of password hashes; `ARGON2ID` unless given. Tests that do not test the cost use a lower one. */
  readonly hashCost?: HashCost
  /** Makes the ids of new rows; by default UUIDv7. Tests use a function with known results. */
  readonly newId?: () => string
  /** The allowed GraphQL documents, by their id; when absent, every document is allowed. */
  readonly graphqlDocuments?: ReadonlyMap<string, string>
  /** Limits by caller; `DEFAULT_RATE_LIMITS` unless given. */
  readonly rateLimits?: RateLimitPolicies
  /** Where the instances count the limits together: Redis, or the database (null). Absent: this process counts alone. */
  readonly sharedLimits?: { readonly redisUrl: string | null }
  /** Addresses and networks of proxies in front of this server; none unless given. */
  readonly trustedProxies?: readonly string[]
  /** Origins whose pages may call the API; by mode unless given: those of this machine in development, none in production. */
  readonly corsOrigins?: Origins
  /** Where the names of running code of the design stand, for a watchdog; by default nothing reads them. */
  readonly runningCode?: RunningCode
  readonly observe: Observe
  /** `now` (the default) or `later`: with `later`, plugins can still be added, and the app becomes ready at its first use. */
  readonly ready?: 'now' | 'later'
  /** Called after all connections are closed. */
  readonly onClosed?: () => Promise<void>
  /** Called when the first large body is being handled (`some`) and when the last one is done (`none`), to tune the memory for them. */
  readonly onLargeBodies?: (there: 'some' | 'none') => void
  /** Called with every statement that is sent; for logs and for tests that count. */
  readonly onStatement?: OnStatement
}
