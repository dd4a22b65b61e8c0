/** The options with which a program makes a backend. */

import type { Log, Observe } from '../server/http/observe.ts'
import type { RateLimitPolicies } from '../server/http/rate-limits.ts'
import type { DesignSource } from './read-model.ts'

/** The key and the place of a bucket, as the settings `FILES_…`. */
export interface S3Options {
  readonly accessKey?: string | undefined
  readonly secretKey?: string | undefined
  /** Required with a bucket of AWS. */
  readonly region?: string | undefined
  /** The address of another server than AWS. */
  readonly endpoint?: string | undefined
  /** Whether the bucket is in the path of addresses, and not in their host; true with an endpoint unless given. */
  readonly pathStyle?: boolean | undefined
}

/** Options of a backend. Missing options have the default of the mode. */
export interface CreateBackendOptions {
  /**
   * `production` (the default) requires the database, the keys and the public address. `development` has defaults for them, serves HTML
   * pages, and shows the rule of a denial.
   */
  readonly mode?: 'development' | 'production' | undefined
  /** PostgreSQL 15 or newer. Unset or empty in development: an embedded PostgreSQL, with its data under `.plinth/` of `folder`. */
  readonly databaseUrl?: string | undefined
  /**
   * Ed25519 private keys that sign access tokens, in a format of the setting `AUTH_KEYS`. Unset in development: a key in `.plinth/` of
   * `folder`.
   */
  readonly keys?: string | undefined
  /**
   * Keys of encrypted fields, in the format of the setting `ENCRYPTION_KEYS`. Unset in development: a key in `.plinth/` of `folder`.
   */
  readonly encryptionKeys?: string | undefined
  /**
   * The address at which clients reach the backend; it is the issuer of tokens and the base of links. Unset in development:
   * `http://localhost:3000`.
   */
  readonly publicUrl?: string | undefined
  /**
   * `apply` runs migration steps without hazards. `check` starts only on a database that is up to date. The default is `apply` in
   * development and `check` in production.
   */
  readonly migrate?: 'apply' | 'check' | undefined
  /** The number of connections to the database for requests, 10 by default. Three more are reserved for health checks and login. */
  readonly connections?: number | undefined
  /**
   * Limits per minute: requests of one caller (6,000 by default), passwords of one caller (60), sign-ins with one login (30); null for
   * none.
   */
  readonly rateLimits?: Partial<RateLimitPolicies> | undefined
  /**
   * Address of the server that takes mails, as the setting `SMTP_URL`. Required in production if the design sends mails. Unset in
   * development: mails are shown at `/dev/mail` and sent to nobody.
   */
  readonly smtpUrl?: string | undefined
  /** The folder in which files of rows are stored, or `s3://bucket/prefix`. Unset in development: `.plinth/files` of `folder`. */
  readonly files?: string | undefined
  /** The key and the place of the bucket of `files`, as the settings `FILES_…`. */
  readonly s3?: S3Options | undefined
  /** Sender of mails, as the setting `MAIL_FROM`; that of the design unless given. */
  readonly mailFrom?: string | undefined
  /**
   * The values of the environment variables that the integrations of the design name, such as `process.env`. In production all of them are
   * required.
   */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
  /** Networks that requests to other systems may reach although they are not public, as the setting `OUTGOING_NETWORKS`. */
  readonly outgoingNetworks?: string | undefined
  /** Addresses and networks (CIDR) of proxies in front of the server, whose `X-Forwarded-For` is believed; none unless given. */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * Origins whose pages may call the backend from a browser: `['https://app.example.com']`; `*` is refused. The default is
   * `http://localhost` and `http://127.0.0.1` with any port in development, and none in production.
   */
  readonly corsOrigins?: readonly string[] | undefined
  /** The allowed GraphQL documents, by their id; when absent, every document is allowed. */
  readonly graphqlDocuments?: Readonly<Record<string, string>> | undefined
  /**
   * Whether this backend also runs jobs, schedules and reactions to events: `here` (the default), or `elsewhere`, in processes of
   * `plinth work`.
   */
  readonly work?: 'here' | 'elsewhere' | undefined
  /** How many jobs run here at the same time, 10 by default. Each has a connection to the database while it runs. */
  readonly jobConcurrency?: number | undefined
  /**
   * Receives a line for each request, failure and defect: pino, or an object with its `info`, `warn` and `error`. Without it nothing is
   * logged.
   */
  readonly log?: Log | undefined
  /** Receives the same events as data. */
  readonly observe?: Observe | undefined
  /**
   * The project's folder in development. The default is the folder of the design file, or the current folder for a design that is a value.
   */
  readonly folder?: string | undefined
}

/** The options of the Fastify plugin: those of a backend, and the design. */
export interface BackendPluginOptions extends CreateBackendOptions {
  readonly design: DesignSource
}
