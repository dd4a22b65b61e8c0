/** The table of settings: everything that Plinth reads from the environment. docs/reference/settings.md is generated from it. */

import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { ownPackage } from '../../embed/own-package.ts'
import { LOCAL_ORIGINS, type Origins, originsProblem, splitOrigins } from '../../server/http/cross-origin.ts'
import type { RateLimitPolicies } from '../../server/http/rate-limits.ts'
import { LISTEN_SETTING_FACTS, METRICS_SETTING_FACTS, type MetricsAddress, metricsOf } from '../../server/process/listen-settings.ts'
import { FILE_SETTING_FACTS, s3Of } from '../../services/files/file-settings.ts'
import type { S3Settings } from '../../services/files/s3-place.ts'
import { type MailSettings, senderProblem, smtpUrlProblem } from '../../services/mail/mail-settings.ts'
import { networksProblem } from '../../services/outgoing/networks.ts'
import type { Environment } from '../terminal/environment.ts'
import { proxiesOf, rateOf, rateProblem, urlProblem, watchdogOf } from './setting-values.ts'

/** `development` is `plinth up`, `production` is `plinth serve`. The other commands read only `DATABASE_URL`. */
export type Mode = 'development' | 'production'

interface SettingFacts {
  readonly meaning: string
  /** The value when the variable is unset or empty, by mode; null when there is none. */
  readonly default: Readonly<Record<Mode, string | null>>
  /** Whether production requires the setting. */
  readonly required: boolean
  /** The value is never printed, not even in an error. */
  readonly secret: boolean
  /**
   * Returns the problem of a value, as the end of a sentence that begins with its name; null for a valid value. Never contains the value.
   */
  readonly problem: (value: string) => string | null
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
/** The severity of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** All settings by name. */
export const SETTINGS = {
  DATABASE_URL: {
    meaning: 'Address of the database: PostgreSQL 15 or newer. Unset in development: an embedded PostgreSQL, its data under `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    problem: urlProblem(['postgres:', 'postgresql:']),
  },
  ...LISTEN_SETTING_FACTS,
  PUBLIC_URL: {
    meaning: 'The address at which clients reach this backend. It is used in links and as the issuer of tokens.',
    default: { development: null, production: null },
    required: true,
    secret: false,
    problem: urlProblem(['http:', 'https:']),
  },
  AUTH_KEYS: {
    meaning:
      'Ed25519 private keys that sign the access tokens, as PEM, JWK or base64; the first signs, all verify. ' +
      '`openssl genpkey -algorithm ed25519` makes one. Unset in development: a key of the project, in `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    // The identity service reads the keys and refuses weak ones at the start.
    problem: () => null,
  },
  CORS_ORIGINS: {
    meaning:
      'Origins whose pages may call this backend from a browser, with commas between them: `https://app.example.com`. ' +
      'For hosts of this machine the port may be `*`. `*` alone is refused. Unset in production: none.',
    default: { development: LOCAL_ORIGINS.join(','), production: null },
    required: false,
    secret: false,
    problem: (value) => originsProblem(splitOrigins(value)),
  },
  LOG_LEVEL: {
    meaning: `The lowest severity to log: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    default: { development: 'warn', production: 'info' },
    required: false,
    secret: false,
    problem: (value) => (LOG_LEVELS.some((level) => level === value) ? null : `is not one of ${LOG_LEVELS.join(', ')}`),
  },
  LOG_COSTS: {
    meaning:
      'Whether `plinth serve` logs for each run of code of the design, at the severity `info`, how long it took and which statements it sent: ' +
      '`on` or `off`. The statements are without their values.',
    default: { development: 'off', production: 'off' },
    required: false,
    secret: false,
    problem: (value) => (value === 'on' || value === 'off' ? null : 'is not on or off'),
  },
  GRAPHQL_DOCUMENTS: {
    meaning:
      'The only GraphQL documents that are accepted: a JSON file of documents by id, ' +
      "Apollo's manifest of persisted queries, or a folder of `.graphql` files. Unset: any document.",
    default: { development: null, production: null },
    required: false,
    secret: false,
    // The documents are read and checked at the start.
    problem: () => null,
  },
  RATE_LIMIT_REQUESTS: {
    meaning: 'Requests a minute of one caller: an account, or an address (IPv6: a /64) for callers who are not signed in. `off`: no limit.',
    default: { development: '6000', production: '6000' },
    required: false,
    secret: false,
    problem: rateProblem,
  },
  RATE_LIMIT_PASSWORDS: {
    meaning: 'Passwords a minute that are hashed or checked for one caller, in sign-ins, registrations and other writes. `off`: no limit.',
    default: { development: '60', production: '60' },
    required: false,
    secret: false,
    problem: rateProblem,
  },
  RATE_LIMIT_LOGINS: {
    meaning: 'Sign-ins a minute with one login, from all addresses together. `off`: no limit.',
    default: { development: '30', production: '30' },
    required: false,
    secret: false,
    problem: rateProblem,
  },
  SMTP_URL: {
    meaning:
      'Address of the server that takes mails: `smtp://user:password@smtp.example.com:587` (STARTTLS), or `smtps://…` (TLS from the start). ' +
      'Required in production if the design sends mails. Unset in development: mails are shown at `/dev/mail` and sent to nobody.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    problem: smtpUrlProblem,
  },
  MAIL_FROM: {
    meaning: 'Sender of mails: `Blog <no-reply@example.com>`. Unset: `integrations.email.from` of the design.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    problem: senderProblem,
  },
  OUTGOING_NETWORKS: {
    meaning:
      'Addresses and networks (CIDR) that are not public and that webhooks may reach nevertheless, at any port and without TLS, separated by ' +
      'commas. Unset: none.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    problem: networksProblem,
  },
  ...FILE_SETTING_FACTS,
  TRUSTED_PROXIES: {
    meaning:
      'Addresses and networks (CIDR) of the proxies in front of this server, separated by commas. Only their `X-Forwarded-For` names the ' +
      'address of a caller. A proxy that is missing here counts as one caller.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    problem: networksProblem,
  },
  WATCHDOG_SECONDS: {
    meaning:
      'How long code of the design may keep the process from answering anything, in seconds: a loop without end. The process is then ended ' +
      'and started again, and the log names the code. `off`: never.',
    default: { development: '10', production: '10' },
    required: false,
    secret: false,
    problem: (value) =>
      value === 'off' || (/^\d{1,4}$/.test(value) && Number(value) > 0) ? null : 'is not a whole number from 1 to 9999, or off',
  },
  WORK: {
    meaning:
      'Whether `plinth up` and `plinth serve` also run jobs, schedules and reactions to events: `on` or `off`. With `off`, processes of ' +
      '`plinth work` run them.',
    default: { development: 'on', production: 'on' },
    required: false,
    secret: false,
    problem: (value) => (value === 'on' || value === 'off' ? null : 'is not on or off'),
  },
  JOB_CONCURRENCY: {
    meaning: 'How many jobs this process runs at the same time. Each has a connection to the database while it runs.',
    default: { development: '10', production: '10' },
    required: false,
    secret: false,
    problem: (value) => (/^\d{1,3}$/.test(value) && Number(value) > 0 ? null : 'is not a whole number from 1 to 999'),
  },
  ...METRICS_SETTING_FACTS,
  NODE_ENV: {
    meaning: 'With `production`, `plinth up` does not start; use `plinth serve`.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    problem: () => null,
  },
} as const satisfies Record<string, SettingFacts>

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS

/** The checked settings of one start. Except `graphqlDocuments`, null is possible only in development. */
export interface Settings {
  readonly databaseUrl: string | null
  readonly host: string
  readonly port: number
  readonly publicUrl: string | null
  readonly authKeys: string | null
  /** Origins whose pages may call this backend. */
  readonly corsOrigins: Origins
  readonly logLevel: LogLevel
  /** Whether runs of code are logged with their time and statements. */
  readonly logCosts: boolean
  /** Path of the accepted GraphQL documents; null accepts any document. */
  readonly graphqlDocuments: string | null
  readonly rateLimits: RateLimitPolicies
  readonly mail: MailSettings
  readonly outgoingNetworks: string | null
  /** Where files are stored: a folder, or `s3://bucket/prefix`; null for the usual folder. */
  readonly files: string | null
  /** The settings of its bucket. */
  readonly s3: S3Settings
  /** Addresses and networks; empty for none. */
  readonly trustedProxies: readonly string[]
  /** How long code of the design may keep the event loop from turning, in milliseconds; null for ever. */
  readonly watchdogMs: number | null
  /** Whether a serving process runs jobs and schedules. */
  readonly work: 'here' | 'elsewhere'
  readonly jobConcurrency: number
  /** Where metrics are shown; null for nowhere. */
  readonly metrics: MetricsAddress | null
}

/**
 * Reads and checks all settings.
 *
 * @throws EnvironmentError that names every missing or wrong variable, and never a value.
 */
export function readSettings(env: Environment, mode: Mode): Settings {
  const problems: string[] = []
  const values = new Map<SettingName, string>()
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const facts: SettingFacts = SETTINGS[name]
    const given = env[name] === '' ? undefined : env[name]
    const problem = given === undefined ? null : facts.problem(given)
    if (problem !== null) problems.push(`${name} ${problem}`)
    if (given === undefined && facts.required && mode === 'production') problems.push(`${name} is not set`)
    const value = given ?? facts.default[mode]
    if (value !== null) values.set(name, value)
  }
  if (mode === 'development' && env.NODE_ENV === 'production') problems.push('NODE_ENV is production, but this is the development server')
  if (problems.length > 0) throw new EnvironmentError(problems.join('\n'), hintFor(mode, env))
  return {
    databaseUrl: values.get('DATABASE_URL') ?? null,
    host: values.get('HOST') ?? '',
    port: Number(values.get('PORT')),
    publicUrl: values.get('PUBLIC_URL') ?? null,
    authKeys: values.get('AUTH_KEYS') ?? null,
    corsOrigins: splitOrigins(values.get('CORS_ORIGINS') ?? ''),
    logLevel: LOG_LEVELS.find((level) => level === values.get('LOG_LEVEL')) ?? 'info',
    logCosts: values.get('LOG_COSTS') === 'on',
    graphqlDocuments: values.get('GRAPHQL_DOCUMENTS') ?? null,
    rateLimits: {
      requests: rateOf(values.get('RATE_LIMIT_REQUESTS')),
      passwords: rateOf(values.get('RATE_LIMIT_PASSWORDS')),
      logins: rateOf(values.get('RATE_LIMIT_LOGINS')),
    },
    mail: { smtpUrl: values.get('SMTP_URL') ?? null, from: values.get('MAIL_FROM') ?? null },
    outgoingNetworks: values.get('OUTGOING_NETWORKS') ?? null,
    files: values.get('FILES') ?? null,
    s3: s3Of(values),
    trustedProxies: proxiesOf(values.get('TRUSTED_PROXIES') ?? ''),
    watchdogMs: watchdogOf(values.get('WATCHDOG_SECONDS')),
    work: values.get('WORK') === 'off' ? 'elsewhere' : 'here',
    jobConcurrency: Number(values.get('JOB_CONCURRENCY')),
    metrics: metricsOf(values),
  }
}

/**
 * Reads only DATABASE_URL, for commands that only work on the database; null when it is unset. With NODE_ENV=production it must be set, so
 * that a user does not change the embedded database by mistake.
 *
 * @throws EnvironmentError when it is wrong, or missing in production.
 */
export function readDatabaseUrl(env: Environment): string | null {
  const url = env.DATABASE_URL === '' ? undefined : env.DATABASE_URL
  const problem = url === undefined ? (env.NODE_ENV === 'production' ? 'is not set' : null) : SETTINGS.DATABASE_URL.problem(url)
  if (problem !== null) throw new EnvironmentError(`DATABASE_URL ${problem}`, hintFor('production', env))
  return url ?? null
}

function hintFor(mode: Mode, env: Environment): string {
  if (mode === 'development' && env.NODE_ENV === 'production') return 'start with `plinth serve`, or unset NODE_ENV'
  return `all settings: ${join(ownPackage().root, 'docs/reference/settings.md')}`
}
