/** Sets up what a run needs: a database that is thrown away, an ordinary role, a serving process and sessions. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, createEmptyDatabase } from '../../embed/throwaway/databases.ts'
import { testServer } from '../../embed/throwaway/server.ts'
import { withClient } from '../../postgres/connect.ts'
import { openExecutor } from '../../postgres/executor/execute.ts'
import { createIdentity } from '../../services/identity/create-identity.ts'
import { readKeys } from '../../services/identity/tokens/keys.ts'
import type { KnownSecret } from '../../verify/cases/probe.ts'
import type { ServedRole } from '../../verify/report/report-of.ts'
import type { Stage } from '../../verify/run/stage.ts'
import { withoutSecrets } from '../../verify/security/search-log.ts'
import { answeredAnyway, openHttpClient } from './backend/http-client.ts'
import { joinedLogs } from './backend/kept-log.ts'
import { migrateWith } from './backend/migrate-with.ts'
import { openReceiver } from './backend/receiver.ts'
import { type SampleVariables, sampleVariables } from './backend/sample-variables.ts'
import { PUBLIC_URL, serveEnvironment } from './backend/serve-environment.ts'
import { type ServeProcess, startServe } from './backend/serve-process.ts'
import type { ServedDesign } from './backend/served-design.ts'
import { closedOnSignal } from './parts/close-on-signal.ts'
import { createOrdinaryRole } from './roles/ordinary-role.ts'
import { servedRole } from './roles/served-role.ts'

/** A stage, what is known about it, and how to end it. */
export interface OpenStage {
  readonly stage: Stage
  /** The version of the PostgreSQL server. */
  readonly postgres: string
  /** As which role the backend was seen in the database. */
  readonly role: ServedRole | null
  /** The first serving process. */
  readonly served: Pick<ServeProcess, 'url' | 'pid' | 'ignoreLog' | 'kill'>
  /** Starts one more process on the same database. It ends with the stage, if it is not ended before. */
  readonly serveAgain: () => Promise<ServeProcess>
  readonly close: () => Promise<void>
}

/** What to set up. */
export interface StageOptions extends ServedDesign {
  /** How many instances of the backend serve the database: 1 or more. */
  readonly instances: number
  /** Who makes the tables: this version of Plinth unless given, or `plinth migrate` of the program that serves. */
  readonly migratedBy?: 'program'
}

const STATEMENT_TIMEOUT_MS = 10_000

/** Sets a stage up. @throws EnvironmentError for a server that cannot be used, or a backend that does not start. */
export async function openStage(options: StageOptions): Promise<OpenStage> {
  const { model } = options
  const opened = closedOnSignal()
  const { close } = opened
  try {
    const server = await testServer({ databaseUrl: options.databaseUrl, folder: options.folder })
    const database = await (options.migratedBy === 'program' ? createEmptyDatabase(server) : createDatabase(server, model))
    opened.push(() => database.drop())
    if (options.migratedBy === 'program') await migrateWith(options, database.url)
    const role = await createOrdinaryRole(database.url, server.administratorUrl())
    if (role !== null) opened.push(role.drop)
    const files = await mkdtemp(join(tmpdir(), 'plinth-verify-'))
    opened.push(() => rm(files, { recursive: true, force: true }))
    const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const receiver = await openReceiver()
    opened.push(receiver.close)
    const variables = sampleVariables(model, receiver.origin)
    const servedUrl = role?.url ?? database.url
    const env = serveEnvironment(options.env, { databaseUrl: servedUrl, pem, files, variables })
    const secrets = secretsOf({ pem, servedUrl, variables })
    const serveAgain = async (): Promise<ServeProcess> => {
      const started = await startServe({ program: options.program, design: options.design, cwd: options.cwd, env })
      // Nobody is told and waited for: nothing of this backend is kept.
      opened.push(started.kill)
      return started
    }
    const starting = Array.from({ length: options.instances }, serveAgain)
    const processes = (await settled(starting)).map((one) => ({
      ...one,
      client: openHttpClient(one.url, model.identity?.token.scheme ?? 'Bearer'),
    }))
    for (const { client } of processes) opened.push(client.close)
    const [first, ...others] = processes
    if (first === undefined) throw new Error('a stage has an instance')
    // This asks the database, and the session stays.
    await first.client.ask({ method: 'GET', url: '/health/ready', token: null })
    const seen = await servedRole(database.url)
    const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS })
    opened.push(() => executor.close())
    const keys = readKeys('AUTH_KEYS', pem)
    const identity = { model, run: executor.run, keys, issuer: PUBLIC_URL, audience: PUBLIC_URL, now: Date.now, observe: () => {} }
    const sessions = model.identity === null ? null : createIdentity(identity)
    return {
      stage: {
        ask: (asked) => answeredAnyway(first.client, asked),
        others: others.map(
          ({ client }) =>
            (asked) =>
              answeredAnyway(client, asked),
        ),
        signing: sessions === null ? null : { pem, issuer: PUBLIC_URL, audience: PUBLIC_URL },
        databaseUrl: database.url,
        tokenFor: async (account) => (await sessions?.startSession(account))?.token ?? '',
        takeDefects: () => processes.flatMap(({ takeDefects }) => takeDefects()).map((text) => withoutSecrets(text, secrets)),
        log: () => joinedLogs(processes.map(({ log }) => log())),
        secrets,
        variables,
        storedFiles: async () => (await readdir(files, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).length,
        takeCosts: () => processes.flatMap(({ takeCosts }) => takeCosts()),
        takeLog: () => processes.flatMap(({ takeLog }) => takeLog()),
      },
      postgres: await versionOf(database.url),
      role: seen,
      served: first,
      serveAgain,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Known {
  readonly pem: string
  /** The address of the database with which the backend is served. */
  readonly servedUrl: string
  readonly variables: SampleVariables
}

/** What nobody may see: the signing key, the password of the database, and the variables that are no addresses. */
export function secretsOf({ pem, servedUrl, variables }: Known): readonly KnownSecret[] {
  const given = Object.values(variables).filter((value): value is string => typeof value === 'string' && !value.includes('://'))
  return [
    { kind: 'the signing key', text: pem },
    { kind: 'the password of the database', text: passwordIn(servedUrl) },
    ...given.map((text) => ({ kind: 'the value of a variable', text })),
  ]
}

/** The password of an address. One that is also the name of a user or a database is no secret: the log has it as that name. */
function passwordIn(address: string): string {
  const { password, username, pathname, hostname } = new URL(address)
  return `${username} ${pathname} ${hostname}`.includes(password) ? '' : decodeURIComponent(password)
}

/** All results, after all have ended. @throws the first error. */
async function settled<T>(all: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(all)
  return Promise.all(all)
}

async function versionOf(databaseUrl: string): Promise<string> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version")
    return rows[0]?.version ?? ''
  })
}
