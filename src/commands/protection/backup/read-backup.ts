/** Restores a backup into an empty database, and checks it row by row. */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { schemaHash } from '../../../embed/databases.ts'
import type { Model } from '../../../model/model.ts'
import { type Connection, withClient, withTransaction } from '../../../postgres/connect.ts'
import { copyRows } from '../../../postgres/copy-rows.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import { type BackupEnd, type BackupHead, END_OF_ROWS, type TableEnd, type TableHead } from './backup-file.ts'
import { type BackupTable, backupTables, qualified } from './backup-tables.ts'
import { hashRows } from './hash-rows.ts'
import type { WrittenBackup } from './write-backup.ts'

/** Lines of rows that are sent to the server at once. */
const LINES = 500

/**
 * Copies the rows of a backup into the empty tables of a migrated database, in one transaction. Before it commits, references and triggers
 * are there again, and every table has the rows of the backup.
 *
 * @throws UsageError for a file that is no backup of this design, or is damaged, and for a database that has rows.
 */
export async function readBackup(model: Model, { url, file }: { readonly url: string; readonly file: string }): Promise<WrittenBackup> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: 0 })[Symbol.asyncIterator]()
  const head = (await nextJson(lines, file)) as BackupHead
  if (head.plinth !== 'backup' || head.format !== 1)
    throw new UsageError(`${file} is no backup`, 'name a file that plinth backup has written')
  if (head.schemaHash !== schemaHash(model))
    throw new UsageError(
      `the backup is of another version of the design, of ${head.backend}, made by Plinth ${head.version}`,
      'restore it with the design and the Plinth of that time, then run plinth migrate with the new ones',
    )
  return withClient(url, async (client) => {
    await client.query('set statement_timeout = 0')
    const tables = backupTables(model)
    await requireEmpty(client, tables)
    return withTransaction(client, async () => {
      const references = await dropReferences(client)
      await setTriggers(client, tables, 'disable')
      const ends = new Map<string, TableEnd>()
      for (const table of tables) ends.set(`${table.schema}.${table.name}`, await restoreTable(client, { table, lines, file }))
      await settleEvents(client, tables)
      const { numbers } = (await nextJson(lines, file)) as BackupEnd
      for (const table of tables) await setNumber(client, table, numbers[`${table.schema}.${table.name}`])
      await setTriggers(client, tables, 'enable')
      for (const reference of references) await client.query(reference)
      for (const table of tables) await checkTable(client, table, ends.get(`${table.schema}.${table.name}`))
      return { moment: head.moment, tables: Object.fromEntries(ends) }
    })
  })
}

type Lines = AsyncIterator<string>

/** @throws UsageError when the file ends, or the line is no JSON. */
async function nextJson(lines: Lines, file: string): Promise<unknown> {
  try {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the file ends')
    return JSON.parse(value)
  } catch (cause) {
    throw Object.assign(new UsageError(`${file} is no whole backup`, 'take another file'), { cause })
  }
}

async function requireEmpty(client: Connection, tables: readonly BackupTable[]): Promise<void> {
  for (const table of tables) {
    const { rowCount } = await client.query(`select 1 from ${qualified(table)} limit 1`)
    if (rowCount !== 0 && table.name !== 'event_consumers')
      throw new UsageError(`${table.schema}.${table.name} has rows`, 'restore into an empty database; plinth reset empties an embedded one')
  }
  if (tables.some(({ name, schema }) => name === 'event_consumers' && schema === 'plinth'))
    await client.query('delete from plinth.event_consumers')
}

/** Drops the foreign keys of the design, and returns what makes them again: rows are copied in any order. */
async function dropReferences(client: Connection): Promise<readonly string[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(`
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conparentid = 0 order by conrelid, conname`)
  for (const { drop } of rows) await client.query(drop)
  return rows.map(({ add }) => add)
}

/** Triggers log events and take uploads. Both have been done for the rows of a backup. */
async function setTriggers(client: Connection, tables: readonly BackupTable[], how: 'enable' | 'disable'): Promise<void> {
  for (const table of tables) await client.query(`alter table ${qualified(table)} ${how} trigger user`)
}

interface Restoring {
  readonly table: BackupTable
  readonly lines: Lines
  readonly file: string
}

async function restoreTable(client: Connection, { table, lines, file }: Restoring): Promise<TableEnd> {
  const { schema, name, columns } = (await nextJson(lines, file)) as TableHead
  if (schema !== table.schema || name !== table.name) throw new UsageError(`${file} is no whole backup`, 'take another file')
  await copyRows(client, { schema, table: name, columns }, chunksOf(lines))
  return (await nextJson(lines, file)) as TableEnd
}

async function* chunksOf(lines: Lines): AsyncGenerator<string> {
  let chunk: string[] = []
  for (let line = await lines.next(); line.done !== true && line.value !== END_OF_ROWS; line = await lines.next()) {
    chunk.push(`${line.value}\n`)
    if (chunk.length < LINES) continue
    yield chunk.join('')
    chunk = []
  }
  if (chunk.length > 0) yield chunk.join('')
}

/** Events that were delivered are older than what the reader has seen; the others are as if this transaction had logged them. */
async function settleEvents(client: Connection, tables: readonly BackupTable[]): Promise<void> {
  if (!tables.some(({ name, schema }) => name === 'events' && schema === 'plinth')) return
  await client.query(`update plinth.events set xid = case when xid = '1'::xid8 then '3'::xid8 else pg_current_xact_id() end`)
  await client.query(`update plinth.event_consumers set seen = format('%1$s:%1$s:', pg_current_xact_id())::pg_snapshot`)
}

async function setNumber(client: Connection, table: BackupTable, last: string | undefined): Promise<void> {
  if (table.identity === null || last === undefined || last === '0') return
  await client.query('select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint)', [qualified(table), table.identity, last])
}

/** @throws Error for a table whose rows differ from those of the backup; nothing is committed then. */
async function checkTable(client: Connection, table: BackupTable, end: TableEnd | undefined): Promise<void> {
  const { rows, sha256 } = await hashRows(client, table)
  if (end?.sha256 !== sha256)
    throw new UsageError(
      `${table.schema}.${table.name} differs from the backup: ${rows} rows in place of ${end?.rows}; nothing was restored`,
      'take another file, or make the backup again',
    )
}
