/** `plinth reset`: deletes everything in the embedded database of the project and makes its tables again, empty. */

import { withClient, withTransaction } from '../postgres/connect.ts'
import { databaseOf, hasEmbeddedData, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { refusal, runMigration } from './setup/migration.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { count } from './terminal/layout.ts'
import { UsageError } from './terminal/usage-error.ts'

/** The arguments and options of the command. */
export interface ResetInput {
  readonly design: string | undefined
  readonly consent: 'given' | 'ask'
}

/** Tables that are not PostgreSQL's own, by schema; those of Plinth itself are not counted. */
const TABLES = `select count(*)::integer as tables from pg_catalog.pg_tables where schemaname = 'public'`

/**
 * Deletes the data after the user agrees. A running backend continues with empty tables.
 *
 * @throws UsageError without a design, without consent, or when DATABASE_URL is set: this command does not delete such a database.
 * @throws EnvironmentError when the embedded database cannot start.
 */
export async function reset(input: ResetInput, io: Io): Promise<Outcome> {
  if (readDatabaseUrl(io.env) !== null) {
    throw new UsageError(
      'DATABASE_URL is set, and reset deletes embedded databases alone',
      'unset it, or drop that database with its own tools',
    )
  }
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  if (!hasEmbeddedData(design.path))
    return { exit: 0, data: { deleted: false }, text: 'there is no embedded database yet; plinth up makes one' }
  return withDatabase(databaseOf(design, null, io), async (database): Promise<Outcome> => {
    const tables = await withClient(database.url, async (client) => (await client.query<{ tables: number }>(TABLES)).rows[0]?.tables ?? 0)
    if (input.consent === 'ask') await askFor(tables, design.file, io)
    await withClient(database.url, (client) =>
      withTransaction(client, () => client.query('drop schema public cascade; drop schema if exists plinth cascade; create schema public')),
    )
    const outcome = await runMigration(model, { url: database.url, allow: new Set(), run: 'apply' }, io)
    if (outcome.kind === 'refused') return refusal(outcome, io.style)
    return {
      exit: 0,
      data: { deleted: true, tables },
      text: `deleted ${count(tables, 'table')} with their rows; the tables of the design are there, empty`,
    }
  })
}

async function askFor(tables: number, file: string, io: Io): Promise<void> {
  const no = new UsageError('nothing was deleted', 'to delete without being asked: plinth reset --yes')
  if (io.terminal === 'plain') throw no
  const { askChoice } = await import('./terminal/ask.ts')
  const answer = await askChoice(`Delete all rows of ${count(tables, 'table')} in the database of ${file}?`, [
    { value: 'no', label: 'no, keep them' },
    { value: 'yes', label: 'yes, delete them' },
  ])
  if (answer === 'no') throw no
}
