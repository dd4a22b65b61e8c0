/** The environment of the serving processes. */

import { ALLOWED_ORIGIN } from '../../../verify/security/asked/foreign-origins.ts'
import { SAMPLE_ENCRYPTION_KEYS } from '../../../verify/worlds/encrypted-values.ts'
import { FILE_ENDING } from '../../setup/settings/secret-files.ts'
import { SETTINGS } from '../../setup/settings/setting-table.ts'
import type { Environment } from '../../terminal/environment.ts'

/** The address in tokens and links. No server listens there. */
export const PUBLIC_URL = 'http://127.0.0.1:3000'

/** What a run of verify has made for its backend. */
export interface ServedWith {
  readonly databaseUrl: string
  readonly pem: string
  readonly files: string
  /** Those that the design names. */
  readonly variables: Readonly<Record<string, string>>
}

/** Requests a minute. It is more than a run sends, so nothing is refused, and answers tell how many are left. */
const MOST_REQUESTS = '999999999'

/**
 * The environment of a serving process: that of production, with limits of rates that no run reaches, because one caller asks everything.
 * One other origin is allowed, so that a comparison that lets another one in is noticed. No proxy is trusted. Reactions and
 * jobs do not run, and the variables that the design names have sample values, so nothing is sent anywhere.
 */
export function serveEnvironment(env: Environment, { databaseUrl, pem, files, variables }: ServedWith): Environment {
  return {
    ...env,
    ...unset(),
    ...variables,
    OUTGOING_NETWORKS: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL,
    AUTH_KEYS: pem,
    ENCRYPTION_KEYS: SAMPLE_ENCRYPTION_KEYS,
    LOG_LEVEL: 'info',
    LOG_COSTS: 'on',
    CORS_ORIGINS: ALLOWED_ORIGIN,
    RATE_LIMIT_REQUESTS: MOST_REQUESTS,
    RATE_LIMIT_PASSWORDS: 'off',
    RATE_LIMIT_LOGINS: 'off',
    SMTP_URL: 'smtp://127.0.0.1:9',
    FILES: files,
    WORK: 'off',
    // With this variable the process ends when this one does.
    npm_lifecycle_event: 'verify',
  }
}

/** No setting of the operator reaches a serving process, except `NODE_ENV` and the watchdog. */
function unset(): Environment {
  const kept = new Set(['NODE_ENV', 'WATCHDOG_SECONDS'])
  const names = Object.keys(SETTINGS).filter((name) => !kept.has(name))
  return Object.fromEntries(names.flatMap((name) => [name, `${name}${FILE_ENDING}`]).map((name) => [name, undefined]))
}
