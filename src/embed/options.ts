/** What a program says when it makes a backend. */

import type { Log, Observe } from '../server/http/observe.ts'
import type { RateLimitPolicies } from '../server/http/rate-limits.ts'
import type { DesignSource } from './read-model.ts'

/** How a backend is made. What is left out has the default of its mode. */
export interface CreateBackendOptions {
  /**
   * `production` (unless given) makes nothing up: the database, the keys and the public address must be given. `development` has defaults
   * for them, pages to look at, and denials that name their rule.
   */
  readonly mode?: 'development' | 'production' | undefined
  /** PostgreSQL 15 or newer. Unset or empty in development: an embedded PostgreSQL, with its data under `.plinth/` of `folder`. */
  readonly databaseUrl?: string | undefined
  /**
   * Ed25519 private keys that sign access tokens, as the setting `AUTH_KEYS` takes them. Unset in development: a
   * key in `.plinth/` of `folder`.
   */
  readonly keys?: string | undefined
  /** Where clients reach the backend: issuer of the tokens, base of links. Unset in development: `http://localhost:3000`. */
  readonly publicUrl?: string | undefined
  /**
   * `apply` runs the migration steps that need no leave. `check` starts only on a database that is up to date. By mode
   * unless given: apply in development.
   */
  readonly migrate?: 'apply' | 'check' | undefined
  /** Connections to the database for requests, 10 unless given; three more are kept for health and login. */
  readonly connections?: number | undefined
  /** How much one caller may ask a minute; 6,000 requests, 60 passwords and 30 sign-ins with one login unless given, null for no limit. */
  readonly rateLimits?: Partial<RateLimitPolicies> | undefined
  /** Addresses and networks (CIDR) of proxies in front of the server, whose `X-Forwarded-For` is believed; none unless given. */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * Origins whose pages may call the backend from a browser: `['https://app.example.com']`; `*` is refused. By mode unless given: the hosts
   * `localhost` and `127.0.0.1` over http in development, none in production.
   */
  readonly corsOrigins?: readonly string[] | undefined
  /** The allowed GraphQL documents, by their id; when absent, every document is allowed. */
  readonly graphqlDocuments?: Readonly<Record<string, string>> | undefined
  /**
   * Gets a line for each request, failure and defect: pino, or anything with its `info`, `warn` and `error`.
   * Nothing is logged unless given.
   */
  readonly log?: Log | undefined
  /** Gets the same as data. */
  readonly observe?: Observe | undefined
  /**
   * The project's folder in development; the folder of the design file unless given, and the current folder for a design that is a value.
   */
  readonly folder?: string | undefined
}

/** The options of the Fastify plugin: those of a backend, and the design. */
export interface BackendPluginOptions extends CreateBackendOptions {
  readonly design: DesignSource
}
