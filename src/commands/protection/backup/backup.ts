/** `plinth backup`, `plinth restore` and `plinth transfer`: the rows of a database as a file, back from it, and on another server. */

import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Model } from '../../../model/model.ts'
import { withClient } from '../../../postgres/connect.ts'
import { inTables } from '../../setup/create-account.ts'
import { databaseOf, hasEmbeddedData, stateFolder, withDatabase } from '../../setup/database.ts'
import { unusableDesign } from '../../setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from '../../setup/load-design.ts'
import { refusal, runMigration } from '../../setup/migration.ts'
import { readDatabaseUrl } from '../../setup/settings/settings.ts'
import type { Io, Outcome } from '../../terminal/command.ts'
import { columns, count } from '../../terminal/layout.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import { readBackup } from './read-backup.ts'
import { type WrittenBackup, writeBackup } from './write-backup.ts'

/** The arguments and options of `backup` and `restore`. */
export interface BackupInput {
  readonly file: string
  readonly design: string | undefined
}

/** The arguments and options of `transfer`. */
export interface TransferInput {
  /** The address of the other database. */
  readonly to: string | undefined
  readonly design: string | undefined
}

/** Writes a backup of a design's database. @throws UsageError without a design; EnvironmentError for an unusable database. */
export async function backup({ file, design: path }: BackupInput, io: Io): Promise<Outcome> {
  return withDesign(path, io, async (design, model) => {
    const target = resolve(io.cwd, file)
    await mkdir(dirname(target), { recursive: true })
    const url = readDatabaseUrl(io.env)
    const written = await withDatabase(databaseOf(design, url, io), (database) =>
      inTables(() => writeBackup(model, { url: database.url, file: target })),
    )
    return {
      exit: 0,
      data: { file: target, ...written },
      text: text(`${file} has everything that was committed before ${written.moment}`, written),
    }
  })
}

/**
 * Restores a backup into an empty database, which is migrated first.
 *
 * @throws UsageError for a file that is no backup of this design, and for a database with rows.
 */
export async function restore({ file, design: path }: BackupInput, io: Io): Promise<Outcome> {
  return withDesign(path, io, (design, model) => {
    const url = readDatabaseUrl(io.env)
    return withDatabase(databaseOf(design, url, io), (database) => restoreTo(model, { url: database.url, file: resolve(io.cwd, file) }, io))
  })
}

/**
 * Copies the embedded database to another server, and compares both row by row. The embedded one stays as it is.
 *
 * @throws UsageError while another process uses the embedded database, and for another database with rows.
 */
export async function transfer({ to, design: path }: TransferInput, io: Io): Promise<Outcome> {
  if (to === undefined || !/^postgres(ql)?:\/\//.test(to))
    throw new UsageError('say where to', 'add --to postgres://user:password@host:5432/database, an empty database')
  return withDesign(path, io, async (design, model) => {
    if (!hasEmbeddedData(design.path)) throw new UsageError('there is no embedded database', 'plinth up makes one')
    const file = join(stateFolder(design.path), `transfer-${process.pid}.backup`)
    try {
      return await withDatabase(databaseOf(design, null, io), async (database): Promise<Outcome> => {
        await requireUnused(database.url)
        await inTables(() => writeBackup(model, { url: database.url, file }))
        const outcome = await restoreTo(model, { url: to, file }, io)
        if (outcome.exit !== 0) return outcome
        const next = `set DATABASE_URL to use it; files of rows stay where FILES says`
        return { ...outcome, text: `moved to ${new URL(to).host}, every row compared\n${outcome.text}\n${next}` }
      })
    } finally {
      await rm(file, { force: true })
    }
  })
}

async function withDesign(
  path: string | undefined,
  io: Io,
  work: (design: LoadedDesign, model: Model) => Promise<Outcome>,
): Promise<Outcome> {
  const design = await loadDesign(path, io.cwd)
  return design.model === null ? unusableDesign(design, io.style) : work(design, design.model)
}

async function restoreTo(model: Model, { url, file }: { readonly url: string; readonly file: string }, io: Io): Promise<Outcome> {
  const migrated = await runMigration(model, { url, allow: new Set(), run: 'apply' }, io)
  if (migrated.kind === 'refused') return refusal(migrated, io.style)
  const restored = await readBackup(model, { url, file })
  return { exit: 0, data: restored, text: text(`restored to ${restored.moment}, every table compared with the backup`, restored) }
}

/** Writes after the moment of the copy would be lost. @throws UsageError while another process uses the database. */
async function requireUnused(url: string): Promise<void> {
  const others = `select count(*)::integer as others from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
  const found = await withClient(url, async (client) => (await client.query<{ others: number }>(others)).rows[0]?.others ?? 0)
  if (found > 0)
    throw new UsageError('another process uses the embedded database', 'stop plinth up first, so that nothing is written meanwhile')
}

function text(title: string, { tables }: WrittenBackup): string {
  const rows = Object.entries(tables).filter(([, end]) => end.rows > 0)
  return [
    title,
    ...columns(
      rows.map(([name, end]) => [name, count(end.rows, 'row')]),
      '  ',
    ),
  ].join('\n')
}
