/** All settings, one row each: everything that Plinth takes from the environment. docs/reference/settings.md is written from this table. */

import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Environment } from '../terminal/environment.ts'

/** `development` is `plinth up`, `production` is `plinth serve`. The other commands need `DATABASE_URL` alone. */
export type Mode = 'development' | 'production'

interface SettingFacts {
  readonly meaning: string
  /** The value when the variable is unset or empty, by mode; null when there is none. */
  readonly default: Readonly<Record<Mode, string | null>>
  /** Production does not start without it. */
  readonly required: boolean
  /** Never printed, not even in an error. */
  readonly secret: boolean
  /** What is wrong with a value, as the end of "NAME …"; null when nothing is. Never repeats the value. */
  readonly problem: (value: string) => string | null
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const SETTINGS = {
  DATABASE_URL: {
    meaning: 'PostgreSQL 15 or newer to keep the data in. Unset in development: an embedded PostgreSQL, with its data under `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    problem: urlProblem(['postgres:', 'postgresql:']),
  },
  HOST: {
    meaning: 'Address to listen on. `127.0.0.1` is this machine alone, `0.0.0.0` every network of it.',
    default: { development: '127.0.0.1', production: '0.0.0.0' },
    required: false,
    secret: false,
    problem: (value) => (/^[\w.:%-]+$/.test(value) ? null : 'is not a host name or an address'),
  },
  PORT: {
    meaning: 'Port to listen on; `0` takes a free one.',
    default: { development: '3000', production: '3000' },
    required: false,
    secret: false,
    problem: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? null : 'is not a port, 0 to 65535'),
  },
  PUBLIC_URL: {
    meaning: 'Where clients reach this backend. It is in the links that it makes and, as their issuer, in the tokens.',
    default: { development: null, production: null },
    required: true,
    secret: false,
    problem: urlProblem(['http:', 'https:']),
  },
  AUTH_KEYS: {
    meaning:
      'Ed25519 private keys that sign the access tokens, as PEM, JWK or base64; the first signs, all verify. `openssl genpkey -algorithm ed25519` makes one. Unset in development: a key of the project, in `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    // Identity reads the keys themselves, and refuses weak ones, when it starts.
    problem: () => null,
  },
  LOG_LEVEL: {
    meaning: `Least severe line to log: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    default: { development: 'warn', production: 'info' },
    required: false,
    secret: false,
    problem: (value) => (LOG_LEVELS.some((level) => level === value) ? null : `is not one of ${LOG_LEVELS.join(', ')}`),
  },
  GRAPHQL_DOCUMENTS: {
    meaning:
      "The only GraphQL documents that are answered: a JSON file of documents by id, Apollo's manifest of persisted queries, or a folder of `.graphql` files. Unset: any document.",
    default: { development: null, production: null },
    required: false,
    secret: false,
    // Whoever starts the server reads the documents, and says what is wrong with them.
    problem: () => null,
  },
  NODE_ENV: {
    meaning: '`plinth up` does not start when it is `production`: that is what `plinth serve` is for.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    problem: () => null,
  },
} as const satisfies Record<string, SettingFacts>

export type SettingName = keyof typeof SETTINGS

/** The settings of one start, checked. What may be null is so in development only. */
export interface Settings {
  readonly databaseUrl: string | null
  readonly host: string
  readonly port: number
  readonly publicUrl: string | null
  readonly authKeys: string | null
  readonly logLevel: LogLevel
  /** Path of the documents that are answered; null for any document. */
  readonly graphqlDocuments: string | null
}

/**
 * Reads all settings at once.
 *
 * @throws EnvironmentError naming every variable that is missing or wrong, never a value.
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
  if (mode === 'development' && env.NODE_ENV === 'production') problems.push('NODE_ENV is production, and this is the development server')
  if (problems.length > 0) throw new EnvironmentError(problems.join('\n'), hintFor(mode, env))
  return {
    databaseUrl: values.get('DATABASE_URL') ?? null,
    host: values.get('HOST') ?? '',
    port: Number(values.get('PORT')),
    publicUrl: values.get('PUBLIC_URL') ?? null,
    authKeys: values.get('AUTH_KEYS') ?? null,
    logLevel: LOG_LEVELS.find((level) => level === values.get('LOG_LEVEL')) ?? 'info',
    graphqlDocuments: values.get('GRAPHQL_DOCUMENTS') ?? null,
  }
}

/**
 * DATABASE_URL alone, for the commands that only work on the database. Where NODE_ENV says production it must be set, so that nobody changes an embedded
 * database and believes it was the real one.
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

function urlProblem(protocols: readonly string[]): (value: string) => string | null {
  return (value) =>
    URL.canParse(value) && protocols.includes(new URL(value).protocol)
      ? null
      : `is not an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`
}
