/** What a team has that runs a delivered backend: a PostgreSQL server, an SMTP server, a Prometheus, and processes. */

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, outsidePath } from '../../support/command-line.ts'

/** The account of the processes, as in the image: it owns nothing. */
export const ACCOUNT = 10_001
/** The account of the database server, where the drill runs as root. */
const NOBODY = 65_534

/** What ends with the drill, the last first. */
export const ends: (() => Promise<void> | void)[] = []

/** Waits until something is there. @throws AssertionError with the name of it */
export async function until<T>(what: string, withinMs: number, look: () => Promise<T | null | false> | T | null | false): Promise<T> {
  for (const began = performance.now(); performance.now() - began < withinMs; await wait(200)) {
    const found = await look()
    if (found !== null && found !== false) return found
  }
  return assert.fail(`waited ${withinMs / 1_000} s in vain for ${what}`)
}

/** A database server of its own. */
export interface DatabaseServer {
  readonly urlOf: (role: string, database?: string) => string
  /** Runs SQL as the superuser; answers what psql prints. */
  readonly psql: (sql: string, database?: string) => string
  readonly start: () => void
  readonly stop: () => void
  /** The folder of `pg_dump` and `pg_restore`. */
  readonly bin: string
}

/** Makes a PostgreSQL server of the system's packages. It has no embedded one: the drill needs `pg_dump` of the same version. */
export async function startDatabase(folder: string): Promise<DatabaseServer> {
  const bin = process.env.POSTGRES_BIN ?? dirname(globSync('/usr/lib/postgresql/*/bin/initdb').sort().at(-1) ?? '')
  assert.ok(existsSync(join(bin, 'pg_dump')), 'the drill needs PostgreSQL 15 or newer with pg_dump; POSTGRES_BIN names its folder')
  const data = join(folder, 'database')
  const port = await freePort()
  mkdirSync(data)
  // initdb wants an account that the system knows.
  const as = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if ('uid' in as) chownSync(data, NOBODY, NOBODY)
  chmodSync(data, 0o700)
  const run = (program: string, args: readonly string[]): string =>
    execFileSync(join(bin, program), args, { ...as, cwd: data, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  run('initdb', ['--pgdata', data, '--username', 'admin', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'])
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`
  const urlOf = (role: string, database = 'shop'): string => `postgres://${role}@127.0.0.1:${port}/${database}`
  const server: DatabaseServer = {
    ...{ bin, urlOf },
    start: () => void run('pg_ctl', ['start', '--wait', '--pgdata', data, '--options', options, '--log', join(data, 'log')]),
    stop: () => void run('pg_ctl', ['stop', '--wait', '--mode', 'fast', '--pgdata', data]),
    psql: (sql, database) =>
      run('psql', ['--no-psqlrc', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1', '--command', sql, urlOf('admin', database)]),
  }
  server.start()
  ends.push(() => {
    try {
      server.stop()
    } catch {
      // It is down already.
    }
  })
  return server
}

/** A process of the backend, its output, and its end. */
export interface Running {
  readonly process: ChildProcess
  readonly url: string
  readonly ended: Promise<number | null>
  readonly log: () => string
}

/** The environment of a command: a PATH without the programs of this repository, and nothing else of it. */
export function environmentOf(settings: Readonly<Record<string, string>>, more: readonly string[] = []): NodeJS.ProcessEnv {
  const { HOME = '', TMPDIR = '/tmp' } = process.env
  return { PATH: [...more, outsidePath()].join(delimiter), HOME, TMPDIR, npm_config_loglevel: 'error', ...settings }
}

/** Starts the command of the image in a folder that its account may not write to. */
export function startAsImage(code: string, words: readonly string[], settings: Readonly<Record<string, string>>): Running {
  const node = join(code, 'node_modules/node/bin/node')
  const as = process.getuid?.() === 0 ? { uid: ACCOUNT, gid: ACCOUNT } : {}
  const child = spawn(node, ['node_modules/plinth/dist/cli.js', ...words], {
    ...{ ...as, cwd: code, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { PATH: outsidePath(), TMPDIR: '/tmp', ...settings },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  ends.push(() => void child.kill('SIGKILL'))
  return { process: child, url: `http://127.0.0.1:${settings.PORT}`, ended, log: () => text }
}

/** The alerts that fire now, by name. */
export type FiringAlerts = () => Promise<readonly string[]>

/** Starts Prometheus with the rules of a delivered project. It asks the metrics every two seconds. */
export async function startPrometheus(folder: string, rules: string, metricsPort: number): Promise<FiringAlerts> {
  const program = [process.env.PROMETHEUS ?? '', '/usr/bin/prometheus'].find((path) => path !== '' && existsSync(path))
  assert.ok(program !== undefined, 'the drill needs Prometheus, of the Debian package prometheus; PROMETHEUS names its program')
  const config = join(folder, 'prometheus.json')
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '2s', evaluation_interval: '2s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'plinth', static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }] }],
    }),
  )
  const port = await freePort()
  const child = spawn(
    program,
    [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'series')}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  )
  ends.push(() => void child.kill('SIGKILL'))
  const firing: FiringAlerts = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`).catch(() => null)
    if (answer?.ok !== true) return []
    const { data } = (await answer.json()) as {
      readonly data: { readonly alerts: readonly { readonly state: string; readonly labels: { readonly alertname: string } }[] }
    }
    return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)
  }
  await until('Prometheus', 30_000, async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null))?.ok === true)
  return firing
}
