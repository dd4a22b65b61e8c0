/** Writes a backup of a database. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { schemaHash } from '../../../embed/databases.ts'
import { ownPackage } from '../../../embed/own-package.ts'
import type { Model } from '../../../model/model.ts'
import { type Connection, withClient } from '../../../postgres/connect.ts'
import { copyOut } from '../../../postgres/copy-out.ts'
import { type BackupEnd, type BackupHead, END_OF_ROWS, type TableEnd } from './backup-file.ts'
import { backupTables, qualified, quotedName } from './backup-tables.ts'
import { hashRows } from './hash-rows.ts'

/** What a backup has. */
export interface WrittenBackup {
  readonly moment: string
  /** By `schema.table`. */
  readonly tables: Readonly<Record<string, TableEnd>>
}

/**
 * Writes a backup while others write: all tables are read in one snapshot. The file appears under its name when it is whole, and only its
 * owner may read it.
 *
 * @throws the driver's error, or that of the file system; then there is no file.
 */
export async function writeBackup(model: Model, { url, file }: { readonly url: string; readonly file: string }): Promise<WrittenBackup> {
  const part = `${file}.part`
  const gzip = createGzip()
  const stored = pipeline(gzip, createWriteStream(part, { mode: 0o600 }))
  stored.catch((error: unknown) => gzip.destroy(error instanceof Error ? error : undefined))
  try {
    const written = await withClient(url, (client) => writeTables(client, model, (text) => send(gzip, text)))
    gzip.end()
    await stored
    await rename(part, file)
    return written
  } catch (error) {
    gzip.destroy()
    await rm(part, { force: true })
    throw error
  }
}

async function send(gzip: ReturnType<typeof createGzip>, text: string | Buffer): Promise<void> {
  if (!gzip.write(text)) await once(gzip, 'drain')
}

async function writeTables(client: Connection, model: Model, write: (text: string | Buffer) => Promise<void>): Promise<WrittenBackup> {
  await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set transaction_timeout = 0').catch(() => {})
  await client.query('begin isolation level repeatable read read only')
  const { rows } = await client.query<{ moment: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment`,
  )
  const moment = rows[0]?.moment ?? ''
  const head: BackupHead = {
    ...{ plinth: 'backup', format: 1, version: ownPackage().version, backend: model.name, schemaHash: schemaHash(model), moment },
  }
  await write(`${JSON.stringify(head)}\n`)
  const tables: Record<string, TableEnd> = {}
  const numbers: Record<string, string> = {}
  for (const table of backupTables(model)) {
    const { schema, name, columns } = table
    await write(`${JSON.stringify({ schema, name, columns })}\n`)
    await copyOut(client, table.query, write)
    const end = await hashRows(client, table)
    await write(`${END_OF_ROWS}\n${JSON.stringify(end)}\n`)
    tables[`${schema}.${name}`] = end
    if (table.identity !== null) numbers[`${schema}.${name}`] = await lastNumber(client, qualified(table), table.identity)
  }
  const end: BackupEnd = { numbers }
  await write(`${JSON.stringify(end)}\n`)
  await client.query('commit')
  return { moment, tables }
}

/** The last number that an identity column gave. Sequences are no part of a snapshot, so it may be later than the rows. */
async function lastNumber(client: Connection, table: string, column: string): Promise<string> {
  const name = await client.query<{ name: string }>('select pg_get_serial_sequence($1, $2) as name', [table, column])
  const { rows } = await client.query<{ last: string }>(
    `select (case when is_called then last_value else last_value - 1 end)::text as last from ${name.rows[0]?.name ?? quotedName(column)}`,
  )
  return rows[0]?.last ?? '0'
}
