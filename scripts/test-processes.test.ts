import assert from 'node:assert/strict'
import { test } from 'node:test'
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
