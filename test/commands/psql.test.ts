/** `plinth psql` and `plinth reset`: the examples of the reference, run as a user types them, on the embedded database of a project. */

import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { COMMANDS } from '../../src/commands/catalogue.ts'
import { runSqlPrompt } from '../../src/commands/terminal/sql-prompt.ts'
import { freePort, outsidePath, PLINTH, run, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields: { title: { type: text } }
    access: { read: 'true', create: 'true' }
`

const hasPsql = outsidePath()
  .split(':')
  .some((folder) => folder !== '' && process.getBuiltinModule('node:fs').existsSync(join(folder, 'psql')))

/** A project, and a shell in its folder with the command `plinth`. With `alone` the shell has no psql. */
function project(t: TestContext) {
  const cwd = temporaryFolder(t)
  writeFileSync(join(cwd, 'design.yaml'), DESIGN)
  const bin = temporaryFolder(t)
  writeFileSync(join(bin, 'plinth'), `#!/bin/sh\nexec ${PLINTH.map((word) => `'${word}'`).join(' ')} "$@"\n`)
  chmodSync(join(bin, 'plinth'), 0o755)
  const environment = (path: 'alone' | 'with-others') => ({ PATH: path === 'alone' ? bin : `${bin}:${outsidePath()}` })
  return {
    cwd,
    shell: (line: string, path: 'alone' | 'with-others' = 'with-others') =>
      run(t, ['/bin/sh', '-c', line], { cwd, env: environment(path) }),
    up: async () => {
      const port = await freePort()
      const server = start(t, [...PLINTH, 'up'], { cwd, env: { PORT: String(port) } })
      await server.until(/is running at/)
      return { server, notes: `http://localhost:${port}/api/notes` }
    },
  }
}

const examplesOf = (name: string) => COMMANDS.find((command) => command.name === name)?.examples.map(({ line }) => line) ?? []

test('psql and reset on the database of a project that is served', { timeout: 240_000 }, async (t) => {
  const { cwd, shell, up } = project(t)
  const [asking = '', yes = ''] = examplesOf('reset')
  assert.match((await shell(yes)).stdout, /there is no embedded database yet/)
  const { server, notes } = await up()
  const create = () => fetch(notes, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"title":"a"}' })
  const titles = async () => ((await (await fetch(notes)).json()) as { data: { title: string }[] }).data.map(({ title }) => title)
  assert.equal((await create()).status, 201)

  await t.test('the examples of the reference work, with psql and without', async () => {
    const [plain, piped = '', url = ''] = examplesOf('psql')
    const own = await shell(`echo "select title from notes; select 1 as one where false" | ${plain}`, 'alone')
    assert.equal(own.code, 0, own.stderr)
    assert.match(own.stdout, /^title\n-----\na\n\(1 row\)\none\n---\n\(0 rows\)\n/)
    if (hasPsql) {
      const real = await shell(`echo "select title from notes" | ${plain}`)
      assert.equal(real.code, 0, real.stderr)
      assert.match(real.stdout, /^ title \n-------\n a\n\(1 row\)\n/)
    } else t.diagnostic('no psql on the path: only the prompt of Plinth is tested')

    const counted = await shell(piped)
    assert.deepEqual([counted.code, counted.stdout.trim()], [0, 'count\n-----\n1\n(1 row)'], counted.stderr)

    const printed = await shell(url)
    assert.equal(printed.code, 0)
    const client = new pg.Client({ connectionString: printed.stdout.trim() })
    await client.connect()
    assert.deepEqual((await client.query('select title from notes')).rows, [{ title: 'a' }])
    await client.end()
  })

  await t.test('a statement that fails ends a pipe with exit code 1, and the rest is not run', async () => {
    const { code, stdout } = await shell(
      "printf 'create table theirs (b integer);\\nselect nothing;\\ndrop table theirs;' | plinth psql --prompt",
    )
    assert.equal(code, 1)
    assert.match(stdout, /CREATE\nerror: column "nothing" does not exist/)
    const after = await shell("echo '\\\\d theirs' | plinth psql --prompt")
    assert.match(after.stdout, /^column \| type {4}\| nullable \| default\n.*\nb {6}\| integer \| YES/)
  })

  await t.test('reset asks first: without a terminal nothing is deleted, with --yes everything is, even while a backend runs', async () => {
    const refused = await shell(asking)
    assert.deepEqual([refused.code, refused.stdout], [2, ''])
    assert.match(refused.stderr, /nothing was deleted\n.*plinth reset --yes/)
    assert.deepEqual(await titles(), ['a'])

    const done = await shell(yes)
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stdout, /^deleted 2 tables with their rows/)
    assert.deepEqual(await titles(), [])
    assert.equal((await create()).status, 201)
    assert.doesNotMatch((await shell("echo '\\\\dt' | plinth psql --prompt")).stdout, /theirs/)
  })

  await t.test('psql works without a server, and for a design with findings; without a design it is wrong usage', async () => {
    server.process.kill('SIGTERM')
    await server.ended
    writeFileSync(join(cwd, 'design.yaml'), 'name: x\nentities: { Post: { fields: { title: { type: txt } } } }\n')
    assert.match((await shell('echo "select 1 as one" | plinth psql --prompt')).stdout, /^one\n---\n1/)
    assert.equal((await shell('plinth psql nowhere.yaml')).code, 2)
  })
})

test('a statement may have several lines, an error does not end the prompt, and \\q ends it', async (t) => {
  const database = await testDatabase()
  t.after(() => database.drop())
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const [input, output] = [Object.assign(new PassThrough(), { isTTY: true }), Object.assign(new PassThrough(), { isTTY: true })]
  const shown = text(output)
  const end = runSqlPrompt({ input, output }, async (statement) => {
    const { fields, rows, command } = await client.query({ text: statement, rowMode: 'array' })
    return { columns: fields.map(({ name }) => name), rows: rows.map((row: unknown[]) => row.map(String)), done: command }
  })
  for (const line of [
    "select 'a;",
    "b'\n",
    '  as both;\n',
    'select nothing;\n',
    'create table kept (id integer);\n',
    '\\dt\n',
    '\\?\n',
    '\\q\n',
  ]) {
    input.write(line)
    await sleep(20)
  }
  assert.deepEqual(await end, { kind: 'left' })
  await client.end()
  output.end()
  const text_ = await shown
  for (const part of ['plinth-> ', 'a;b', 'error: column "nothing" does not exist', 'public | kept', '\\q leaves'])
    assert.ok(text_.includes(part), part)
})

test('reset does not change the database of DATABASE_URL', async (t) => {
  const { shell } = project(t)
  const { code, stderr } = await shell('DATABASE_URL=postgres://localhost/shop plinth reset --yes')
  assert.equal(code, 2)
  assert.match(stderr, /DATABASE_URL is set, and reset deletes embedded databases alone/)
})
