/** Reads and checks the settings of one start. */

import { join } from 'node:path'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { ownPackage } from '../../../embed/own-package.ts'
import { type Origins, splitOrigins } from '../../../server/http/cross-origin.ts'
import type { RateLimitPolicies } from '../../../server/http/rate-limits.ts'
import { type MetricsAddress, metricsOf, noticeOf } from '../../../server/process/listen-settings.ts'
import { s3Of } from '../../../services/files/file-settings.ts'
import type { S3Settings } from '../../../services/files/s3-place.ts'
import type { MailSettings } from '../../../services/mail/mail-settings.ts'
import type { Environment } from '../../terminal/environment.ts'
import { findSecret, findValue } from './secret-files.ts'
import type { Mode, SettingFacts } from './setting-facts.ts'
import { LOG_LEVELS, type LogLevel, SETTINGS, type SettingName } from './setting-table.ts'
import { proxiesOf, rateOf, watchdogOf } from './setting-values.ts'

/** The checked settings of one start. Except `graphqlDocuments`, null is possible only in development. */
export interface Settings {
  readonly databaseUrl: string | null
  readonly host: string
  readonly port: number
  /** How late the event loop may be; null for no limit. */
  readonly shedLagMs: number | null
  /** How long a server still accepts requests after it was asked to stop. */
  readonly stopNoticeMs: number
  readonly publicUrl: string | null
  readonly authKeys: string | null
  readonly encryptionKeys: string | null
  /** Origins whose pages may call this backend. */
  readonly corsOrigins: Origins
  readonly logLevel: LogLevel
  /** From which time on statements are logged; null for none. */
  readonly slowStatementMs: number | null
  /** Whether runs of code are logged with their time and statements. */
  readonly logCosts: boolean
  /** Path of the accepted GraphQL documents; null accepts any document. */
  readonly graphqlDocuments: string | null
  readonly rateLimits: RateLimitPolicies
  /** Where all instances count the limits; null for the database. */
  readonly redisUrl: string | null
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

/** The settings of a start, with what is wrong with them. A setting that is wrong has its default here. */
export interface CheckedSettings {
  readonly settings: Settings
  /** A sentence for each missing or wrong setting, in the order of the table; never with a value. */
  readonly problems: ReadonlyMap<SettingName, string>
  /** Where each value is from. */
  readonly sources: ReadonlyMap<SettingName, SettingSource>
  /** What to do about the problems. */
  readonly hint: string
}

/** Where the value of a setting is from. */
export type SettingSource = 'environment' | 'file' | 'default' | 'unset'

/**
 * Reads and checks all settings.
 *
 * @throws EnvironmentError that names every missing or wrong variable, and never a value.
 */
export function readSettings(env: Environment, mode: Mode): Settings {
  const { settings, problems, hint } = checkSettings(env, mode)
  if (problems.size > 0) throw new EnvironmentError([...problems.values()].join('\n'), hint)
  return settings
}

/** Reads and checks all settings, and reads the files of secrets. */
export function checkSettings(env: Environment, mode: Mode): CheckedSettings {
  const problems = new Map<SettingName, string>()
  const values = new Map<SettingName, string>()
  const sources = new Map<SettingName, SettingSource>()
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const facts: SettingFacts = SETTINGS[name]
    const found = facts.secret ? findSecret(env, name) : findValue(env, name)
    const problem = found.value === undefined ? null : facts.type.problem(found.value)
    if (found.problem !== null) problems.set(name, found.problem)
    else if (problem !== null) problems.set(name, `${name} ${problem}`)
    else if (found.value === undefined && facts.required && mode === 'production') problems.set(name, `${name} is not set`)
    const value = problem === null && found.value !== undefined ? found.value : facts.default[mode]
    if (value !== null) values.set(name, value)
    sources.set(name, found.from ?? (value === null ? 'unset' : 'default'))
  }
  if (mode === 'development' && env.NODE_ENV === 'production')
    problems.set('NODE_ENV', 'NODE_ENV is production, but this is the development server')
  return { settings: settingsOf(values), problems, sources, hint: hintFor(mode, env) }
}

function settingsOf(values: ReadonlyMap<SettingName, string>): Settings {
  return {
    databaseUrl: values.get('DATABASE_URL') ?? null,
    host: values.get('HOST') ?? '',
    port: Number(values.get('PORT')),
    shedLagMs: rateOf(values.get('SHED_LAG_MS')),
    stopNoticeMs: noticeOf(values),
    publicUrl: values.get('PUBLIC_URL') ?? null,
    authKeys: values.get('AUTH_KEYS') ?? null,
    encryptionKeys: values.get('ENCRYPTION_KEYS') ?? null,
    corsOrigins: splitOrigins(values.get('CORS_ORIGINS') ?? ''),
    logLevel: LOG_LEVELS.find((level) => level === values.get('LOG_LEVEL')) ?? 'info',
    slowStatementMs: rateOf(values.get('SLOW_STATEMENT_MS')),
    logCosts: values.get('LOG_COSTS') === 'on',
    graphqlDocuments: values.get('GRAPHQL_DOCUMENTS') ?? null,
    rateLimits: {
      requests: rateOf(values.get('RATE_LIMIT_REQUESTS')),
      passwords: rateOf(values.get('RATE_LIMIT_PASSWORDS')),
      logins: rateOf(values.get('RATE_LIMIT_LOGINS')),
    },
    redisUrl: values.get('REDIS_URL') ?? null,
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
  const found = findSecret(env, 'DATABASE_URL')
  if (found.problem !== null) throw new EnvironmentError(found.problem, hintFor('production', env))
  const url = found.value
  const problem = url === undefined ? (env.NODE_ENV === 'production' ? 'is not set' : null) : SETTINGS.DATABASE_URL.type.problem(url)
  if (problem !== null) throw new EnvironmentError(`DATABASE_URL ${problem}`, hintFor('production', env))
  return url ?? null
}

function hintFor(mode: Mode, env: Environment): string {
  if (mode === 'development' && env.NODE_ENV === 'production') return 'start with `plinth serve`, or unset NODE_ENV'
  return `all settings: ${join(ownPackage().root, 'docs/reference/settings.md')}`
}
