/** Runs the tests of a project with the test runner of Node, in processes of their own. */

import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CALLS_FOLDER } from '../../../verify/review/calls-variable.ts'
import type { FileCoverage, OwnTest, OwnTestRun } from '../../../verify/review/own-tests.ts'
import { withoutSecrets } from '../../../verify/security/search-log.ts'
import type { Environment } from '../../terminal/environment.ts'
import { environmentSecrets } from './environment-secrets.ts'
import { relativeTo } from './relative-to.ts'
import { runGroup } from './run-group.ts'
import { runningTests } from './running-tests.ts'
import type { ReportedFile, ReportedLine, RunningLine } from './test-reporter.ts'

const REPORTER = fileURLToPath(new URL(`./test-reporter${extname(import.meta.filename)}`, import.meta.url))
/** Folders whose tests are not those of the project. */
const OTHERS: ReadonlySet<string> = new Set(['node_modules', 'dist', '.plinth', '.git'])
/** Test files that run at the same time. */
const AT_ONCE = 2
/** How many files are run, and the ends of how many passed and skipped tests are kept. All that failed are kept. */
const MOST: OwnTestLimits = { files: 500, tests: 20_000 }
/** Characters of what the reporter writes. The coverage is one line. */
const MOST_TEXT = 256 * 1024 * 1024
/** The most characters of a reason that come from a program. */
const LONGEST_REASON = 300

/** How much of a project is tested. */
export interface OwnTestLimits {
  readonly files: number
  readonly tests: number
}

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
  readonly most?: OwnTestLimits
}

/** The test files below a folder, relative to it and in the order of their names. */
export function ownTestFiles(folder: string): readonly string[] {
  return globSync('**/*.test.{ts,mts,js,mjs}', { cwd: folder, exclude: (path) => OTHERS.has(basename(path)) })
    .map((path) => path.replaceAll(sep, '/'))
    .sort()
}

/** Runs the tests and waits for their end, with the environment of this process, as `node --test` would. */
export async function runOwnTests(options: OwnTestOptions): Promise<OwnTestRun> {
  const { folder, files, most = MOST } = options
  const began = performance.now()
  const calls = mkdtempSync(join(tmpdir(), 'plinth-calls-'))
  try {
    const { lines, ...end } = await reported({ ...options, files: files.slice(0, most.files), most }, calls)
    const left = files.length - most.files
    const ended = end.ended ?? (left > 0 ? `only the first ${most.files} of ${files.length} files were run` : null)
    const name = (path: string): string => relativeTo(folder, path)
    const tests = lines.flatMap((line) => (line.kind === 'test' ? ownTest(line, name) : []))
    const secrets = environmentSecrets(options.env)
    return {
      files,
      tests: tests.map((one) => ({ ...one, message: one.message === null ? null : withoutSecrets(one.message, secrets) })),
      coverage: lines.flatMap((line) => (line.kind === 'coverage' ? line.files.map((file) => covered(file, name)) : [])),
      called: new Set(readdirSync(calls).flatMap((file) => JSON.parse(readFileSync(join(calls, file), 'utf8')) as readonly string[])),
      ended: ended === null ? null : withoutSecrets(ended, secrets),
      isLate: end.isLate,
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

interface Reported extends Pick<OwnTestRun, 'ended' | 'isLate'> {
  readonly lines: readonly EndLine[]
}

/** A line about what has come to an end. */
type EndLine = Exclude<ReportedLine, RunningLine>

async function reported({ folder, files, logic, flags, env, withinMs, most = MOST }: OwnTestOptions, calls: string): Promise<Reported> {
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
  const lines: EndLine[] = []
  const running = runningTests()
  let others = 0
  const { code, cut, isLate, errors } = await runGroup({
    ...{ program: process.execPath, args, cwd: folder, withinMs, mostText: MOST_TEXT },
    env: { ...env, NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, [CALLS_FOLDER]: calls },
    onLine(line) {
      const entry = entryOf(line)
      if (entry === null) return
      if (entry.kind === 'running') return running.see(entry)
      const isCounted = entry.kind === 'test' && entry.outcome !== 'failed'
      if (!isCounted || others++ < most.tests) lines.push(entry)
    },
  })
  if (cut !== null) {
    const still = running.names((path) => relativeTo(folder, path))
    return { lines, ended: `the tests were ended: ${cut}${still === '' ? '' : `; these were running: ${still}`}`, isLate }
  }
  return { lines, ended: whyUncertain({ lines, code, errors, left: others - most.tests, most }), isLate: false }
}

interface RunnerEnd {
  readonly lines: readonly EndLine[]
  readonly code: number | null
  readonly errors: string
  /** Tests that passed or were skipped and were not kept. */
  readonly left: number
  readonly most: OwnTestLimits
}

/** Why the tests that were reported do not say whether all pass; null if they do. The exit code of the runner must agree with them. */
function whyUncertain({ lines, code, errors, left, most }: RunnerEnd): string | null {
  const hasFailed = lines.some((line) => line.kind === 'test' && line.outcome === 'failed')
  if (code !== 0 && !hasFailed) {
    const how = code === null ? 'was ended by a signal' : `ended with exit code ${code}`
    return `the test runner of Node ${how}, and no test failed: ${errors.trim().slice(-LONGEST_REASON) || 'it said nothing'}`
  }
  return left > 0 ? `more than ${most.tests} tests passed or were skipped, and the others are not counted` : null
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
