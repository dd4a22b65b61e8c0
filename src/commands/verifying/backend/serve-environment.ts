/** The environment of the serving processes. */

import { ALLOWED_ORIGIN } from '../../../verify/security/asked/foreign-origins.ts'
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
    ...variables,
    OUTGOING_NETWORKS: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL,
    AUTH_KEYS: pem,
    LOG_LEVEL: 'info',
    LOG_COSTS: 'on',
    GRAPHQL_DOCUMENTS: undefined,
    CORS_ORIGINS: ALLOWED_ORIGIN,
    TRUSTED_PROXIES: undefined,
    RATE_LIMIT_REQUESTS: MOST_REQUESTS,
    RATE_LIMIT_PASSWORDS: 'off',
    RATE_LIMIT_LOGINS: 'off',
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: undefined,
    FILES: files,
    WORK: 'off',
    // With this variable the process ends when this one does.
    npm_lifecycle_event: 'verify',
  }
}
