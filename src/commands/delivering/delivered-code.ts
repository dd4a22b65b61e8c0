/** The code of a hand-over: the files of the project, and those that let it install, test and start by itself. */

import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type LockedPackages, lockText } from '../../deliver/code/lock.ts'
import { manifestOf } from '../../deliver/code/manifest.ts'
import { migrationSql } from '../../deliver/code/migration-sql.ts'
import { deploymentFiles } from '../../deliver/deployment/deployment.ts'
import { type DeliveredFile, jsonText } from '../../deliver/files/delivered-file.ts'
import { databasesOf } from '../../embed/databases.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'
import { createPlan } from '../../postgres/migrate/migrate.ts'
import { shellWord } from '../../verify/report/repeat-command.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { clientFolder, isClient } from './client-files.ts'
import type { PackedPlinth } from './pack-plinth.ts'
import type { DeliveredProject } from './read-project.ts'
import { settingsOf } from './settings-of.ts'
import { secretInPackages } from './why-left.ts'

/** The design as a word of a command of a shell; empty if commands find it by themselves. */
export function designWord(path: string): string {
  const argument = designArgument(path)
  return argument === '' ? '' : shellWord(argument)
}

/** The same as an argument. A path that begins with `-` would be an option. */
function designArgument(path: string): string {
  if (/^design\.(ts|yaml|yml|json)$/.test(path)) return ''
  return path.startsWith('-') ? `./${path}` : path
}

/** What the code is made of. */
export interface CodeParts {
  readonly model: Model
  readonly project: DeliveredProject
  readonly plinth: PackedPlinth
  readonly tree: LockedPackages
  readonly report: VerifyReport
}

/**
 * The files of the project, with paths relative to its folder.
 *
 * @throws EnvironmentError if the lock file lacks a package; UsageError if `package.json` or the lock file holds a secret.
 */
export function codeOf({ model, project, plinth, tree, report }: CodeParts): readonly DeliveredFile[] {
  const own = ownPackage()
  const hasTests = project.files.some(({ path }) => /\.test\.(ts|mts|js|mjs)$/.test(path))
  const extra = extraPackages(model, own.root)
  const { manifest: given } = project
  const manifest = manifestOf({
    ...{ given, name: model.name, design: designWord(project.design), tarball: plinth.path, extra, hasTests },
    allowScripts: own.allowScripts,
  })
  const [ownTables, tables] = databasesOf(model)
  if (ownTables === undefined || tables === undefined) throw new Error('a backend has two schemas')
  const made: readonly DeliveredFile[] = [
    { path: 'package.json', content: jsonText(manifest) },
    { path: 'package-lock.json', content: lockFile(manifest, tree) },
    plinth,
    ...clientOf(model, project),
    { path: 'migrations/0001_plinth.sql', content: migrationSql("Plinth's own tables", createPlan([ownTables])) },
    { path: `migrations/0002_${model.name}.sql`, content: migrationSql(`The tables of ${model.name}`, createPlan([tables])) },
  ]
  const deployed = { model, report, settings: settingsOf(model), design: designArgument(project.design) }
  const usual = [...usualFiles(own.root, extname(project.design)), ...deploymentFiles(deployed)].filter(
    ({ path }) => !project.files.some((file) => file.path === path),
  )
  refuseSecrets(made)
  return [...project.files.filter(({ path }) => !made.some((file) => file.path === path)), ...usual, ...made]
}

/** @throws UsageError if what the project says about its packages holds a secret. */
function refuseSecrets(made: readonly DeliveredFile[]): void {
  for (const { path, content } of made) {
    const why = path.startsWith('package') ? secretInPackages(String(content)) : null
    if (why !== null)
      throw new UsageError(
        `${path} is not delivered: ${why}`,
        'take it out; npm reads such things from .npmrc and git from its own settings',
      )
  }
}

/** The typed client, in place of an earlier one; none where the project has something else in that folder. */
function clientOf(model: Model, { files }: DeliveredProject): readonly DeliveredFile[] {
  const client = clientFolder(model).map(({ path, content }) => ({ path: `client/${path}`, content }))
  const isForeign = files.some(({ path, content }) => path.startsWith('client/') && !isClient(String(content)))
  return isForeign ? [] : client
}

function lockFile(manifest: Parameters<typeof lockText>[0], tree: LockedPackages): string {
  try {
    return lockText(manifest, tree)
  } catch (error) {
    throw new EnvironmentError(
      `the lock file is not whole: ${(error as Error).message}`,
      'run npm install in the folder of the project, with packages of a registry or of git',
    )
  }
}

/** What each project has, and this one may lack. */
function usualFiles(root: string, ending: string): readonly DeliveredFile[] {
  const template = (name: string): string => readFileSync(join(root, 'templates/project', name), 'utf8')
  return [
    { path: '.gitignore', content: template('gitignore') },
    { path: '.npmrc', content: 'omit-lockfile-registry-resolved=true\n' },
    ...(ending === '.ts' ? [{ path: 'tsconfig.json', content: template('tsconfig.json') }] : []),
  ]
}

/** The packages that Plinth uses only if the design needs them, for a project that does not name its packages itself. */
function extraPackages(model: Model, root: string): Readonly<Record<string, string>> {
  const needed = [
    ...(model.broker?.kind === 'kafka' ? ['@platformatic/kafka'] : []),
    ...(model.entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file' && type.sizes.length > 0)) ? ['sharp'] : []),
  ]
  const { peerDependencies }: { readonly peerDependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  return Object.fromEntries(needed.map((name) => [name, peerDependencies[name] ?? '*']))
}
