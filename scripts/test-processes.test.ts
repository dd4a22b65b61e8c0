import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LONG_TESTS, SHORTENED_TESTS } from './long-tests.ts'
import { testProcesses } from './test-processes.ts'

const named = (...paths: readonly string[]) => paths.map((path) => ({ path, text: 'test(…)' }))

test('files of one folder share processes of at most ten files, in the order of their names', () => {
  const eleven = 'abcdefghijk'.split('').map((name) => `test/rest/${name}.test.ts`)
  const processes = testProcesses(named('test/values/x.test.ts', ...eleven.toReversed(), 'test/rest/hostile/z.test.ts'))
  assert.deepEqual(processes, [eleven.slice(0, 10), ['test/rest/hostile/z.test.ts'], eleven.slice(10), ['test/values/x.test.ts']])
})

test('a file with hooks of its own process, and one of a folder with long tests, are alone', () => {
  const hooked = { path: 'test/rest/b.test.ts', text: "import x\nbefore(async () => {})\ntest('x')" }
  const inside = { path: 'test/rest/c.test.ts', text: "describe('x', () => {\n  before(async () => {})\n})" }
  assert.deepEqual(testProcesses([hooked, inside, ...named('test/rest/a.test.ts', 'test/verify/a.test.ts', 'test/verify/b.test.ts')]), [
    ['test/rest/a.test.ts', 'test/rest/c.test.ts'],
    ['test/rest/b.test.ts'],
    ['test/verify/a.test.ts'],
    ['test/verify/b.test.ts'],
  ])
})

const cwd = join(import.meta.dirname, '..')
const paths = globSync('test/**/*.test.ts', { cwd, exclude: ['**/node_modules/**'] })

test('each test that is left out is there', () => {
  assert.deepEqual(
    Object.keys(LONG_TESTS).filter((path) => !paths.includes(path)),
    [],
  )
})

test('the shortened tests are those that ask for PLINTH_FULL', () => {
  const asking = paths.filter((path) => readFileSync(join(cwd, path), 'utf8').includes('process.env.PLINTH_FULL'))
  assert.deepEqual(SHORTENED_TESTS, asking.toSorted())
})
