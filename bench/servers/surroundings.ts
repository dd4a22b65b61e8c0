/** What servers need besides the tables of the design. */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PEERS } from '../base/folders.ts'
import type { Database } from '../database/database.ts'
import type { Surroundings } from './start.ts'

/** Makes new keys and secrets for servers of a database. */
export function surroundingsOf(databaseUrl: string): Surroundings {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    databaseUrl,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    secret: randomBytes(32).toString('hex'),
    issuer: 'http://bench.localhost',
  }
}

/** Makes the peers' table of sessions, and PostGraphile's role with its rules. */
export async function preparePeers(database: Database): Promise<void> {
  await database.query(
    `create schema bench;
    create table bench.sessions (
      id uuid primary key, user_id uuid not null references users on delete cascade,
      token_hash bytea not null, expires_at timestamptz not null)`,
  )
  await database.admin(
    `do $$ begin if not exists (select from pg_roles where rolname = 'bench_api') then create role bench_api; end if; end $$;
    grant bench_api to plinth`,
  )
  await database.query(await readFile(join(PEERS, 'postgraphile/rules.sql'), 'utf8'))
}
