/** The steps of a start: read the design, check the options, open the database, migrate or check it, make the backend. */

import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { EnvironmentError } from '../base/environment-error.ts'
import type { Model } from '../model/model.ts'
import { startEmbedded } from '../postgres/embedded/embedded.ts'
import { migrate } from '../postgres/migrate/migrate.ts'
import { type Backend, openBackend } from '../server/backend.ts'
import { type Origins, originsProblem } from '../server/http/cross-origin.ts'
import { logTo, type Observe } from '../server/http/observe.ts'
import { DEFAULT_RATE_LIMITS } from '../server/http/rate-limits.ts'
import { loadEncryptionKeys } from '../services/encryption/key-file.ts'
import { openStorage } from '../services/files/file-settings.ts'
import { NO_S3, type S3Names, type S3Settings } from '../services/files/s3-place.ts'
import { loadKeys } from '../services/identity/tokens/key-file.ts'
import { readKeys, type SigningKeys } from '../services/identity/tokens/keys.ts'
import { mailServerOf } from '../services/mail/mail-settings.ts'
import { receiversOf } from '../services/webhooks/receivers.ts'
import { DatabaseOutdatedError } from './database-outdated-error.ts'
import { databasesOf, schemaHash } from './databases.ts'
import { integrationVariables } from './integration-variables.ts'
import type { CreateBackendOptions } from './options.ts'
import { ownPackage } from './own-package.ts'
import { type DesignSource, readModel } from './read-model.ts'

const LOCAL_URL = 'http://localhost:3000'

/** How errors name the options of mails. */
const MAIL_OPTIONS = { smtpUrl: 'the option smtpUrl', from: 'the option mailFrom' } as const

/** How errors name the options of files. */
const FILES_OPTIONS: S3Names = {
  files: 'the option files',
  endpoint: 'the option s3.endpoint',
  region: 'the option s3.region',
  accessKey: 'the option s3.accessKey',
  secretKey: 'the option s3.secretKey',
  pathStyle: 'the option s3.pathStyle',
}

/** Connections for requests. */
const CONNECTIONS = 10

/** Milliseconds between listening and preloading, so that preloading does not delay the first requests. */
const PRELOAD_AFTER_MS = 300

/** Makes a backend. Its app is not ready yet; its `onClose` releases everything. @throws as `createBackend`. */
export async function startBackend(design: DesignSource, options: CreateBackendOptions): Promise<Backend> {
  const read = await readModel(design)
  const mode = options.mode ?? 'production'
  refuseMissing(read.model, mode, options)
  const folder = options.folder ?? read.folder
  const keys = read.model.identity === null ? null : await keysOf(mode, options.keys, folder)
  const encryption = await loadEncryptionKeys(read.model, {
    ...{ setting: options.encryptionKeys, named: 'the option encryptionKeys', mode, folder: join(folder, '.plinth') },
  })
  const mail = mailServerOf(read.model, { smtpUrl: options.smtpUrl || null, from: options.mailFrom || null }, { mode, named: MAIL_OPTIONS })
  const outgoing = { networks: options.outgoingNetworks || null, variables: options.variables ?? {} }
  const receivers = receiversOf(read.model, outgoing, { mode })
  const files = await openStorage(read.model, {
    ...{ setting: options.files || null, s3: s3Settings(options.s3), named: FILES_OPTIONS, mode },
    ...{ cwd: process.cwd(), state: join(folder, '.plinth') },
  })
  const variables = integrationVariables(read.model, { env: options.variables ?? {}, mode })
  const documents = await documentsOf(read.model, options.graphqlDocuments)
  const database = await openDatabase(options.databaseUrl, folder)
  try {
    await prepare(read.model, database.url, options.migrate ?? (mode === 'development' ? 'apply' : 'check'))
    const backend = await openBackend({
      model: read.model,
      databaseUrl: database.url,
      schemaHash: () => schemaHash(read.model),
      keys,
      encryption,
      mode,
      publicUrl: (options.publicUrl || LOCAL_URL).replace(/\/$/, ''),
      connections: options.connections ?? CONNECTIONS,
      mail,
      receivers,
      files,
      variables,
      rateLimits: { ...DEFAULT_RATE_LIMITS, ...options.rateLimits },
      trustedProxies: options.trustedProxies ?? [],
      ...(options.corsOrigins === undefined ? {} : { corsOrigins: checkedOrigins(options.corsOrigins) }),
      work: options.work ?? 'here',
      ...(options.jobConcurrency === undefined ? {} : { jobConcurrency: options.jobConcurrency }),
      observe: observing(options),
      ready: 'later',
      onClosed: database.release,
      ...(documents === null ? {} : { graphqlDocuments: documents }),
    })
    endConnectionsOnClose(backend.app)
    backend.app.addHook('onListen', async () => void setTimeout(() => void backend.preload(), PRELOAD_AFTER_MS).unref())
    return backend
  } catch (error) {
    await database.release()
    throw error
  }
}

/**
 * Ends connections while the server closes. Otherwise a connection whose last answer is sent during the close would count as busy until its
 * client ends it, for up to 65 s.
 */
function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onResponse', async () => {
    if (closing) setImmediate(() => app.server.closeIdleConnections())
  })
}

/** @throws EnvironmentError that names every missing option that production requires. */
function refuseMissing(model: Model, mode: 'development' | 'production', options: CreateBackendOptions): void {
  if (mode === 'development') return
  const needed = ['databaseUrl', 'publicUrl', ...(model.identity === null ? [] : ['keys'])] as const
  const missing = needed.filter((name) => (options[name as 'keys'] ?? '').trim() === '')
  if (missing.length === 0) return
  throw new EnvironmentError(
    missing.map((name) => `the option ${name} is missing`).join('\n'),
    "production has no defaults for them; mode: 'development' has an embedded PostgreSQL and makes a key",
  )
}

/** @throws EnvironmentError when an entry cannot be used. */
function checkedOrigins(origins: Origins): Origins {
  const problem = originsProblem(origins)
  if (problem !== null) throw new EnvironmentError(`the option corsOrigins ${problem}`, 'correct the list, or leave it out')
  return origins
}

/** @throws EnvironmentError when the keys cannot be used. It never contains a key. */
function keysOf(mode: 'development' | 'production', given: string | undefined, folder: string): Promise<SigningKeys> | SigningKeys {
  if (given !== undefined && given.trim() !== '') return readKeys('the option keys', given)
  return loadKeys({ setting: undefined, mode, folder: join(folder, '.plinth') })
}

/** @throws EnvironmentError when a document could never be answered. */
async function documentsOf(model: Model, given: CreateBackendOptions['graphqlDocuments']): Promise<ReadonlyMap<string, string> | null> {
  if (given === undefined) return null
  const documents = new Map(Object.entries(given))
  const { documentFindings } = await import('../server/graphql/documents/check-documents.ts')
  const findings = documentFindings(model, documents)
  if (findings.length === 0) return documents
  const lines = findings.map(({ id, at, message }) => `${id}${at === null ? '' : `:${at.line}:${at.column}`}: ${message}`)
  throw new EnvironmentError(`the option graphqlDocuments:\n${lines.join('\n')}`, 'correct the documents, or take them off the list')
}

interface OpenDatabase {
  readonly url: string
  readonly release: () => Promise<void>
}

/** @throws EnvironmentError when the embedded PostgreSQL cannot start. */
async function openDatabase(url: string | undefined, folder: string): Promise<OpenDatabase> {
  if (url !== undefined && url !== '') return { url, release: async () => {} }
  const embedded = await startEmbedded({ folder })
  return { url: embedded.url, release: () => embedded.stop() }
}

/** @throws DatabaseOutdatedError when the database is not up to date and may not be changed; EnvironmentError when it cannot be used. */
async function prepare(model: Model, url: string, how: 'apply' | 'check'): Promise<void> {
  const run = how === 'apply' ? 'apply' : 'dry'
  const outcome = await migrate({ url, databases: databasesOf(model), version: ownPackage().version, run })
  if (outcome.kind === 'planned' || outcome.kind === 'refused') throw new DatabaseOutdatedError(outcome)
}

function s3Settings(given: CreateBackendOptions['s3']): S3Settings {
  if (given === undefined) return NO_S3
  const { endpoint, region, accessKey, secretKey, pathStyle } = given
  const style = pathStyle === undefined ? null : pathStyle ? 'on' : 'off'
  return {
    ...{ endpoint: endpoint || null, region: region || null, pathStyle: style },
    ...{ accessKey: accessKey || null, secretKey: secretKey || null },
  }
}

function observing({ log, observe }: CreateBackendOptions): Observe {
  const sinks = [...(log === undefined ? [] : [logTo(log)]), ...(observe === undefined ? [] : [observe])]
  return (observation) => {
    for (const sink of sinks) sink(observation)
  }
}
