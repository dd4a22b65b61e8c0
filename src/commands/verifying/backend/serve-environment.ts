/** The environment of the serving processes. */

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

/**
 * The environment of a serving process: that of production, without limits of rates, because one caller asks everything. Reactions and
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
    RATE_LIMIT_REQUESTS: 'off',
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
