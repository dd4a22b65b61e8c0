import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, PLINTH, run, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { processorWait } from '../support/processor-wait.ts'
import { beginHere, runHere } from './command-here.ts'

const DESIGN = `name: notes
entities:
  User:
    identity: { login: email, password: password, role: role }
    fields:
      email: { type: email, unique: true }
      password: { type: password }
      role: { type: choice, values: [user, admin], default: user, write: auth.role == "admin" }
    access: { create: 'true', read: 'true', update: auth.role == "admin" }
  Note:
    fields:
      title: { type: text }
    access: { read: 'true', create: 'true' }
`

const ADA = { email: 'ada@example.com', password: 'Lantern-Otter-42-Field' }

/** A folder with a design, a database for it, and a free port. Commands run in this process, unless a test needs one of their own. */
async function project(t: TestContext) {
  const folder = temporaryFolder(t)
  const file = join(folder, 'design.yaml')
  writeFileSync(file, DESIGN)
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const url = `http://localhost:${port}`
  const env = { DATABASE_URL: database.url, PORT: String(port) }
  return {
    folder,
    url,
    env,
    plinth: (args: readonly [string, ...string[]], more: Record<string, string> = {}) =>
      runHere(t, args, { cwd: folder, env: { ...env, ...more } }),
    up: async () => {
      const server = beginHere(t, ['up'], { cwd: folder, env })
      await server.until(/is running at/)
      return server
    },
    /** Saves like editors: renames a new file over the old one. */
    save: (change: (design: string) => string) => {
      writeFileSync(`${file}.new`, change(readFileSync(file, 'utf8')))
      renameSync(`${file}.new`, file)
    },
  }
}

function production(env: Record<string, string>, url: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { ...env, HOST: '127.0.0.1', PUBLIC_URL: url, AUTH_KEYS: privateKey, NODE_ENV: 'production' }
}

function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
}

describe('up', { concurrency: 2 }, () => {
  test('the first screen shows the address, and commands that work; a saved change takes effect within a second, on the same connection; SIGINT stops it', {
    timeout: 60_000,
  }, async (t) => {
    const { folder, env, url, save } = await project(t)
    const server = start(t, [...PLINTH, 'up'], { cwd: folder, env: { ...env, PLINTH_LOG_LEVEL: 'info' } })
    await server.until(/is running at/)
    const screen = server.output()
    assert.match(screen, new RegExp(`notes is running at ${url} `))
    assert.match(screen, /PLINTH_LOG_LEVEL is not a setting and has no effect/)
    const steps = [...screen.matchAll(/^ {2}(curl .*)$/gm)].map(([, line = '']) => line)
    assert.equal(steps.length, 3)
    for (const line of steps) {
      const { stdout } = await run(t, ['bash', '-c', `${line} --silent --fail-with-body -o /dev/null -w '%{http_code}'`])
      assert.match(stdout, /^20[01]$/, line)
    }

    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    const before = await status(`${url}/api/comments`, agent)
    save((design) => `${design}  Comment:\n    fields:\n      text: { type: text }\n    access: { read: 'true' }\n`)
    const waited = processorWait(server.process.pid)
    const saved = performance.now()
    let after = before
    while (after.status !== 200 && performance.now() - saved < 30_000) {
      await wait(10)
      after = await status(`${url}/api/comments`, agent)
    }
    const ms = performance.now() - saved
    assert.deepEqual([before.status, after.status], [404, 200])
    assert.equal(after.port, before.port, 'the same connection')
    t.diagnostic(`live after ${Math.round(ms)} ms`)
    assert.ok(ms < (process.env.CI === 'true' ? 3_000 : 1_500) + waited(), `${ms} ms`)
    await server.until(/reloaded design\.yaml in .*database: \d+ steps? applied/)

    server.process.kill('SIGINT')
    assert.equal((await server.ended).code, 0)
    await assert.rejects(fetch(url))
  })

  test('code that is not written yet is named, until it is there', { timeout: 60_000 }, async (t) => {
    const { save, folder, env } = await project(t)
    // A design with code has a process of its own where the watchdog is on.
    const place = { cwd: folder, env: { ...env, WATCHDOG_SECONDS: 'off' } }
    save(
      (design) => `${design}    hooks: { beforeCreate: hooks.mjs#check }
on:
  Note.created: [{ run: react.mjs, as: system }]
jobs:
  report: { as: system, run: report.mjs }
schedules:
  nightly: { cron: '0 3 * * *', as: system, run: nightly.mjs }
actions:
  act: { allow: 'true', run: act.mjs }
`,
    )
    const server = beginHere(t, ['up'], place)
    const screen = await server.until(/is running at/)
    assert.match(screen, /\nNot written yet:\n/)
    for (const what of [
      'write act.mjs, which answers 501 until then',
      'write hooks.mjs#check, the hook Note.beforeCreate',
      'write react.mjs, a reaction to Note.created',
      'write report.mjs, the job report',
      'write nightly.mjs, the schedule nightly',
    ])
      assert.ok(screen.includes(`\n  ${what}`), what)
    for (const name of ['act', 'react', 'report', 'nightly']) writeFileSync(join(folder, `${name}.mjs`), 'export default () => {}\n')
    writeFileSync(join(folder, 'hooks.mjs'), 'export const check = () => {}\n')
    await server.until(/reloaded design\.yaml[^\n]*\n(?!\s*Not written yet)/)
  })

  test('a saved mistake is reported, and the previous version keeps running', { timeout: 60_000 }, async (t) => {
    const { up, url, save } = await project(t)
    const server = await up()
    save((design) => design.replace('type: text', 'type: txt'))
    const output = await server.until(/not reloaded/)
    assert.match(output, /design\.yaml:\d+:\d+ error PLN-D\d+ entities\.Note\.fields\.title/)
    assert.equal((await fetch(`${url}/api/notes`)).status, 200)
    save((design) => design.replace('type: txt', 'type: text'))
    await server.until(/reloaded design\.yaml/)
  })

  test('saving a file that is not part of the design reloads nothing', { timeout: 60_000 }, async (t) => {
    const { up, folder, save } = await project(t)
    const server = await up()
    writeFileSync(join(folder, 'answer.json'), '{}')
    await wait(500)
    save((design) => design.replace('type: text', 'type: text, max: 100'))
    const output = await server.until(/reloaded design\.yaml/)
    assert.equal(output.match(/reloaded/g)?.length, 1, output)
    save((design) => `${design}\n`)
    await server.until(/(reloaded.*){2}/s)
  })

  test('a change that would delete data keeps the data, and the message says how to drop them', { timeout: 60_000 }, async (t) => {
    const { up, url, plinth, save } = await project(t)
    const server = await up()
    assert.equal((await post(`${url}/api/notes`, { title: 'kept' })).status, 201)
    save((design) => design.slice(0, design.indexOf('  Note:')))
    await server.until(/stays: the table notes.*reloaded/s)
    assert.equal((await fetch(`${url}/api/notes`)).status, 404)
    const dry = await plinth(['migrate', '--dry-run'])
    assert.match(dry.stdout, /stays: .*notes.*plinth migrate --allow deletes-data/)
    const dropped = await plinth(['migrate', '--allow', 'deletes-data'])
    assert.equal(dropped.code, 0, dropped.stderr)
    assert.match(dropped.stdout, /^\d steps? applied in/)
    assert.equal((await plinth(['migrate'])).stdout, 'the database is up to date\n')
  })

  test('a change that existing rows violate is refused with the rows and a hint', { timeout: 60_000 }, async (t) => {
    const { up, url, plinth, save } = await project(t)
    const server = await up()
    assert.equal((await post(`${url}/api/notes`, { title: 'not a number' })).status, 201)
    save((design) => design.replace('type: text', 'type: integer'))
    const output = await server.until(/not reloaded.*the database was not changed/s)
    assert.match(output, /(would fail|refused): .*title/)
    for (const [args, expected] of [
      [['migrate'], 'refused'],
      [['migrate', '--dry-run'], 'planned'],
    ] as const) {
      const { kind, error } = JSON.parse((await plinth([...args, '--json'])).stdout)
      assert.deepEqual([kind, error.exit], [expected, 1])
      assert.match(error.message, /title/)
      assert.ok(error.hint.length > 10, error.hint)
    }
    assert.equal((await (await fetch(`${url}/api/notes`)).text()).includes('not a number'), true)
  })

  test('the error for a port in use comes at once and shows how to choose another', { timeout: 60_000 }, async (t) => {
    const { plinth, env } = await project(t)
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(Number(env.PORT), '127.0.0.1', resolve))
    t.after(() => other.close())
    const { code, stderr } = await plinth(['up'])
    assert.equal(code, 3)
    assert.match(stderr, new RegExp(`port ${env.PORT} is in use.*PORT=\\d+`, 's'))
  })

  test('the error for an unreachable database names it without its password: exit code 3', { timeout: 60_000 }, async (t) => {
    const { plinth } = await project(t)
    const { code, stdout, stderr } = await plinth(['up'], { DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/app', PORT: '0' })
    assert.equal(code, 3)
    assert.match(stderr, /cannot connect to PostgreSQL at 127\.0\.0\.1:1\/app/)
    assert.doesNotMatch(stdout + stderr, /hunter2/)
  })

  test('a design with errors does not start and shows every finding: exit code 1', { timeout: 60_000 }, async (t) => {
    const { plinth, save } = await project(t)
    save((design) => design.replace('type: text', 'type: txt').replace('type: email', 'type: mail'))
    const { code, stdout } = await plinth(['up'])
    assert.equal(code, 1)
    assert.match(stdout, /design\.yaml has 2 errors/)
  })

  test('up does not start with NODE_ENV=production', { timeout: 60_000 }, async (t) => {
    const { plinth } = await project(t)
    const { code, stderr } = await plinth(['up'], { NODE_ENV: 'production' })
    assert.equal(code, 3)
    assert.match(stderr, /plinth serve/)
  })

  test('GRAPHQL_DOCUMENTS allows only the documents of the list; a missing list and invalid documents are reported', {
    timeout: 60_000,
  }, async (t) => {
    const { folder, env, url, save, plinth } = await project(t)
    writeFileSync(join(folder, 'documents.json'), '{ "titles": "{ notes { nodes { title } } }" }')
    const missing = await plinth(['up'], { GRAPHQL_DOCUMENTS: 'nowhere.json' })
    assert.equal(missing.code, 3)
    assert.match(missing.stderr, /GRAPHQL_DOCUMENTS: nowhere\.json does not exist/)
    writeFileSync(join(folder, 'broken.json'), '{ "titles": "{ notes { nodes { titel } } }", "open": "{ notes {" }')
    const broken = await plinth(['up'], { GRAPHQL_DOCUMENTS: 'broken.json' })
    assert.equal(broken.code, 3)
    assert.match(broken.stderr, /broken\.json, "titles":1:19: Cannot query field "titel" on type "Note"/)
    assert.match(broken.stderr, /broken\.json, "open":1:10: Syntax Error/)
    const server = beginHere(t, ['up'], { cwd: folder, env: { ...env, GRAPHQL_DOCUMENTS: 'documents.json' } })
    await server.until(/is running at/)
    const ask = async (body: object) => {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return JSON.parse(await answer.text())
    }
    assert.deepEqual(await ask({ documentId: 'titles' }), { data: { notes: { nodes: [] } } })
    assert.equal((await ask({ query: '{ notes { nodes { id } } }' })).errors[0].extensions.code, 'unknown_document')
    // A change that makes a document of the list invalid does not take effect.
    save((design) => design.replace('title: { type: text }', 'heading: { type: text, was: title }'))
    await server.until(/documents\.json, "titles":1:19: Cannot query field "title" on type "Note"/)
    assert.deepEqual(await ask({ documentId: 'titles' }), { data: { notes: { nodes: [] } } })
  })

  test('without DATABASE_URL the data are in .plinth, and the next start finds them; a signal to npm start stops the server too; with --json every line is JSON', {
    timeout: 120_000,
  }, async (t) => {
    const { folder, env, url } = await project(t)
    const embedded = { cwd: folder, env: { PORT: env.PORT } }
    const titles = async () => (await json(await fetch(`${url}/api/notes`))).data.map((note: { title: string }) => note.title)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start: `${PLINTH.join(' ')} up` } }))
    const npm = start(t, ['npm', 'start'], embedded)
    await npm.until(/is running at/)
    assert.deepEqual(await titles(), [])
    assert.equal((await post(`${url}/api/notes`, { title: 'kept' })).status, 201)
    npm.process.kill('SIGTERM')
    await npm.until(/stopping/)
    await npm.ended
    await assert.rejects(fetch(url))

    const again = start(t, [...PLINTH, 'up', '--json'], embedded)
    await again.until(/"kind":"listening"/)
    assert.deepEqual(await titles(), ['kept'])
    again.process.kill('SIGTERM')
    const { code, stdout } = await again.ended
    assert.equal(code, 0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(events.find((event) => event.kind === 'listening').url, url)
    assert.deepEqual(events.at(-1), { stopped: true })
  })
})

describe('grant', () => {
  test('grant makes an account that has registered an administrator', { timeout: 60_000 }, async (t) => {
    const { up, plinth, url } = await project(t)
    await up()
    const { user } = await json(await post(`${url}/api/auth/register`, ADA))
    const rename = async () => {
      const { token } = await json(await post(`${url}/api/auth/login`, ADA))
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      return (await fetch(`${url}/api/users/${user.id}`, { method: 'PATCH', headers, body: '{"role":"user"}' })).status
    }
    assert.equal(await rename(), 403)
    const granted = await plinth(['grant', 'Ada@Example.com', 'admin'])
    assert.deepEqual([granted.code, granted.stdout], [0, 'Ada@Example.com now has the role admin\n'], granted.stderr)
    assert.equal(await rename(), 200)
  })

  test('grant refuses unknown accounts and roles that the design does not have', { timeout: 60_000 }, async (t) => {
    const { plinth } = await project(t)
    assert.equal((await plinth(['migrate'])).code, 0)
    const stranger = await plinth(['grant', 'eve@example.com', 'admin'])
    assert.equal(stranger.code, 1)
    assert.match(stranger.stdout, /register first/)
    assert.match(stranger.stdout, /or add --create/)
    assert.deepEqual(JSON.parse((await plinth(['grant', 'eve@example.com', 'admin', '--json'])).stdout), {
      granted: false,
      login: 'eve@example.com',
      role: 'admin',
      error: {
        message: 'there is no User with email eve@example.com',
        hint: 'register first: POST /api/auth/register, or add --create',
        exit: 1,
      },
    })
    const king = await plinth(['grant', 'ada@example.com', 'king'])
    assert.equal(king.code, 2)
    assert.match(king.stderr, /the roles are user, admin/)
  })
})

describe('grant --create', () => {
  test('it makes the first account, where only accounts may create accounts', { timeout: 60_000 }, async (t) => {
    const { up, plinth, url, save } = await project(t)
    save((design) => design.replace(/(User:[\s\S]*?)create: ['"]true['"]/, '$1create: \'auth.role == "admin"\''))
    assert.match((await plinth(['plan', '--quick'])).stdout, /note PLN-D416 .*plinth grant --create you@example\.com admin/)
    await up()
    assert.equal((await post(`${url}/api/auth/register`, ADA)).status, 401)
    const made = await plinth(['grant', '--create', 'Ada@Example.com', 'admin'])
    const password = /not shown again: (\S{15,})\n/.exec(made.stdout)?.[1] ?? ''
    assert.deepEqual([made.code, password === ''], [0, false], made.stderr)
    const login = await post(`${url}/api/auth/login`, { email: 'ada@example.com', password })
    assert.equal(login.status, 200)
    const { token } = await json(login)
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const body = JSON.stringify({ ...ADA, email: 'bob@example.com' })
    assert.equal((await fetch(`${url}/api/users`, { method: 'POST', headers, body })).status, 201)
    const again = await plinth(['grant', '--create', 'ada@example.com', 'admin'])
    assert.deepEqual([again.code, /leave out --create/.test(again.stdout)], [1, true])
    const wrong = await plinth(['grant', '--create', 'eve@example.com', 'admin', '--set', 'nothing=1'])
    assert.deepEqual([wrong.code, /sets no field of User/.test(wrong.stderr)], [2, true])
  })

  test('it says that the database has no tables yet, and that a row is not there', { timeout: 60_000 }, async (t) => {
    const { plinth, save } = await project(t)
    save((design) => design.replace('password: { type', 'boss: { type: ref, entity: User, optional: true }\n      password: { type'))
    const grantTo = async (...args: readonly string[]) => plinth(['grant', 'ada@example.com', 'admin', ...args])
    for (const args of [['--create'], []]) {
      const early = await grantTo(...args)
      assert.equal(early.code, 3, early.stderr)
      assert.match(early.stderr, /the database does not have the tables of this design yet\n.*plinth migrate/)
    }
    assert.equal((await plinth(['migrate'])).code, 0)
    const orphan = await grantTo('--create', '--set', 'boss=01900000-0000-7000-8000-00000000ffff')
    assert.deepEqual([orphan.code, /boss: there is no User with this id\n/.test(orphan.stderr)], [2, true], orphan.stderr)
  })
})

describe('migrate', () => {
  test('migrate --dry-run prints the SQL and changes nothing; migrate does it once', { timeout: 60_000 }, async (t) => {
    const { plinth } = await project(t)
    for (let i = 0; i < 2; i++) {
      const dry = await plinth(['migrate', '--dry-run'])
      assert.equal(dry.code, 0, dry.stderr)
      assert.match(dry.stdout, /create table "public"\."notes"/)
    }
    assert.match((await plinth(['migrate'])).stdout, /^\d+ steps applied in /)
    assert.equal((await plinth(['migrate'])).stdout, 'the database is up to date\n')
    const dry = JSON.parse((await plinth(['migrate', '--dry-run', '--json'])).stdout)
    assert.equal(dry.kind, 'current')
  })
})

describe('serve', { concurrency: 2 }, () => {
  test('serve names every missing setting, without values: exit code 3', { timeout: 60_000 }, async (t) => {
    const { folder } = await project(t)
    const { code, stderr } = await runHere(t, ['serve'], { cwd: folder })
    assert.equal(code, 3)
    for (const name of ['DATABASE_URL', 'PUBLIC_URL', 'AUTH_KEYS']) assert.match(stderr, new RegExp(`${name} is not set`))
  })

  test('serve refuses a database that is not up to date, and migrates it with --migrate; SIGTERM: readiness fails, requests are answered, exit code 0 within 30 s', {
    timeout: 90_000,
  }, async (t) => {
    const { folder, env, url } = await project(t)
    const options = { cwd: folder, env: production(env, url) }
    const refused = await runHere(t, ['serve'], options)
    assert.equal(refused.code, 1)
    assert.match(refused.stdout, /not up to date: \d+ steps to do\nrun plinth migrate/)
    const { kind, error } = JSON.parse((await runHere(t, ['serve', '--json'], options)).stdout)
    assert.deepEqual([kind, error.exit], ['planned', 1])
    assert.match(`${error.message}; ${error.hint}`, /^the database is not up to date: \d+ steps to do; run plinth migrate/)
    const server = start(t, [...PLINTH, 'serve', '--migrate'], options)
    await server.until(/"listening"/)
    assert.equal((await fetch(`${url}/health/ready`)).status, 200)
    assert.equal((await fetch(`${url}/docs`)).status, 404, 'pages are for development')
    for (const line of (await server.until(/"listening"/)).trim().split('\n')) assert.ok(JSON.parse(line).level, line)

    // A load balancer has asked before; without one, the server would stop at once.
    const began = performance.now()
    server.process.kill('SIGTERM')
    await server.until(/draining/)
    assert.equal((await fetch(`${url}/health/ready`)).status, 503)
    assert.equal((await fetch(`${url}/api/notes`)).status, 200, 'served until the load balancer has turned away')
    const { code } = await server.ended
    assert.equal(code, 0)
    assert.ok(performance.now() - began < 30_000)
  })

  test('serve waits for an unreachable database: alive, not ready', { timeout: 60_000 }, async (t) => {
    const { folder, env, url } = await project(t)
    const server = start(t, [...PLINTH, 'serve'], {
      cwd: folder,
      env: { ...production(env, url), DATABASE_URL: 'postgres://app@127.0.0.1:1/app', RATE_LIMIT_REQUEST: '10' },
    })
    await server.until(/RATE_LIMIT_REQUEST is not a setting and has no effect; did you mean RATE_LIMIT_REQUESTS\?/)
    await server.until(/cannot connect/)
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
    assert.equal((await fetch(`${url}/health/ready`)).status, 503)
    server.process.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
  })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
async function json(response: Response): Promise<any> {
  return response.json()
}

/** The status of an answer, and the local port of the connection that it came over. */
function status(url: string, agent: Agent): Promise<{ readonly status: number; readonly port: number | undefined }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      const port = request.socket?.localPort
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, port }))
    })
    request.on('error', reject)
  })
}
