import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LONG_TESTS, SHORTENED_TESTS } from './long-tests.ts'
import { suiteOf, testProcesses } from './test-processes.ts'

const numbered = (folder: string, count: number) =>
  Array.from({ length: count }, (_, n) => `test/${folder}/${String.fromCharCode(97 + n)}.test.ts`)

test('files share processes across folders, in parts of equal size', () => {
  const [rest, values] = [numbered('rest', 12), numbered('values', 2)]
  assert.deepEqual(testProcesses([...values, ...rest.toReversed()]), [rest.slice(0, 7), [...rest.slice(7), ...values]])
  assert.deepEqual(testProcesses([]), [])
})

test('files of folders with long tests share with few others, and begin first', () => {
  const [random, verify, migrations] = [numbered('random', 2), numbered('verify', 4), numbered('migrations', 2)]
  assert.deepEqual(testProcesses(['test/access/a.test.ts', ...migrations, ...verify, ...random]), [
    ...random.map((path) => [path]),
    verify.slice(0, 2),
    verify.slice(2),
    migrations,
    ['test/access/a.test.ts'],
  ])
})

test('hooks of a file act on its own tests alone, and a file that fails fails the process', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-suites-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const suites = (texts: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
    const main = join(folder, 'all.test.mjs')
    writeFileSync(main, suiteOf(Object.keys(texts).map((name) => ({ name, path: join(folder, name) }))))
    return spawnSync(process.execPath, [main], { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: '' } })
  }
  const text = (name: string) => `import { beforeEach, test } from 'node:test'
await new Promise((done) => setTimeout(done, 5))
beforeEach(() => console.log('before a test of ${name}'))
test('of ${name}', () => console.log('test of ${name}'))
`
  const { stdout, status } = suites({ 'one.mjs': text('one'), 'two.mjs': text('two') })
  assert.equal(status, 0, stdout)
  assert.deepEqual(
    stdout.split('\n').filter((line) => /^(before|test) /.test(line)),
    ['before a test of one', 'test of one', 'before a test of two', 'test of two'],
  )
  assert.equal(suites({ 'one.mjs': text('one'), 'two.mjs': 'no module' }).status, 1)
})

const cwd = join(import.meta.dirname, '..')
const paths = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd, exclude: ['**/node_modules/**'] })

test('each test that is left out is there', () => {
  assert.deepEqual(
    Object.keys(LONG_TESTS).filter((path) => !paths.includes(path)),
    [],
  )
})

test('the shortened tests are those that ask for PLINTH_FULL', () => {
  const asking = paths.filter((path) =>
    /process\.env\.PLINTH_FULL\b|\bIS_FULL\b|\b(?:firstOfEach|shortened)\(/.test(readFileSync(join(cwd, path), 'utf8')),
  )
  assert.deepEqual(SHORTENED_TESTS, asking.toSorted())
})
