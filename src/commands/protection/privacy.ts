/** `plinth privacy`: exports or erases what is known about one person. */

import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { type Connection, withClient, withTransaction } from '../../postgres/connect.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import { servicesOf } from '../../server/services.ts'
import { loadEncryptionKeys } from '../../services/encryption/key-file.ts'
import { type FieldCipher, openFieldCipher } from '../../services/encryption/sealed-fields.ts'
import { FILES_SETTINGS, openStorage } from '../../services/files/file-settings.ts'
import type { FileStorage } from '../../services/files/storage.ts'
import { sweepFiles } from '../../services/files/sweep.ts'
import { type Erasing, type ErasureReport, erasePerson } from '../../services/privacy/erase-person.ts'
import { exportPerson, type PersonExport } from '../../services/privacy/export-person.ts'
import { findPerson } from '../../services/privacy/person.ts'
import { inTables } from '../setup/create-account.ts'
import { databaseOf, stateFolder, withDatabase } from '../setup/database.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from '../setup/load-design.ts'
import { runOn } from '../setup/run-on.ts'
import { readDatabaseUrl, readSettings } from '../setup/settings/settings.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { erasureText, exportText } from './privacy-text.ts'

/** What the command does. */
const PRIVACY_COMMANDS = ['export', 'erase'] as const
type Doing = (typeof PRIVACY_COMMANDS)[number]

/** The arguments and options of the command. */
export interface PrivacyInput {
  readonly doing: string
  /** The login or the id of the person. */
  readonly of: string | undefined
  /** The entity of the person; that which signs in unless given. */
  readonly entity: string | undefined
  readonly design: string | undefined
  /** The folder of an export; the standard output unless given. */
  readonly out: string | undefined
  readonly run: 'apply' | 'dry'
}

/**
 * Exports or erases a person. Exit code 1 when there is no such person, and when something stands against the erasure.
 *
 * @throws UsageError for a wrong call; EnvironmentError for a database or a storage that cannot be used.
 */
export async function privacy(input: PrivacyInput, io: Io): Promise<Outcome> {
  const doing = PRIVACY_COMMANDS.find((one) => one === input.doing)
  if (doing === undefined) throw new UsageError(`plinth privacy cannot ${input.doing}`, `write one of ${PRIVACY_COMMANDS.join(', ')}`)
  if (input.of === undefined) throw new UsageError('say who', 'add --of with the login of an account, or the id of a row')
  if (doing === 'erase' && input.out !== undefined) throw new UsageError('--out is for export', 'leave it out, or export first')
  if (doing === 'export' && input.run === 'dry') throw new UsageError('--dry-run is for erase', 'leave it out: an export changes nothing')
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const entity = entityOf(model, input.entity)
  const cipher = await cipherOf(model, design, io)
  const storage = await storageOf(model, design, io)
  try {
    return await withDatabase(databaseOf(design, url, io), (database) =>
      inTables(() => perform({ doing, input, of: input.of ?? '', model, entity, storage, cipher, url: database.url })),
    )
  } finally {
    storage?.close()
  }
}

/** @throws UsageError for an entity that the design does not have, and for a design in which nobody signs in. */
function entityOf(model: Model, name: string | undefined): Entity {
  const names = model.entities.map((entity) => entity.name)
  if (name !== undefined && !names.includes(name))
    throw new UsageError(`the design has no entity ${name}`, `write one of ${names.join(', ')}`)
  const wanted = name ?? model.identity?.entity
  if (wanted === undefined)
    throw new UsageError('nobody signs in to this design', `add --entity with the entity of persons: ${names.join(', ')}`)
  return entityNamed(model, wanted)
}

function storageOf(model: Model, design: LoadedDesign, { env, cwd }: Io): Promise<FileStorage | null> {
  const { files, s3 } = readSettings({ ...env, NODE_ENV: undefined }, 'development')
  const mode = env.NODE_ENV === 'production' ? 'production' : 'development'
  return openStorage(model, { setting: files, s3, named: FILES_SETTINGS, mode, cwd, state: stateFolder(design.path) })
}

async function cipherOf(model: Model, design: LoadedDesign, { env }: Io): Promise<FieldCipher | null> {
  const { encryptionKeys } = readSettings({ ...env, NODE_ENV: undefined }, 'development')
  const mode = env.NODE_ENV === 'production' ? 'production' : 'development'
  const place = { setting: encryptionKeys ?? undefined, mode, folder: stateFolder(design.path) } as const
  return openFieldCipher(model, await loadEncryptionKeys(model, place))
}

interface Asked {
  readonly doing: Doing
  readonly input: PrivacyInput
  readonly of: string
  readonly model: Model
  readonly entity: Entity
  readonly storage: FileStorage | null
  readonly cipher: FieldCipher | null
  readonly url: string
}

function perform(asked: Asked): Promise<Outcome> {
  const { model, entity, of, url } = asked
  return withClient(url, async (client) => {
    const person = await findPerson(runOn(client), model, { entity, of })
    if (person === null) {
      const [message, hint] = [`there is no such ${entity.name}`, 'give the login of an account or the id of a row, or another --entity']
      return { exit: 1, reason: { message, hint }, data: { found: false, entity: entity.name }, text: `${message}\n${hint}` }
    }
    const tables = new Set(servicesOf(model).flatMap((service) => service.tables.map(({ name }) => name)))
    const erasing: Erasing = { model, person, tables, cipher: asked.cipher }
    if (asked.doing === 'export') {
      await client.query('begin isolation level repeatable read read only')
      const exported = await exportPerson(runOn(client), erasing)
      await client.query('commit')
      return exportedOutcome(exported, asked)
    }
    const done = new DryRun()
    let report: ErasureReport | null = null
    try {
      await withTransaction(client, async () => {
        report = await erasePerson(runOn(client), erasing)
        if (asked.input.run === 'dry' || report.refused.length > 0) throw done
      })
    } catch (error) {
      if (error !== done) return brokenConstraint(error, erasing)
    }
    if (report === null) throw new Error('an erasure without a report')
    return erasedOutcome(report, asked, async () => {
      await forgetStatistics(client, erasing)
      return sweepAll(asked, runOn(client))
    })
  })
}

/** Ends a transaction that is not to be committed. */
class DryRun extends Error {}

/** @throws the error, unless it is a violated constraint: then nothing was erased, and the outcome says which. */
function brokenConstraint(error: unknown, { model, person }: Erasing): Outcome {
  const { kind, table, constraint, column } = explainError(error)
  if (!['unique', 'foreign-key', 'check', 'not-null'].includes(kind)) throw error
  const entity = model.entities.find((one) => one.table === table)?.name ?? table
  const message = `nothing was erased: ${entity} would break ${constraint ?? `${column} (required)`}`
  const hint = 'correct erased or erase in the design, so that the rows that stay keep to their constraints'
  return {
    exit: 1,
    reason: { message, hint },
    data: { person, erased: [], refused: [{ what: entity, why: constraint }] },
    text: `${message}\n${hint}`,
  }
}

/** PostgreSQL keeps samples of the values of each column for its planner; they are taken again from the rows that are left. */
async function forgetStatistics(client: Connection, { model, tables }: Erasing): Promise<void> {
  const own = model.entities.map(({ table }) => client.escapeIdentifier(table))
  const kept = [...tables].map((name) => `${SYSTEM_SCHEMA}.${client.escapeIdentifier(name)}`)
  await client.query(`analyze ${[...own, ...kept].join(', ')}`)
}

/** Removes the bytes of files that no row has any more. What is not removed now is removed by the backend within an hour. */
async function sweepAll({ storage }: Asked, run: ReturnType<typeof runOn>): Promise<number> {
  let removed = 0
  if (storage === null) return removed
  for (let count = 1; count > 0; removed += count) count = await sweepFiles(run, storage)
  return removed
}

async function erasedOutcome(report: ErasureReport, { input }: Asked, sweep: () => Promise<number>): Promise<Outcome> {
  const isDry = input.run === 'dry'
  if (report.refused.length > 0) {
    const message = `nothing was erased: ${report.refused.map(({ what, rows }) => `${rows} × ${what}`).join(', ')}`
    const hint = 'say in the design what happens to these rows, with erase'
    return {
      exit: 1,
      reason: { message, hint },
      data: { ...report, dryRun: isDry, files: 0 },
      text: erasureText(report, { isDry, files: 0 }),
    }
  }
  const files = isDry ? 0 : await sweep()
  return { exit: 0, data: { ...report, dryRun: isDry, files }, text: erasureText(report, { isDry, files }) }
}

async function exportedOutcome(exported: PersonExport, { input, storage }: Asked): Promise<Outcome> {
  const { out } = input
  const shown = { ...exported, files: exported.files.map(({ key: _, ...file }, i) => ({ ...file, path: pathOf(i, file.name) })) }
  if (out === undefined) return { exit: 0, data: shown, text: JSON.stringify(shown, null, 2) }
  await mkdir(join(out, 'files'), { recursive: true, mode: 0o700 })
  await writeFile(join(out, 'person.json'), `${JSON.stringify(shown, null, 2)}\n`, { mode: 0o600 })
  for (const [i, { key, name }] of exported.files.entries()) {
    const bytes = await storage?.read({ key, form: 'file' }, null)
    if (bytes != null) await pipeline(bytes, createWriteStream(join(out, pathOf(i, name)), { mode: 0o600 }))
  }
  return { exit: 0, data: { ...shown, out }, text: exportText(shown, out) }
}

/** The path of a file in an export. Of the name that its sender gave, only the ending is used. */
function pathOf(index: number, name: string): string {
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  return `files/${index + 1}${ending}`
}
