/** The command lines of the benchmarks: wrong arguments, help, and no server left running. Tests do not check the figures. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTuned } from '../../bench/database/database.ts'
import { projectFolder } from '../embedded/embedded-fixture.ts'
import { run, temporaryFolder } from '../support/command-line.ts'

const SCRIPTS = {
  bench: 'npm run bench',
  growth: 'npm run bench:growth',
  attack: 'npm run bench:attack',
  fair: 'npm run bench:fair',
  micro: 'npm run bench:micro',
  transfer: 'npm run bench:transfer',
  conduit: 'npm run bench:conduit',
} as const

const WRONG: readonly (readonly [keyof typeof SCRIPTS, readonly string[], RegExp])[] = [
  ['bench', ['--bogus'], /Unknown option '--bogus'/],
  ['bench', ['--rounds'], /'--rounds <value>' argument missing/],
  ['bench', ['--rounds', 'some'], /--rounds takes a whole number from 1 on, not "some"/],
  ['bench', ['--only', 'plinth,nobody'], /--only: "nobody" is not one of node-http, plinth/],
  ['bench', ['--connections', '1,x'], /--connections takes whole numbers above 0/],
  ['bench', ['--against', 'no-such-commit'], /--against: git knows no commit "no-such-commit"/],
  ['bench', ['--against', 'HEAD', '--publish'], /--publish writes the comparison with peers/],
  ['bench', ['--against', 'HEAD', '--rounds', '1'], /--rounds takes a whole number from 2 on, not "1"/],
  ['bench', ['--against', 'HEAD', '--only', 'fastify-pg'], /--only takes one server of Plinth with --against, not "fastify-pg"/],
  ['bench', ['--against', 'HEAD', '--operations', 'tree'], /--operations: plinth does not do tree/],
  ['growth', ['--bogus'], /Unknown option '--bogus'/],
  ['growth', ['--rows', '1e3,ten'], /--rows takes whole numbers above 0 with commas between them, not "ten"/],
  ['attack', ['more'], /Unexpected argument 'more'/],
  ['attack', ['--rate', '-1'], /'--rate' argument is ambiguous/],
  ['attack', ['--rate=-1'], /--rate takes a number above 0, not "-1"/],
  ['conduit', ['--operations', 'delete'], /--operations: "delete" is not one of list, author/],
  ['micro', ['--bogus'], /Unknown option '--bogus'/],
]

for (const [script, args, said] of WRONG)
  test(`${SCRIPTS[script]} -- ${args.join(' ')} names the mistake and the help in one line`, async (t) => {
    const { code, stdout, stderr } = await bench(t, script, args)
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, said)
    assert.match(stderr, /^error: [^\n]+\n$/)
    assert.ok(stderr.endsWith(`; see ${SCRIPTS[script]} -- --help\n`), stderr)
  })

for (const script of Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[])
  test(`${SCRIPTS[script]} -- --help shows the options and examples, and does nothing`, async (t) => {
    const { code, stdout, stderr } = await bench(t, script, ['--help', '--bogus'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /\n {2}--[a-z]+ .*\n\nExamples:\n {2}npm run bench/)
    assert.ok(stdout.includes(`\n  ${SCRIPTS[script]}`), stdout)
  })

function bench(t: Parameters<typeof run>[0], script: keyof typeof SCRIPTS, args: readonly string[]) {
  const command: [string, ...string[]] = [
    process.execPath,
    '--conditions=source',
    join(import.meta.dirname, `../../bench/${script}.ts`),
    ...args,
  ]
  return run(t, command, { cwd: temporaryFolder(t), env: {} })
}

test('a PostgreSQL that refuses the settings of the benchmark is stopped', { timeout: 60_000 }, async (t) => {
  const folder = await projectFolder(t)
  const running = join(folder, '.plinth/postgres/data/postmaster.pid')
  await assert.rejects(startTuned({ folder, settings: { no_such_setting: '1' } }), /no_such_setting/)
  assert.ok(existsSync(join(folder, '.plinth/postgres/data/PG_VERSION')))
  assert.equal(existsSync(running), false)
  const tuned = await startTuned({ folder, settings: { max_connections: '42' } })
  assert.equal(existsSync(running), true)
  await tuned.stop()
})
