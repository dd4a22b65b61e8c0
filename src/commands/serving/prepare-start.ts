/** What a process in production needs from its environment, checked as a whole before it starts. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { integrationVariables } from '../../embed/integration-variables.ts'
import type { Model } from '../../model/model.ts'
import { namedVariables } from '../../model/names/named-variables.ts'
import { loadEncryptionKeys } from '../../services/encryption/key-file.ts'
import type { EncryptionKeys } from '../../services/encryption/keys.ts'
import { FILES_SETTINGS, openStorage } from '../../services/files/file-settings.ts'
import type { FileStorage } from '../../services/files/storage.ts'
import { loadKeys } from '../../services/identity/tokens/key-file.ts'
import type { SigningKeys } from '../../services/identity/tokens/keys.ts'
import { MAIL_SETTINGS, type MailServer, mailServerOf } from '../../services/mail/mail-settings.ts'
import { type Receivers, receiversOf } from '../../services/webhooks/receivers.ts'
import { stateFolder } from '../setup/database.ts'
import { readGraphqlDocuments } from '../setup/graphql-documents.ts'
import { withSecretFiles } from '../setup/settings/secret-files.ts'
import type { Mode } from '../setup/settings/setting-facts.ts'
import type { SettingName } from '../setup/settings/setting-table.ts'
import type { CheckedSettings, Settings } from '../setup/settings/settings.ts'
import type { Io } from '../terminal/command.ts'

/** Everything that the environment gives to a start. */
export interface StartParts {
  readonly settings: Settings
  /** The allowed GraphQL documents; null allows every document. */
  readonly documents: ReadonlyMap<string, string> | null
  readonly mail: MailServer | null
  readonly receivers: Receivers
  readonly files: FileStorage | null
  /** The values of the variables that the design names. */
  readonly variables: ReadonlyMap<string, string>
  /** Null for a design without an identity. */
  readonly keys: SigningKeys | null
  /** Null for a design without encrypted fields. */
  readonly encryption: EncryptionKeys | null
}

/** The design of a start. */
export interface StartedDesign {
  readonly model: Model
  readonly path: string
}

/**
 * Reads all of it. Parts whose settings are wrong are left out, so that each mistake is named once.
 *
 * @throws EnvironmentError that names every missing or wrong setting and variable, and never a value.
 */
export async function prepareStart(
  { settings, problems, hint }: CheckedSettings,
  { model, path }: StartedDesign,
  { env, cwd, mode }: Pick<Io, 'env' | 'cwd'> & { readonly mode: Mode },
): Promise<StartParts> {
  const found = new Set(problems.values())
  const hints = new Set(problems.size === 0 ? [] : [hint])
  /** The part; undefined if a setting that it needs is wrong, or if it is wrong itself. */
  async function part<T>(needs: readonly SettingName[], make: () => T | Promise<T>): Promise<T | undefined> {
    if (needs.some((name) => problems.has(name))) return undefined
    try {
      return await make()
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      for (const line of error.message.split('\n')) found.add(line)
      hints.add(error.hint)
      return undefined
    }
  }
  const named = withSecretFiles(env, namedVariables(model))
  for (const problem of named.problems) found.add(problem)
  const state = stateFolder(path)
  const documents = await part(['GRAPHQL_DOCUMENTS'], () => readGraphqlDocuments(model, { path: settings.graphqlDocuments, cwd }))
  const mail = await part(['SMTP_URL', 'MAIL_FROM'], () => mailServerOf(model, settings.mail, { mode, named: MAIL_SETTINGS }))
  const outgoing = { networks: settings.outgoingNetworks, variables: named.env }
  const receivers = await part(['OUTGOING_NETWORKS'], () => receiversOf(model, outgoing, { mode }))
  const storage = { setting: settings.files, s3: settings.s3, named: FILES_SETTINGS, mode, cwd, state }
  const files = await part(FILE_NAMES, () => openStorage(model, storage))
  const variables = await part([], () => integrationVariables(model, { env: named.env, mode }))
  const keys = await part(['AUTH_KEYS'], () =>
    model.identity === null ? null : loadKeys({ setting: settings.authKeys ?? undefined, mode, folder: state }),
  )
  const encryption = await part(['ENCRYPTION_KEYS'], () =>
    loadEncryptionKeys(model, { setting: settings.encryptionKeys ?? undefined, mode, folder: state }),
  )
  const isWhole = documents !== undefined && mail !== undefined && receivers !== undefined && files !== undefined
  if (found.size === 0 && isWhole && variables !== undefined && keys !== undefined && encryption !== undefined)
    return { settings, documents, mail, receivers, files, variables, keys, encryption }
  files?.close()
  throw new EnvironmentError([...found].join('\n'), [...hints].join('\n'))
}

const FILE_NAMES: readonly SettingName[] = Object.values(FILES_SETTINGS) as SettingName[]
