/**
 * The PostgreSQL of the benchmarks: one embedded server with durable settings, one database for each size that is loaded once, and a new
 * copy of it for each run.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Embedded, startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import { OWN, type Tree, WORK } from '../base/folders.ts'
import { DATA_VERSION, loadComments, loadData, type Size } from './data.ts'

/** A database that a run uses, with connections to it. */
export interface Database {
  readonly url: string
  /** Process id of PostgreSQL's first process. */
  readonly pid: number
  /** Runs SQL as the owner of the tables. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Runs SQL as the administrator of the server. */
  admin(text: string): Promise<readonly Record<string, unknown>[]>
  /** Makes an empty database of this name and drops one that is there; returns its URL. */
  empty(name: string): Promise<string>
}

const RUN = 'bench_run'

/** How `withDatabase` lends a database. */
export interface DatabaseWish {
  readonly say: (line: string) => void
  /**
   * `a copy` is discarded by the next run. `in place` lends the loaded database itself, which takes no time to copy; the run undoes its own
   * changes.
   */
  readonly use: 'a copy' | 'in place'
}

/** Starts the server and lends a database of this size, loaded and migrated. Ends the server in any case. */
export async function withDatabase<T>(size: Size, { say, use }: DatabaseWish, work: (database: Database) => Promise<T>): Promise<T> {
  return withLoaded(size, say, async (embedded, base) => {
    if (use === 'in place') return lend(embedded, base, work)
    await copyDatabase(embedded, base, RUN)
    return lend(embedded, RUN, work)
  })
}

/**
 * Starts the server and lends copies of the loaded database of this size, one for each name, with the same bytes. Drops the copies and ends
 * the server in any case.
 */
export async function withCopies<Name extends string, T>(
  size: Size,
  { say, names }: { readonly say: (line: string) => void; readonly names: readonly Name[] },
  work: (databases: Readonly<Record<Name, Database>>) => Promise<T>,
): Promise<T> {
  return withLoaded(size, say, async (embedded, base) => {
    const databases: Partial<Record<Name, Database>> = {}
    const lendNext = async ([name, ...rest]: readonly Name[]): Promise<T> => {
      if (name === undefined) return work(databases as Readonly<Record<Name, Database>>)
      await copyDatabase(embedded, base, `${RUN}_${name}`)
      return lend(embedded, `${RUN}_${name}`, (database) => {
        databases[name] = database
        return lendNext(rest)
      })
    }
    try {
      return await lendNext(names)
    } finally {
      await inDatabase(embedded.url, async (query) => {
        for (const name of names) await query(`drop database if exists ${RUN}_${name} with (force)`)
      })
    }
  })
}

async function withLoaded<T>(size: Size, say: (line: string) => void, work: (embedded: Embedded, base: string) => Promise<T>): Promise<T> {
  await mkdir(WORK, { recursive: true })
  const embedded = await startTuned({ folder: WORK, settings: SETTINGS })
  try {
    return await work(embedded, await baseOf(embedded, size, say))
  } finally {
    await embedded.stop()
  }
}

async function copyDatabase(embedded: Embedded, base: string, name: string): Promise<void> {
  await inDatabase(embedded.url, async (query) => {
    await query(`drop database if exists ${name} with (force)`)
    await query(`create database ${name} template ${base} strategy file_copy`)
  })
}

/**
 * Settings that guides recommend for a machine of this size. They prevent checkpoints during a run, whose cost would count for one server
 * only.
 */
const SETTINGS = { shared_buffers: '2GB', max_wal_size: '8GB', checkpoint_timeout: '1h' } as const

/**
 * Starts the server of a folder with these settings, and restarts it if one of them was different. Stops the server if a setting is
 * refused.
 */
export async function startTuned({ folder, settings }: Tuning): Promise<Embedded> {
  const embedded = await startEmbedded({ folder })
  let changed: boolean
  try {
    changed = await tune(embedded, settings)
  } catch (error) {
    await embedded.stop()
    throw error
  }
  if (!changed) return embedded
  await embedded.stop()
  return startEmbedded({ folder })
}

interface Tuning {
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
}

/** Changes the settings that differ. Returns whether there were any. */
async function tune(embedded: Embedded, settings: Tuning['settings']): Promise<boolean> {
  const admin = new pg.Client(adminOf(embedded.url))
  let changed = false
  try {
    await admin.connect()
    for (const [name, value] of Object.entries(settings)) {
      const { rows } = await admin.query('select current_setting($1) as value', [name])
      if (rows[0]?.value === value) continue
      await admin.query(`alter system set ${name} = '${value}'`)
      changed = true
    }
  } finally {
    await admin.end()
  }
  return changed
}

async function lend<T>(embedded: Embedded, name: string, work: (database: Database) => Promise<T>): Promise<T> {
  const url = databaseUrl(embedded.url, name)
  const owner = new pg.Client({ connectionString: url })
  const admin = new pg.Client(adminOf(url))
  try {
    await Promise.all([owner.connect(), admin.connect()])
    return await work({
      url,
      pid: embedded.pid,
      query: async (text, values = []) => (await owner.query(text, [...values])).rows,
      admin: async (text) => (await admin.query(text)).rows,
      empty: async (name) => {
        await owner.query(`drop database if exists ${name} with (force)`)
        await owner.query(`create database ${name}`)
        return databaseUrl(embedded.url, name)
      },
    })
  } finally {
    await Promise.all([owner.end(), admin.end()])
  }
}

/** The administrator logs in over the Unix socket, with the operating system user of this process. */
function adminOf(url: string): pg.ClientConfig {
  const { searchParams, pathname } = new URL(url)
  const host = searchParams.get('host')
  if (host === null) throw new Error('the embedded server has no Unix socket here, and the benchmark logs in over it as administrator')
  return { host, port: Number(new URL(url).port), user: 'postgres', database: pathname.slice(1) }
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

type Query = (text: string) => Promise<readonly Record<string, unknown>[]>

async function inDatabase<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(async (text) => (await client.query(text)).rows)
  } finally {
    await client.end()
  }
}

/**
 * Returns the name of the loaded database; loads it when it is missing or outdated. The comment of the database marks completed loading and
 * its version.
 */
async function baseOf(embedded: Embedded, size: Size, say: (line: string) => void): Promise<string> {
  const mark = createHash('sha256').update(`${DATA_VERSION} ${size.users} ${size.posts}`).digest('hex').slice(0, 12)
  const name = `bench_base_${size.posts}`
  const url = databaseUrl(embedded.url, name)
  await inDatabase(embedded.url, async (query) => {
    const [known] = await query(`select shobj_description(oid, 'pg_database') as mark from pg_database where datname = '${name}'`)
    if (known?.mark === mark) return
    await requireRoom(size)
    say(`loading ${size.users} users and ${size.posts} posts, once`)
    await query(`drop database if exists ${name} with (force)`)
    await query(`create database ${name}`)
    await migrateTo(OWN, url)
    await inDatabase(url, (inside) => loadData(inside, size))
    await query(`comment on database ${name} is '${mark}'`)
  })
  // The tables follow the design as it is now.
  await migrateTo(OWN, url)
  await inDatabase(url, loadComments)
  return name
}

/** Disk space for a post: its row, its index entries, and the WAL of loading it. */
const BYTES_A_POST = 2_500

async function requireRoom({ posts }: Size): Promise<void> {
  const { bavail, bsize } = await statfs(WORK)
  const room = bavail * bsize
  if (room < posts * BYTES_A_POST) throw new Error(`${posts} posts need ${posts * BYTES_A_POST} bytes of disk, and there are ${room}`)
}

/**
 * Migrates a database to the design of a checkout, with `plinth migrate` of that checkout.
 *
 * @throws Error with the output of a migration that fails.
 */
export async function migrateTo({ root, design }: Tree, url: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['--conditions=source', join(root, 'src/cli.ts'), 'migrate', design], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
  })
}
