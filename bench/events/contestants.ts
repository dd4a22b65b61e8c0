/** What is compared: Plinth, and servers by hand that add a job of a library in the transaction of the create. */

import { join } from 'node:path'
import { databasesOf } from '../../src/embed/databases.ts'
import { ownPackage } from '../../src/embed/own-package.ts'
import { migrate } from '../../src/postgres/migrate/migrate.ts'
import { BENCH, OWN, PEERS } from '../base/folders.ts'
import type { Database } from '../database/database.ts'
import { plinth, type Server } from '../servers/servers.ts'
import { eventsModel } from './model.ts'

/** The names of what is compared. */
export const NAMES = ['plinth', 'pg-boss', 'graphile-worker'] as const
/** One of them. */
export type Name = (typeof NAMES)[number]

/** How they are called in tables. */
export const TITLES: Readonly<Record<Name, string>> = {
  plinth: 'Plinth',
  'pg-boss': 'Fastify + pg + pg-boss 12',
  'graphile-worker': 'Fastify + pg + Graphile Worker 0.18',
}

/** Where the events of a server are handled: in the server, or by nobody. */
export type Work = 'here' | 'off'

/** A server on a new database with the tables of the design. The peers write to the table without an event of Plinth. */
export async function serverOf(name: Name, work: Work, database: Database): Promise<Server> {
  const url = await database.empty(`bench_events_${name.replaceAll('-', '_')}_${work}`)
  const model = eventsModel(() => {})
  const { kind } = await migrate({ url, databases: databasesOf(model), version: ownPackage().version, run: 'apply' })
  if (kind !== 'applied') throw new Error(`the tables of ${name} were not made: ${kind}`)
  const peer = name === 'plinth' ? null : join(PEERS, name)
  const command = peer === null ? ['--conditions=source', join(BENCH, 'events/server.ts')] : [join(peer, 'server.js')]
  return { ...plinth(TITLES[name], OWN, {}), peer, command, environment: { DATABASE_URL: url, WORK: work } }
}
