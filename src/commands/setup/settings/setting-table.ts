/** The table of settings: everything that Plinth reads from the environment. docs/reference/settings.md is generated from it. */

import { LOCAL_ORIGINS, originsProblem, splitOrigins } from '../../../server/http/cross-origin.ts'
import { LISTEN_SETTING_FACTS, METRICS_SETTING_FACTS } from '../../../server/process/listen-settings.ts'
import { FILE_SETTING_FACTS } from '../../../services/files/file-settings.ts'
import { senderProblem, smtpUrlProblem } from '../../../services/mail/mail-settings.ts'
import { networksProblem } from '../../../services/outgoing/networks.ts'
import type { SettingFacts } from './setting-facts.ts'
import { RATE, SWITCH, url, whole, wholeOrOff } from './setting-types.ts'

/** The severities of a log, the highest first. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
/** The severity of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** All settings by name. */
export const SETTINGS = {
  DATABASE_URL: {
    meaning: 'Address of the database: PostgreSQL 15 or newer. Unset in development: an embedded PostgreSQL, its data under `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    type: url(['postgres:', 'postgresql:']),
  },
  ...LISTEN_SETTING_FACTS,
  PUBLIC_URL: {
    meaning: 'The address at which clients reach this backend. It is used in links and as the issuer of tokens.',
    default: { development: null, production: null },
    required: true,
    secret: false,
    type: url(['http:', 'https:']),
  },
  AUTH_KEYS: {
    meaning:
      'Ed25519 private keys that sign the access tokens, as PEM, JWK or base64; the first signs, all verify. ' +
      '`openssl genpkey -algorithm ed25519` makes one. Unset in development: a key of the project, in `.plinth/`.',
    default: { development: null, production: null },
    required: true,
    secret: true,
    // The identity service reads the keys and refuses weak ones at the start.
    type: { name: 'keys', problem: () => null },
  },
  ENCRYPTION_KEYS: {
    meaning:
      'Keys of encrypted fields, `id:key` with commas between them; the first encrypts, all decrypt. `openssl rand -base64 32` makes a key. ' +
      'Required in production if the design has encrypted fields. Unset in development: a key of the project, in `.plinth/`.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    // The keys are read at the start, and weak ones are refused.
    type: { name: 'keys', problem: () => null },
  },
  CORS_ORIGINS: {
    meaning:
      'Origins whose pages may call this backend from a browser, with commas between them: `https://app.example.com`. ' +
      'For hosts of this machine the port may be `*`. `*` alone is refused. Unset in production: none.',
    default: { development: LOCAL_ORIGINS.join(','), production: null },
    required: false,
    secret: false,
    type: { name: 'list of origins', problem: (value) => originsProblem(splitOrigins(value)) },
  },
  LOG_LEVEL: {
    meaning: `The lowest severity to log: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    default: { development: 'warn', production: 'info' },
    required: false,
    secret: false,
    type: {
      name: 'severity',
      problem: (value) => (LOG_LEVELS.some((level) => level === value) ? null : `is not one of ${LOG_LEVELS.join(', ')}`),
    },
  },
  SLOW_STATEMENT_MS: {
    meaning:
      'Statements that take at least so many milliseconds are logged with their plan and without values, each at most once a minute. `off`: none.',
    default: { development: '1000', production: '1000' },
    required: false,
    secret: false,
    type: wholeOrOff(1, 999_999),
  },
  LOG_COSTS: {
    meaning:
      'Whether `plinth serve` logs for each run of code of the design, at the severity `info`, how long it took and which statements it sent: ' +
      '`on` or `off`. The statements are without their values.',
    default: { development: 'off', production: 'off' },
    required: false,
    secret: false,
    type: SWITCH,
  },
  GRAPHQL_DOCUMENTS: {
    meaning:
      'The only GraphQL documents that are accepted: a JSON file of documents by id, ' +
      "Apollo's manifest of persisted queries, or a folder of `.graphql` files. Unset: any document.",
    default: { development: null, production: null },
    required: false,
    secret: false,
    // The documents are read and checked at the start.
    type: { name: 'path', problem: () => null },
  },
  RATE_LIMIT_REQUESTS: {
    meaning:
      'Requests a minute of one caller, over all instances: an account, or an address (IPv6: a /64) for callers who are not signed in. `off`: no limit.',
    default: { development: '6000', production: '6000' },
    required: false,
    secret: false,
    type: RATE,
  },
  RATE_LIMIT_PASSWORDS: {
    meaning: 'Passwords a minute that are hashed or checked for one caller, in sign-ins, registrations and other writes. `off`: no limit.',
    default: { development: '60', production: '60' },
    required: false,
    secret: false,
    type: RATE,
  },
  RATE_LIMIT_LOGINS: {
    meaning: 'Sign-ins a minute with one login, from all addresses together. `off`: no limit.',
    default: { development: '30', production: '30' },
    required: false,
    secret: false,
    type: RATE,
  },
  REDIS_URL: {
    meaning:
      'Address of a Redis in which all instances count the limits together: `rediss://:password@redis.example.com:6379/0`. Unset: they count ' +
      'in the database. Without an answer, each instance counts alone, with half of each limit.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    type: url(['redis:', 'rediss:']),
  },
  SMTP_URL: {
    meaning:
      'Address of the server that takes mails: `smtp://user:password@smtp.example.com:587` (STARTTLS), or `smtps://…` (TLS from the start). ' +
      'Required in production if the design sends mails. Unset in development: mails are shown at `/dev/mail` and sent to nobody.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    type: { name: 'URL', problem: smtpUrlProblem },
  },
  MAIL_FROM: {
    meaning: 'Sender of mails: `Blog <no-reply@example.com>`. Unset: `integrations.email.from` of the design.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'mail address', problem: senderProblem },
  },
  OUTGOING_NETWORKS: {
    meaning:
      'Addresses and networks (CIDR) that are not public and that webhooks may reach nevertheless, at any port and without TLS, separated by ' +
      'commas. Unset: none.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'list of networks', problem: networksProblem },
  },
  ...FILE_SETTING_FACTS,
  TRUSTED_PROXIES: {
    meaning:
      'Addresses and networks (CIDR) of the proxies in front of this server, separated by commas. Only their `X-Forwarded-For` names the ' +
      'address of a caller. A proxy that is missing here counts as one caller.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'list of networks', problem: networksProblem },
  },
  WATCHDOG_SECONDS: {
    meaning:
      'How long code of the design may keep the process from answering anything, in seconds: a loop without end. The process is then ended ' +
      'and started again, and the log names the code. `off`: never.',
    default: { development: '10', production: '10' },
    required: false,
    secret: false,
    type: wholeOrOff(1, 9_999),
  },
  WORK: {
    meaning:
      'Whether `plinth up` and `plinth serve` also run jobs, schedules and reactions to events: `on` or `off`. With `off`, processes of ' +
      '`plinth work` run them.',
    default: { development: 'on', production: 'on' },
    required: false,
    secret: false,
    type: SWITCH,
  },
  JOB_CONCURRENCY: {
    meaning: 'How many jobs this process runs at the same time. Each has a connection to the database while it runs.',
    default: { development: '10', production: '10' },
    required: false,
    secret: false,
    type: whole(1, 999),
  },
  ...METRICS_SETTING_FACTS,
  NODE_ENV: {
    meaning: 'With `production`, `plinth up` does not start; use `plinth serve`.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'text', problem: () => null },
  },
} as const satisfies Record<string, SettingFacts>

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS
