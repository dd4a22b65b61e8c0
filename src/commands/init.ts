/** `plinth init`: makes a folder with a small working design. */

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { type OwnPackage, ownPackage } from '../embed/own-package.ts'
import { DESIGN_NAME, DESIGN_NAME_RULE, nameOfPath } from './importing/design-name.ts'
import { commandsToComplete, type Manifest, readManifest } from './setup/complete-manifest.ts'
import { dependencyOn } from './setup/package-source.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'

/** The format of a new design. */
export type DesignFormat = 'ts' | 'yaml'

/** The arguments and options of the command. */
export interface InitInput {
  readonly folder: string | undefined
  readonly name: string | undefined
  readonly format: DesignFormat | undefined
  /** `flags`: use defaults for missing options; `ask`: ask for them if the terminal is interactive. */
  readonly questions: 'ask' | 'flags'
  /** What to do in a folder that already has files. Files are never overwritten. */
  readonly occupied: 'refuse' | 'add'
}

interface Project {
  readonly folder: string
  readonly name: string
  readonly format: DesignFormat
}

/** The files of a new project, from templates/project/. npm does not pack `.gitignore`, so that file has another name there. */
const TEMPLATES: readonly { readonly from: string; readonly to: string; readonly for: readonly DesignFormat[] }[] = [
  { from: 'design.ts', to: 'design.ts', for: ['ts'] },
  { from: 'design.yaml', to: 'design.yaml', for: ['yaml'] },
  { from: 'design.test.ts', to: 'design.test.ts', for: ['ts'] },
  { from: 'design.test.js', to: 'design.test.js', for: ['yaml'] },
  { from: 'tsconfig.json', to: 'tsconfig.json', for: ['ts'] },
  { from: 'gitignore', to: '.gitignore', for: ['ts', 'yaml'] },
  { from: 'README.md', to: 'README.md', for: ['ts', 'yaml'] },
]

const MANIFEST = 'package.json'

/** The name of the project in the templates. It is replaced by the new name. */
const TEMPLATE_NAME = /\bshop\b/g

/**
 * Writes a new project and returns the next commands to type. Existing files are not changed.
 *
 * @throws UsageError for a bad name, a folder that is not empty, or a missing folder when the terminal is not interactive.
 */
export async function init(input: InitInput, io: Io): Promise<Outcome> {
  const project = await decide(input, io)
  refuseOccupied(project.folder, input.occupied)
  const own = ownPackage()
  const written: string[] = []
  const kept: string[] = []
  for (const [path, text] of filesOf(project, own)) (writeNew(join(project.folder, path), text) ? written : kept).push(path)
  const folder = relative(io.cwd, project.folder)
  const next = [...(folder === '' ? [] : [`cd ${shellWord(folder)}`]), ...startOf(project, own, kept)]
  return {
    exit: 0,
    data: { folder: project.folder, name: project.name, format: project.format, written, kept, next },
    text: textOf({ project, written, kept, next }, io),
  }
}

/** The commands that install and start the project. A package.json that was there is completed first. */
function startOf(project: Project, own: OwnPackage, kept: readonly string[]): readonly string[] {
  if (!kept.includes(MANIFEST)) return ['npm install', 'npm start']
  return commandsToComplete(readManifest(readFileSync(join(project.folder, MANIFEST), 'utf8')), manifestOf(project, own))
}

async function decide(input: InitInput, io: Io): Promise<Project> {
  if (input.questions === 'ask' && io.terminal === 'interactive') return ask(input, io)
  const folder = input.folder ?? input.name
  if (folder === undefined) throw new UsageError('no folder given', 'plinth init <folder>; `plinth init .` is this folder')
  const path = resolve(io.cwd, folder)
  const name = input.name ?? nameOfPath(path)
  if (!DESIGN_NAME.test(name))
    throw new UsageError(`${JSON.stringify(name)} cannot be the name: ${DESIGN_NAME_RULE}`, 'plinth init <folder> --name <name>')
  return { folder: path, name, format: input.format ?? 'ts' }
}

async function ask(input: InitInput, io: Io): Promise<Project> {
  const { askChoice, askText, openQuestions } = await import('./terminal/ask.ts')
  openQuestions('A new backend')
  const preset = nameOfPath(resolve(io.cwd, input.folder ?? 'shop'))
  const name =
    input.name ?? (await askText('What is it called?', preset, (answer) => (DESIGN_NAME.test(answer) ? undefined : DESIGN_NAME_RULE)))
  const format =
    input.format ??
    (await askChoice<DesignFormat>('How do you want to write the design?', [
      { value: 'ts', label: 'TypeScript: the editor completes and checks it' },
      { value: 'yaml', label: 'YAML' },
    ]))
  return { folder: resolve(io.cwd, input.folder ?? name), name, format }
}

/** A path as one word of a shell's command line. */
function shellWord(path: string): string {
  return /^[\p{L}\p{N}/._-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

function refuseOccupied(folder: string, occupied: InitInput['occupied']): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file`, 'choose another folder')
  const there = readdirSync(folder).filter((entry) => entry !== '.git')
  if (there.length === 0 || occupied === 'add') return
  throw new UsageError(
    `${folder} is not empty (${there.slice(0, 3).join(', ')}${there.length > 3 ? ', …' : ''})`,
    'choose another folder, or add --force to write only the missing files',
  )
}

/** Returns the text of every file of the project by path, package.json first. */
function filesOf(project: Project, own: OwnPackage): Map<string, string> {
  const files = new Map([[MANIFEST, `${JSON.stringify(manifestOf(project, own), null, 2)}\n`]])
  for (const template of TEMPLATES) {
    if (!template.for.includes(project.format)) continue
    const text = readFileSync(join(own.root, 'templates/project', template.from), 'utf8')
    files.set(
      template.to,
      text
        .replaceAll(TEMPLATE_NAME, project.name)
        .replaceAll('design.test.ts', testOf(project))
        .replaceAll('design.ts', `design.${project.format}`),
    )
  }
  return files
}

/** The files of a project whose design is there already, in YAML: path and text. */
export function filesAround(name: string): readonly (readonly [string, string])[] {
  const around = [MANIFEST, '.gitignore']
  return [...filesOf({ folder: '', name, format: 'yaml' }, ownPackage())].filter(([path]) => around.includes(path))
}

/** The file of the tests. The template of the README names the one of a design in TypeScript. */
function testOf({ format }: Project): string {
  return format === 'ts' ? 'design.test.ts' : 'design.test.js'
}

function manifestOf(project: Project, own: OwnPackage): Manifest {
  return {
    name: project.name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { start: 'plinth up', test: 'node --test', plan: 'plinth plan', serve: 'plinth serve', migrate: 'plinth migrate' },
    dependencies: { plinth: dependencyOn(own) },
    devDependencies: { ...(project.format === 'ts' ? { '@types/node': '^26' } : {}), node: '^26' },
    allowScripts: own.allowScripts,
  }
}

/** Writes a file unless it exists. Returns whether it was written. */
function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

interface Done {
  readonly project: Project
  readonly written: readonly string[]
  readonly kept: readonly string[]
  readonly next: readonly string[]
}

function textOf({ project, written, kept, next }: Done, { style }: Io): string {
  return [
    `${style.green('Created')} ${project.name} in ${project.folder}`,
    ...written.map((path) => `  ${path}`),
    ...(kept.length === 0 ? [] : [`Not changed, because they exist: ${kept.join(', ')}`]),
    '',
    'Next:',
    ...next.map((line) => `  ${style.cyan(line)}`),
  ].join('\n')
}
