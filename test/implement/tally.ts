/** A tiny project with one action whose code is missing. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { implement } from '../../src/commands/implementing/implement.ts'
import type { Outcome } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { PLINTH, ROOT, temporaryFolder } from '../support/command-line.ts'

const page = referencePage('implement.md')

/** The code on the page. */
export const CODE = blockOf(page, 'ts logic/double.ts')

/** The files that pass. */
export const RIGHT: Readonly<Record<string, string>> = {
  'logic/double.ts': CODE,
  'logic/double.test.ts': blockOf(page, 'ts logic/double.test.ts'),
}

/** Files whose test fails: the answer is another. */
export const WRONG: Readonly<Record<string, string>> = { ...RIGHT, 'logic/double.ts': CODE.replace('* 2', '* 3') }

/** Files whose types do not fit. */
export const UNTYPED: Readonly<Record<string, string>> = { ...RIGHT, 'logic/double.ts': CODE.replace('doubled:', 'double:') }

/** Files that are no TypeScript. */
export const BROKEN: Readonly<Record<string, string>> = { ...RIGHT, 'logic/double.ts': CODE.replace('({ input })', '({ input') }

/** A folder with the project. With `types`, it has TypeScript, whose check takes some seconds; without, only the syntax is checked. */
export function tallyProject(t: TestContext, by: 'types' | 'syntax' = 'syntax'): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), blockOf(page, 'yaml design'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'tally', type: 'module', private: true }))
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules/plinth'))
  if (by === 'syntax') return folder
  const options = { target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: true, allowImportingTsExtensions: true }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, customConditions: ['source'] } }))
  for (const name of ['typescript', '@types/node']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}

/** The result of a run, as its JSON. */
export interface Implemented {
  readonly exit: number
  readonly status: string
  readonly wrote: readonly string[]
  readonly diff: string | null
  readonly problems: readonly string[]
  readonly verified: readonly { readonly only: string; readonly verdict: string }[]
  readonly used: { readonly turns: number; readonly sent: number; readonly received: number; readonly cost: number | null }
  readonly reason: { readonly message: string; readonly hint: string } | undefined
  readonly text: string
}

/** How to run the command. */
export interface Running {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly yes?: boolean
  readonly turns?: string
  readonly tokens?: string
  readonly cost?: string
  readonly model?: string | undefined
  /** Hears what the command does. */
  readonly seen?: (text: string) => void
}

/** Runs the command in a folder. */
export async function implemented(folder: string, running: Running): Promise<Implemented> {
  const { env = {}, yes = false, turns, tokens, cost, seen = () => {} } = running
  const outcome: Outcome = await implement(
    { design: folder, model: 'model' in running ? running.model : 'tiny', questions: yes ? 'agreed' : 'ask', turns, tokens, cost },
    {
      cwd: folder,
      env: { ...process.env, ...env },
      style: PLAIN,
      terminal: 'plain',
      observe: (event) => (event.kind === 'running' ? seen(event.text) : undefined),
      stop: new AbortController().signal,
      self: { command: [...PLINTH, 'implement'], supervisor: null },
    },
  )
  if (outcome.exit === 'of-child') throw new Error('the command runs in this process')
  return {
    ...(outcome.data as Omit<Implemented, 'exit'>),
    exit: outcome.exit,
    text: outcome.text,
    reason: 'reason' in outcome ? outcome.reason : undefined,
  }
}
