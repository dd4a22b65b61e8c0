/** `plinth keys`: which keys encrypted fields have, and the change to another one. */

import type { Model } from '../../model/model.ts'
import { openExecutor } from '../../postgres/executor/execute.ts'
import { loadEncryptionKeys } from '../../services/encryption/key-file.ts'
import { ENCRYPTION_SETTING } from '../../services/encryption/keys.ts'
import { type KeyUse, keyUses, rotateRound } from '../../services/encryption/rotate.ts'
import { openFieldCipher, type SealedField, sealedFields } from '../../services/encryption/sealed-fields.ts'
import { inTables } from '../setup/create-account.ts'
import { databaseOf, stateFolder, withDatabase } from '../setup/database.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { loadDesign } from '../setup/load-design.ts'
import { findSecret } from '../setup/settings/secret-files.ts'
import { readDatabaseUrl } from '../setup/settings/settings.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { columns, count } from '../terminal/layout.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** What the command does. */
const KEY_COMMANDS = ['status', 'rotate'] as const

/** The arguments and options of the command. */
export interface KeysInput {
  readonly doing: string
  readonly design: string | undefined
}

/** Rounds over one field before the command gives up: each leaves only rows that others had locked. */
const ROUNDS = 20
/** Milliseconds between two rounds. */
const PAUSE_MS = 500
const STATEMENT_MS = 60_000

/**
 * Counts the values of encrypted fields by key, or encrypts them with the first key. Exit code 1 when a rotation has left values.
 *
 * @throws UsageError for a wrong call; EnvironmentError for keys or a database that cannot be used, and for a value that no key decrypts.
 */
export async function keys({ doing: asked, design: path }: KeysInput, io: Io): Promise<Outcome> {
  const doing = KEY_COMMANDS.find((one) => one === asked)
  if (doing === undefined) throw new UsageError(`plinth keys cannot ${asked}`, `write one of ${KEY_COMMANDS.join(', ')}`)
  const design = await loadDesign(path, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const [first, ...others] = sealedFields(model)
  if (first === undefined) throw new UsageError('the design has no encrypted fields', 'write encrypted: true at a text field')
  const url = readDatabaseUrl(io.env)
  const state = stateFolder(design.path)
  return withDatabase(databaseOf(design, url, io), (database) =>
    inTables(() => perform(doing, { model, fields: [first, ...others], url: database.url, state, io })),
  )
}

interface Asked {
  readonly model: Model
  readonly fields: readonly SealedField[]
  readonly url: string
  readonly state: string
  readonly io: Io
}

async function perform(doing: (typeof KEY_COMMANDS)[number], { model, fields, url, state, io }: Asked): Promise<Outcome> {
  const executor = openExecutor({ url, connections: 1, statementTimeoutMs: STATEMENT_MS, transactionTimeoutMs: STATEMENT_MS })
  const usesNow = async (): Promise<readonly KeyUse[]> => (await Promise.all(fields.map((field) => keyUses(executor.run, field)))).flat()
  try {
    if (doing === 'status') {
      const uses = await usesNow()
      return { exit: 0, data: { keys: uses }, text: usesText(uses) }
    }
    const { value, problem } = findSecret(io.env, ENCRYPTION_SETTING)
    if (problem !== null) throw new UsageError(problem, `correct ${ENCRYPTION_SETTING}`)
    const mode = io.env.NODE_ENV === 'production' ? 'production' : 'development'
    const cipher = openFieldCipher(model, await loadEncryptionKeys(model, { setting: value, mode, folder: state }))
    if (cipher === null) throw new Error('encrypted fields have a cipher')
    let [rotated, left] = [0, 0]
    for (const field of fields) {
      const told = (values: number): void => {
        rotated += values
        io.observe({ kind: 'running', text: `${field.context}: ${count(rotated, 'value')} encrypted with ${cipher.current}` })
      }
      for (let round = 1; round <= ROUNDS; round++) {
        const done = await rotateRound(executor.transaction, field, { cipher, told })
        if (done.left === 0 || round === ROUNDS) left += done.left
        if (done.left === 0 || io.stop.aborted) break
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
    const uses = await usesNow()
    const data = { key: cipher.current, rotated, left, keys: uses }
    const text = `${count(rotated, 'value')} encrypted with ${cipher.current}\n${usesText(uses)}`
    if (left === 0) return { exit: 0, data, text }
    const reason = {
      message: `${count(left, 'value')} could not be encrypted, because others held the rows`,
      hint: 'run it again; it goes on',
    }
    return { exit: 1, reason, data, text: `${text}\n${reason.message}` }
  } finally {
    await executor.close()
  }
}

function usesText(uses: readonly KeyUse[]): string {
  if (uses.length === 0) return 'no values yet'
  return columns(
    uses.map(({ field, key, values }) => [field, key ?? 'not encrypted', count(values, 'value')]),
    '',
  ).join('\n')
}
