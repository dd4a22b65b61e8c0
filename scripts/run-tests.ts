/**
 * `npm test`: the unit tests in two processes, and all other tests but the long ones (`long-tests.ts`) in the processes of
 * `test-processes.ts`. Arguments are options of `node --test`, such as `npm test -- --test-name-pattern=refresh`.
 */

import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LONG_TESTS } from './long-tests.ts'
import { suiteOf, testProcesses } from './test-processes.ts'

/** Test processes at the same time. Many wait for timers or for the database, so there are more than processors. */
const AT_ONCE = 4

const root = join(import.meta.dirname, '..')
const folder = join(root, 'node_modules/.cache/tests')
const isFull = process.env.PLINTH_FULL === '1'
const paths = globSync(['test/**/*.test.ts', 'examples/**/*.test.ts'], { cwd: root, exclude: ['**/node_modules/**'] }).filter(
  (path) => isFull || !Object.hasOwn(LONG_TESTS, path),
)
const units = [['scripts/unit-tests.ts'], ['scripts/unit-tests-of-servers.ts']]

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
/** A process runs one file, which loads the test files. The runner begins with the first name. */
const files = [...units, ...testProcesses(paths)].map((process, place) => {
  const file = join(folder, `${String(place).padStart(3, '0')}.test.mjs`)
  writeFileSync(file, suiteOf(process.map((name) => ({ name, path: join(root, name) }))))
  return file
})
const options = ['--conditions=source', '--test', `--test-concurrency=${AT_ONCE}`, ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, [...options, ...files], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
