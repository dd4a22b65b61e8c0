/**
 * `npm test`: the unit tests in two processes, and all other tests but the long ones (`long-tests.ts`) in the processes of
 * `test-processes.ts`. Arguments are options of `node --test`, such as `npm test -- --test-name-pattern=refresh`.
 */

import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LONG_TESTS } from './long-tests.ts'
import { testProcesses } from './test-processes.ts'

/** Test processes at the same time. Many wait for timers or for the database, so there are more than processors. */
const AT_ONCE = 4

const root = join(import.meta.dirname, '..')
const folder = join(root, 'node_modules/.cache/tests')
const isFull = process.env.PLINTH_FULL === '1'
const paths = globSync(['test/**/*.test.ts', 'examples/**/*.test.ts'], { cwd: root, exclude: ['**/node_modules/**'] }).filter(
  (path) => isFull || !Object.hasOwn(LONG_TESTS, path),
)
const processes = testProcesses(paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
/** A process runs one file. One with several test files gets a file that loads them. */
const files = processes.map(([first = '', ...others], place) => {
  if (others.length === 0) return join(root, first)
  const file = join(folder, `${String(place).padStart(3, '0')}.test.mjs`)
  const loads = [first, ...others].map((path) => `await import(${JSON.stringify(pathToFileURL(join(root, path)).href)})\n`)
  writeFileSync(file, loads.join(''))
  return file
})
const units = ['unit-tests.ts', 'unit-tests-of-servers.ts'].map((name) => join(import.meta.dirname, name))
const options = ['--conditions=source', '--test', `--test-concurrency=${AT_ONCE}`, ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, [...options, ...units, ...files], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
