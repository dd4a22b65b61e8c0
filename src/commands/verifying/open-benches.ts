/** Benches for mutants: databases that are thrown away, and backends in this process. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from '../../compile/compile.ts'
import { integrationVariables } from '../../embed/integration-variables.ts'
import { createDatabase } from '../../embed/throwaway/databases.ts'
import { testServer } from '../../embed/throwaway/server.ts'
import { hasFiles } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { openExecutor } from '../../postgres/executor/execute.ts'
import { HAZARDS } from '../../postgres/migrate/migration-plan.ts'
import { planMigration } from '../../postgres/migrate/plan-migration.ts'
import { diffDatabase } from '../../postgres/schema/diff.ts'
import { allObjects } from '../../postgres/schema/plinth-objects.ts'
import { openBackend } from '../../server/backend.ts'
import type { BackendOptions } from '../../server/backend-options.ts'
import { NO_RATE_LIMITS } from '../../server/http/rate-limits.ts'
import { readEncryptionKeys } from '../../services/encryption/keys.ts'
import { openDiskStorage } from '../../services/files/disk-storage.ts'
import { createIdentity } from '../../services/identity/create-identity.ts'
import { readKeys } from '../../services/identity/tokens/keys.ts'
import { receiversOf } from '../../services/webhooks/receivers.ts'
import type { Answered } from '../../verify/expected/answered.ts'
import type { Bench, ServedMutant } from '../../verify/mutants/bench.ts'
import type { SentRequest } from '../../verify/run/stage.ts'
import { SAMPLE_ENCRYPTION_KEYS } from '../../verify/worlds/encrypted-values.ts'
import { openReceiver } from './backend/receiver.ts'
import { sampleVariables } from './backend/sample-variables.ts'
import { closedOnSignal } from './parts/close-on-signal.ts'

/** Open benches. */
export interface OpenBenches {
  readonly benches: readonly Bench[]
  readonly close: () => Promise<void>
}

/** The server and the design of benches. */
export interface BenchOptions {
  readonly model: Model
  /** The folder of the design. */
  readonly folder: string
  /** As for `openStage`. */
  readonly databaseUrl: string | null
  readonly count: number
}

/** The address in tokens. No server listens there. */
const PUBLIC_URL = 'http://127.0.0.1:3000'
const STATEMENT_TIMEOUT_MS = 10_000
/** As many as usual, because some cases send many requests at once. */
const CONNECTIONS = 10
const PATIENCE = 10

/** Opens benches. @throws EnvironmentError for a server that cannot be used. */
export async function openBenches({ model, folder, databaseUrl, count }: BenchOptions): Promise<OpenBenches> {
  const opened = closedOnSignal()
  const { close } = opened
  try {
    const server = await testServer({ databaseUrl, folder })
    const receiver = await openReceiver()
    opened.push(receiver.close)
    const outgoing = sampleOutgoing(model, receiver.origin)
    const benches: Bench[] = []
    for (let i = 0; i < count; i++) {
      const database = await createDatabase(server, model)
      opened.push(database.drop)
      const files = await mkdtemp(join(tmpdir(), 'plinth-verify-'))
      opened.push(() => rm(files, { recursive: true, force: true }))
      const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS })
      opened.push(() => executor.close())
      benches.push(benchOn({ model, files, databaseUrl: database.url, run: executor.run, outgoing }))
    }
    return { benches, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Place {
  readonly model: Model
  readonly files: string
  readonly databaseUrl: string
  readonly run: ReturnType<typeof openExecutor>['run']
  /** Sample values of the variables that the design names. */
  readonly outgoing: Pick<BackendOptions, 'variables' | 'receivers'>
}

function benchOn({ model, files, databaseUrl, run, outgoing }: Place): Bench {
  const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const keys = readKeys('AUTH_KEYS', pem)
  const identity = { model, run, keys, issuer: PUBLIC_URL, audience: PUBLIC_URL, now: Date.now, observe: () => {} }
  const sessions = model.identity === null ? null : createIdentity(identity)
  return {
    databaseUrl,
    signing: sessions === null ? null : { pem, issuer: PUBLIC_URL, audience: PUBLIC_URL },
    tokenFor: async (account) => (await sessions?.startSession(account))?.token ?? '',
    serve: (served) => openInProcess(served, { files, databaseUrl, keys, outgoing, connections: CONNECTIONS }),
    statementsBetween,
  }
}

/** What a backend in this process is opened with. */
export interface InProcess {
  /** The folder of uploaded files. */
  readonly files: string
  readonly databaseUrl: string
  readonly keys: ReturnType<typeof readKeys>
  /** Sample values of the variables that the design names. */
  readonly outgoing: Pick<BackendOptions, 'variables' | 'receivers'>
  readonly connections: number
  readonly onStatement?: () => void
}

/** The variables and receivers of a design, whose addresses lead to one that takes nothing. */
export function sampleOutgoing(model: Model, origin: string): InProcess['outgoing'] {
  const env = sampleVariables(model, origin)
  return {
    variables: integrationVariables(model, { env, mode: 'production' }),
    receivers: receiversOf(model, { networks: '127.0.0.1', variables: env }, { mode: 'production' }),
  }
}

/** Opens a backend without a socket. Reactions and jobs do not run, so nothing is sent anywhere. */
export async function openInProcess(
  model: Model,
  { files, databaseUrl, keys, outgoing, connections, onStatement }: InProcess,
): Promise<ServedMutant> {
  const defects: string[] = []
  const backend = await openBackend({
    model,
    databaseUrl,
    keys,
    encryption: readEncryptionKeys('ENCRYPTION_KEYS', SAMPLE_ENCRYPTION_KEYS),
    connections,
    ...(onStatement === undefined ? {} : { onStatement }),
    mode: 'production',
    publicUrl: PUBLIC_URL,
    rateLimits: NO_RATE_LIMITS,
    files: hasFiles(model) ? openDiskStorage(files) : null,
    mail: null,
    ...outgoing,
    // No case is about time limits, and a busy machine must not look like a defect.
    patience: PATIENCE,
    work: 'elsewhere',
    observe: (seen) => {
      if (seen.kind === 'defect') defects.push(String(seen.error))
    },
  })
  const scheme = model.identity?.token.scheme ?? 'Bearer'
  return {
    ask: (asked) => inject(backend.app, asked, scheme),
    takeDefects: () => defects.splice(0),
    close: () => backend.close(),
  }
}

async function inject(
  app: Awaited<ReturnType<typeof openBackend>>['app'],
  { method, url, body, token, headers: given }: SentRequest,
  scheme: string,
): Promise<Answered> {
  const payload = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === null ? {} : { authorization: `${scheme} ${token}` }),
    ...given,
  }
  const response = await app.inject({ method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) })
  const { payload: text } = response
  const isJson = String(response.headers['content-type'] ?? '').includes('json')
  return { status: response.statusCode, headers: response.headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined }
}

/** The statements of the migration from one model to another, as it runs on small tables of its own. */
function statementsBetween(from: Model, to: Model): readonly string[] {
  const [actual, desired] = [compile(from).database, compile(to).database]
  const owned = allObjects(actual)
  const changes = diffDatabase(actual, desired, owned)
  if (changes.length === 0) return []
  const { schema } = actual
  return planMigration(changes, { schema, sizes: new Map(), owned, allow: new Set(HAZARDS), run: 'rehearsal' }).statements.map(
    ({ sql }) => sql,
  )
}
