/** The servers that are compared: how each is started, and which interface it has. */

import { join } from 'node:path'
import { OWN, PEERS, type Tree } from '../base/folders.ts'
import type { Operation } from '../requests/operations.ts'
import type { Dialect, TokenKind } from '../requests/request.ts'

/** How a server is started and used. */
export interface Server {
  readonly title: string
  readonly dialect: Dialect
  /** The folder of a peer, with its own packages; null for Plinth. */
  readonly peer: string | null
  /** Arguments of Node. */
  readonly command: readonly string[]
  /** A script that prepares the database before the server starts; null when the tables are enough. */
  readonly preparation: string | null
  readonly environment: Readonly<Record<string, string>>
  /** The kind of tokens that it accepts. */
  readonly tokens: TokenKind
  /** Operations that it does not have. */
  readonly without: readonly Operation[]
  /** Whether a whole run measures it at 1 and 128 connections too, and not only at 32. */
  readonly crowds: boolean
  /** Whether a run without `--only` measures it. */
  readonly usual: boolean
}

const CONNECTIONS = 10

/** Operations of GraphQL only. */
const TREES: readonly Operation[] = ['tree', 'branch']

/** All servers by name. */
export const SERVERS = {
  'node-http': peer('node-http', 'node:http, a constant', { dialect: 'constant', crowds: true }),
  plinth: plinth('Plinth', OWN, { crowds: true }),
  'plinth-graphql': plinth('Plinth (GraphQL)', OWN, { dialect: 'graphql', without: ['login'], crowds: true }),
  'plinth-logging': plinth('Plinth, a log line a request', OWN, { environment: { LOG_LEVEL: 'info' }, usual: false }),
  'fastify-pipeline': peer('fastify-pg', 'Fastify + pg in pipeline mode, by hand', {
    crowds: true,
    environment: { MODE: 'pipeline', CONNECTIONS: '4' },
  }),
  'fastify-pg': peer('fastify-pg', `Fastify + pg, pool of ${CONNECTIONS}, by hand`, { crowds: true }),
  'hono-drizzle': peer('hono-drizzle', 'Hono + zod + Drizzle', {}),
  'express-prisma': peer('express-prisma', 'Express + Joi + jsonwebtoken + Prisma', { tokens: 'HS256' }),
  postgraphile: peer('postgraphile', 'PostGraphile 5 (GraphQL)', { dialect: 'postgraphile', without: ['login'], crowds: true }),
  directus: peer('directus', 'Directus 11', {
    dialect: 'directus',
    tokens: 'Directus',
    preparation: join(PEERS, 'directus/prepare.js'),
    without: ['login', ...TREES],
  }),
} as const satisfies Record<string, Server>

/** The name of a server. */
export type ServerName = keyof typeof SERVERS

/** `plinth serve` of a checkout with a design. Like the peers, it logs only warnings. */
export function plinth(title: string, { root, design }: Tree, differing: Partial<Server>): Server {
  return {
    title,
    dialect: 'rest',
    peer: null,
    command: ['--conditions=source', join(root, 'src/cli.ts'), 'serve', design],
    preparation: null,
    environment: { LOG_LEVEL: 'warn', RATE_LIMIT_REQUESTS: 'off', RATE_LIMIT_PASSWORDS: 'off', RATE_LIMIT_LOGINS: 'off' },
    tokens: 'EdDSA',
    without: TREES,
    crowds: false,
    usual: true,
    ...differing,
  }
}

function peer(folder: string, title: string, differing: Partial<Server>): Server {
  return {
    title,
    dialect: 'rest',
    peer: join(PEERS, folder),
    command: [join(PEERS, folder, 'server.js')],
    preparation: null,
    environment: {},
    tokens: 'EdDSA',
    without: TREES,
    crowds: false,
    usual: true,
    ...differing,
  }
}
