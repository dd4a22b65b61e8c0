/** Checks the types of proposed files with the TypeScript of the project. Nothing of them is executed. */

import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runGroup } from '../verifying/review/run-group.ts'
import type { ProposedFile } from './read-answer.ts'
import { type Trial, withoutTrial } from './trial.ts'

/** What the check has found. */
export interface Checked {
  readonly problems: readonly string[]
  /** `syntax`: the project has no TypeScript, so only the syntax was checked. */
  readonly by: 'types' | 'syntax'
}

const CONFIG = 'tsconfig.plinth-try.json'
const WITHIN_MS = 300_000
const MOST_TEXT = 1_000_000
/** For a project without a configuration. */
const OPTIONS = { target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: true, allowImportingTsExtensions: true }

/** Checks the files of a trial. Errors in other files are not those of the proposal. */
export async function checkTypes(trial: Trial, files: readonly ProposedFile[]): Promise<Checked> {
  const compiler = compilerOf(trial.root)
  if (compiler === null) return { problems: await syntaxProblems(trial, files), by: 'syntax' }
  const own = existsSync(join(trial.root, 'tsconfig.json'))
  const config = {
    ...(own ? { extends: './tsconfig.json' } : {}),
    compilerOptions: { ...(own ? {} : OPTIONS), noEmit: true, allowJs: true, composite: false, incremental: false },
    include: [],
    files: files.map(({ path }) => path),
  }
  writeFileSync(join(trial.root, CONFIG), JSON.stringify(config))
  const { code, cut, output, errors } = await runGroup({
    program: process.execPath,
    args: [compiler, '-p', CONFIG, '--pretty', 'false'],
    cwd: trial.root,
    withinMs: WITHIN_MS,
    mostText: MOST_TEXT,
  })
  if (code === 0) return { problems: [], by: 'types' }
  if (cut !== null) return { problems: [`the types were not checked: ${cut}`], by: 'types' }
  // A line that begins with spaces goes on with the error before it.
  const found = withoutTrial(output, trial)
    .split(/\n(?=\S)/)
    .map((line) => line.trimEnd())
  const ours = found.filter((line) => files.some(({ path }) => line.startsWith(`${path}(`)))
  const isBroken = ours.length === 0 && !found.some((line) => /^\S+\(\d+,\d+\): /.test(line))
  return { problems: isBroken ? [`the types were not checked: ${`${output}${errors}`.trim().slice(0, 500)}`] : ours, by: 'types' }
}

/** Parses files and prints what is wrong with each. */
const PARSE = `
const { stripTypeScriptTypes } = require('node:module')
const { readFileSync } = require('node:fs')
const wrong = (path) => { try { stripTypeScriptTypes(readFileSync(path, 'utf8')); return [] } catch (error) { return [path + ': ' + error.message] } }
console.log(JSON.stringify(process.argv.slice(1).flatMap(wrong)))`

/** What is wrong with the syntax of files, by Node's own type stripping, which runs none of them. */
async function syntaxProblems(trial: Trial, files: readonly ProposedFile[]): Promise<readonly string[]> {
  const args = ['--disable-warning=ExperimentalWarning', '-e', PARSE, '--', ...files.map(({ path }) => path)]
  const { code, output, errors } = await runGroup({
    ...{ program: process.execPath, args, cwd: trial.root, withinMs: WITHIN_MS, mostText: MOST_TEXT },
  })
  return code === 0 ? JSON.parse(output) : [`the syntax was not checked: ${errors.trim().slice(0, 500)}`]
}

/** The program of the TypeScript that the project has; null if it has none. */
function compilerOf(root: string): string | null {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('typescript/package.json')
    const program = join(dirname(manifest), 'bin/tsc')
    return existsSync(program) ? realpathSync(program) : null
  } catch {
    return null
  }
}
