/** Runs the tests of a project with the test runner of Node, in processes of their own. */

import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, extname, join, relative, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CALLS_FOLDER } from '../../../verify/review/calls-variable.ts'
import type { FileCoverage, OwnTest, OwnTestRun } from '../../../verify/review/own-tests.ts'
import type { Environment } from '../../terminal/environment.ts'
import type { ReportedFile, ReportedLine } from './test-reporter.ts'

const REPORTER = fileURLToPath(new URL(`./test-reporter${extname(import.meta.filename)}`, import.meta.url))
/** Folders whose tests are not those of the project. */
const OTHERS: ReadonlySet<string> = new Set(['node_modules', 'dist', '.plinth', '.git'])
/** Test files that run at the same time. */
const AT_ONCE = 2
const MOST_FILES = 500
/** Tests whose ends are kept. */
const MOST_TESTS = 20_000

/** What to run, and how. */
export interface OwnTestOptions {
  /** The folder of the design. The tests run there. */
  readonly folder: string
  /** The files of tests, relative to the folder. */
  readonly files: readonly string[]
  /** The absolute paths of the files of the logic, whose coverage is measured. */
  readonly logic: readonly string[]
  /** The options of Node with which this process runs, such as `--conditions=…`. */
  readonly flags: readonly string[]
  readonly env: Environment
  /** Milliseconds after which the tests are ended. */
  readonly withinMs: number
}

/** The test files below a folder, relative to it and in the order of their names. */
export function ownTestFiles(folder: string): readonly string[] {
  return globSync('**/*.test.{ts,mts,js,mjs}', { cwd: folder, exclude: (path) => OTHERS.has(basename(path)) })
    .map((path) => path.replaceAll(sep, '/'))
    .sort()
    .slice(0, MOST_FILES)
}

/** Runs the tests and waits for their end, with the environment of this process, as `node --test` would. */
export async function runOwnTests(options: OwnTestOptions): Promise<OwnTestRun> {
  const { folder, files } = options
  const began = performance.now()
  const calls = mkdtempSync(join(tmpdir(), 'plinth-calls-'))
  try {
    const { lines, ended } = await reported(options, calls)
    const name = (path: string): string => relative(folder, path).replaceAll(sep, '/')
    const tests = lines.flatMap((line) => (line.kind === 'test' ? ownTest(line, name) : []))
    return {
      files,
      tests,
      coverage: lines.flatMap((line) => (line.kind === 'coverage' ? line.files.map((file) => covered(file, name)) : [])),
      called: new Set(readdirSync(calls).flatMap((file) => JSON.parse(readFileSync(join(calls, file), 'utf8')) as readonly string[])),
      ended,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    }
  } finally {
    rmSync(calls, { recursive: true, force: true })
  }
}

/** A passed file stands for no test: it has none. A failed one stands for what it threw outside of its tests. */
function ownTest(line: ReportedLine & { readonly kind: 'test' }, name: (path: string) => string): readonly OwnTest[] {
  if (line.isFile && line.outcome === 'passed') return []
  const { file, outcome, ms, message } = line
  return [
    {
      file: file === null ? '' : name(file),
      name: line.isFile ? 'the file' : line.name,
      line: line.isFile ? null : line.line,
      outcome,
      ms: Math.round(ms * 10) / 10,
      message,
    },
  ]
}

function covered({ path, ...counts }: ReportedFile, name: (path: string) => string): FileCoverage {
  return { file: name(path), ...counts }
}

interface Reported {
  readonly lines: readonly ReportedLine[]
  readonly ended: string | null
}

async function reported({ folder, files, logic, flags, env, withinMs }: OwnTestOptions, calls: string): Promise<Reported> {
  const args = [
    ...flags,
    '--test',
    `--test-concurrency=${AT_ONCE}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
    ...(logic.length === 0
      ? []
      : [
          '--experimental-test-coverage',
          // In place of the usual pattern, which leaves out all files below a folder `test`.
          '--test-coverage-exclude=**/node_modules/**',
          ...logic.map((path) => `--test-coverage-include=${globOf(relative(folder, path))}`),
        ]),
    ...files,
  ]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, [CALLS_FOLDER]: calls },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its processes end with it.
    detached: process.platform !== 'win32',
  })
  const end = (): void => endGroup(child.pid)
  process.once('exit', end)
  const lines: ReportedLine[] = []
  let said = ''
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, withinMs)
  try {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2_000)
    })
    const output = createInterface({ input: child.stdout })
    output.on('line', (line) => {
      const entry = entryOf(line)
      if (entry !== null && lines.length < MOST_TESTS) lines.push(entry)
    })
    const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
    if (isLate) return { lines, ended: `they took longer than ${withinMs / 1_000} s and were ended` }
    if (lines.length === 0 && code !== 0) return { lines, ended: `the test runner of Node did not run: ${said.trim()}` }
    return { lines, ended: null }
  } finally {
    clearTimeout(timer)
    process.off('exit', end)
    end()
  }
}

/** Ends a process and those that it has started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** A pattern that only this path matches. */
function globOf(path: string): string {
  return path.replaceAll(sep, '/').replaceAll(/[*?[\]{}()!+@]/g, '[$&]')
}

function entryOf(line: string): ReportedLine | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null && 'kind' in entry ? (entry as ReportedLine) : null
  } catch {
    return null
  }
}

/** The options of Node in a command that runs a program of it. */
export function nodeFlags(command: readonly string[]): readonly string[] {
  const rest = command.slice(1)
  const program = rest.findIndex((word) => !word.startsWith('-'))
  return program === -1 ? [] : rest.slice(0, program)
}
