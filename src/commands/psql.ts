/** `plinth psql`: connects to the database of the project, with the psql of the machine or a small prompt of its own. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Connection, withClient } from '../postgres/connect.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { runSqlPrompt, type SqlResult } from './terminal/sql-prompt.ts'

/** The arguments and options of the command. */
export interface PsqlInput {
  readonly design: string | undefined
  /** `url` prints the address alone; `prompt` does not look for psql. */
  readonly show: 'url' | 'psql' | 'prompt'
}

/**
 * Opens psql, or the prompt, and returns when the user leaves it. Exit code 1 when it fails. A design with findings does not prevent this.
 *
 * @throws UsageError without a design; EnvironmentError for a database that cannot be used.
 */
export async function psql(input: PsqlInput, io: Io): Promise<Outcome> {
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  return withDatabase(databaseOf(design, url, io), async (database): Promise<Outcome> => {
    if (input.show === 'url') return { exit: 0, data: { url: database.url }, text: database.url }
    const code = input.show === 'prompt' ? null : await runPsql(database.url)
    if (code === null) return withClient(database.url, openPrompt)
    return code === 0 ? left() : failed(`psql ended with exit code ${code}`)
  })
}

/**
 * Runs psql in this terminal. Resolves with its exit code; null when there is none on the path. The password is not passed as an argument,
 * because other users of the machine can read arguments.
 */
async function runPsql(url: string): Promise<number | null> {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const ignore = () => {}
  process.on('SIGINT', ignore) // Ctrl-C belongs to psql
  try {
    const child = spawn('psql', [address.href], { stdio: 'inherit', env: { ...process.env, PGPASSWORD: password } })
    const [code] = await once(child, 'exit')
    return code ?? 1
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  } finally {
    process.off('SIGINT', ignore)
  }
}

async function openPrompt(client: Connection): Promise<Outcome> {
  const end = await runSqlPrompt({ input: process.stdin, output: process.stdout }, (text) => query(client, text))
  return end.kind === 'left' ? left() : failed(end.message)
}

/** Values stay the texts that PostgreSQL sends. */
async function query(client: Connection, text: string): Promise<SqlResult> {
  const types = { getTypeParser: () => (value: string) => value }
  const { fields, rows, command, rowCount } = await client.query<(string | null)[]>({ text, rowMode: 'array', types })
  return { columns: fields.map(({ name }) => name), rows, done: rowCount === null ? command : `${command} ${rowCount}` }
}

function left(): Outcome {
  return { exit: 0, data: {}, text: '' }
}

function failed(message: string): Outcome {
  return { exit: 1, reason: { message, hint: 'correct the statement' }, data: {}, text: '' }
}
