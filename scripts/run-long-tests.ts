/**
 * `npm run test:long`: the tests that `npm test` leaves out, and the shortened ones at full length. Arguments are options of `node --test`,
 * such as `npm run test:long -- --test-name-pattern=psql`. With `FILES=clients`, only files whose paths contain this text.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { LONG_TESTS, SHORTENED_TESTS } from './long-tests.ts'

const cwd = join(import.meta.dirname, '..')
const env = { ...process.env, PLINTH_FULL: '1' }

/** Runs a program. Ends this process if it fails. */
function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { cwd, env, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const files = [...Object.keys(LONG_TESTS), ...SHORTENED_TESTS].filter((path) => path.includes(process.env.FILES ?? ''))
if (files.length === 0) {
  console.error(`no long test has ${process.env.FILES} in its path; see scripts/long-tests.ts`)
  process.exit(2)
}
/** Folders with packages of their own, by the tests that need them. */
const PACKAGES = { 'test/clients/': 'test/clients/generators', 'test/mcp/conformance': 'test/mcp/suite' } as const
for (const [tests, folder] of Object.entries(PACKAGES))
  if (files.some((path) => path.startsWith(tests))) run('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'])
run(process.execPath, ['--conditions=source', '--test', '--test-concurrency=2', ...process.argv.slice(2), ...files])
