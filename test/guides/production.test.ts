/** docs/guide/production.md: its commands run in the order of the page, and those that take minutes are commands that exist. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'libpg-query'
import { COMMANDS } from '../../src/commands/catalogue.ts'
import { freePort, PLINTH, ROOT, run, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const PAGE = readFileSync(join(ROOT, 'docs/guide/production.md'), 'utf8')
const PLAIN = [process.execPath, '--conditions=source'].join(' ')
/** What a shell finds: `npx plinth` runs the sources, and `npm test` what package.json says. */
const PROGRAMS = `npx() { shift; exec_plinth "$@"; }
exec_plinth() { ${PLINTH.join(' ')} "$@"; }
npm() { test "$1" = test && ${PLAIN} --test --test-reporter=tap; }`

/** The code of the blocks of a kind, one after the other. */
function blocks(kind: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code)
}

function inShell(t: TestContext, cwd: string, commands: string, env: Readonly<Record<string, string>> = {}) {
  return run(t, ['bash', '-euc', `${PROGRAMS}\n${commands}`], { cwd, env })
}

test('every command of the page has options that exist', () => {
  const lines = [...PAGE.matchAll(/^npx plinth (.*)$/gm), ...PAGE.matchAll(/`npx plinth ([^`]*)`/g)].map(([, line = '']) => line)
  assert.ok(lines.length > 8)
  for (const line of lines) {
    const [name, ...words] = line.split(/\s+/)
    const command = COMMANDS.find((one) => one.name === name) ?? assert.fail(`no command ${name}`)
    for (const word of words.filter((one) => one.startsWith('--')))
      assert.ok(
        command.options.some((option) => `--${option.name}` === word),
        line,
      )
  }
})

test('the commands of the page make a project, change it, migrate a database, serve, and make an account', async (t) => {
  const folder = temporaryFolder(t)
  const [make, check, ...more] = blocks('sh run')
  const [migrate] = blocks('sh run owner')
  const [serve] = blocks('sh run serve')
  assert.ok(make !== undefined && check !== undefined && migrate !== undefined && serve !== undefined)
  await parse(blocks('sql superuser').join(''))
  const made = await inShell(t, folder, make)
  assert.equal(made.code, 0, made.stderr)

  const shop = join(folder, 'shop')
  mkdirSync(join(shop, 'node_modules'))
  symlinkSync(ROOT, join(shop, 'node_modules/plinth'))
  const [design, tests] = ['design.ts', 'design.test.ts'].map((name) => readFileSync(join(shop, name), 'utf8'))
  writeFileSync(
    join(shop, 'design.ts'),
    (design ?? '').replace(/^.*\bsku: .*\n/m, (line) => `${line}${blocks('ts field').join('')}`),
  )
  writeFileSync(join(shop, 'design.test.ts'), `${tests}\n${blocks('ts test').join('')}`)
  const checked = await inShell(t, shop, check)
  assert.equal(checked.code, 0, checked.stdout + checked.stderr)
  assert.match(checked.stdout, /^# pass 3$/m)

  const database = await testDatabase()
  t.after(database.drop)
  const port = await freePort()
  const inTest = (commands: string): string => commands.replaceAll(/^(export DATABASE_URL=).*$/gm, `$1'${database.url}'`)
  const migrated = await inShell(t, shop, inTest(migrate))
  assert.equal(migrated.code, 0, migrated.stderr)
  const server = start(t, ['bash', '-euc', `${PROGRAMS.replace('exec_plinth() { ', 'exec_plinth() { exec ')}\n${inTest(serve)}`], {
    ...{ cwd: shop, env: { PORT: String(port), HOST: '127.0.0.1' } },
  })
  while (!(await isReady(port))) {
    assert.equal(server.process.exitCode, null, server.output())
    await wait(100)
  }
  for (const commands of more) {
    const ended = await inShell(t, shop, commands, { DATABASE_URL: database.url })
    assert.equal(ended.code, 0, ended.stderr)
  }
  const users = JSON.parse(await fetch(`http://127.0.0.1:${port}/api/users`).then((answer) => answer.text()))
  assert.deepEqual(
    users.data.map(({ name, role }: { name: string; role: string }) => [name, role]),
    [['Ada', 'staff']],
  )
  server.process.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)
})

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}
