/** `createBackend` and `backendPlugin`, as a program uses them. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import fastify from 'fastify'
import {
  backend,
  backendPlugin,
  boolean,
  createBackend,
  DatabaseOutdatedError,
  DesignError,
  EnvironmentError,
  email,
  type Observation,
  password,
  text,
} from 'plinth'
import { testDatabase } from '../support/database.ts'

const design = backend({
  name: 'notes',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: email({ unique: true }), password: password() },
      access: { create: 'true', read: 'id == auth.id', update: 'false', delete: 'false' },
    },
    Note: {
      fields: { title: text({ max: 80 }), open: boolean({ default: true }) },
      access: { create: 'true', read: 'open', update: 'false', delete: 'false' },
    },
  },
})

const keys = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
const production = { keys, publicUrl: 'https://notes.example.com/' }

/** An empty database that is dropped after the test. */
async function emptyDatabase(t: TestContext): Promise<string> {
  const { url, drop } = await testDatabase()
  t.after(drop)
  return url
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-embed-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }))
  return folder
}

test('in development one line gives a backend on an embedded PostgreSQL, which listens and closes', async (t) => {
  const folder = temporaryFolder(t)
  const app = await createBackend(design, { mode: 'development', folder })
  const url = await app.listen({ port: 0 })
  const created = await fetch(`${url}/api/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"title":"Hello"}',
  })
  assert.equal(created.status, 201)
  const listed = (await (await fetch(`${url}/api/notes`)).json()) as { data: unknown[] }
  assert.equal(listed.data.length, 1)
  assert.equal((await fetch(`${url}/health/ready`)).status, 200)
  await app.close()
  await assert.rejects(fetch(`${url}/api/notes`))
  // The next start finds the data, and the same keys.
  const again = await createBackend(design, { mode: 'development', folder })
  assert.equal((await again.inject('/api/notes')).json().data.length, 1)
  await again.close()
})

test('production names every missing option and has no defaults for them', async () => {
  await assert.rejects(createBackend(design), (error) => {
    assert.ok(error instanceof EnvironmentError)
    assert.deepEqual(error.message.split('\n'), [
      'the option databaseUrl is missing',
      'the option publicUrl is missing',
      'the option keys is missing',
    ])
    assert.match(error.hint, /mode: 'development'/)
    return true
  })
  const wrong = createBackend(design, { ...production, databaseUrl: 'postgres://localhost/x', keys: 'c2VjcmV0' })
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof EnvironmentError)
    assert.match(error.message, /the option keys/)
    assert.doesNotMatch(error.message + error.hint, /c2VjcmV0/)
    return true
  })
})

test('a database that is not up to date is refused with the steps; apply brings it up to date', async (t) => {
  const databaseUrl = await emptyDatabase(t)
  await assert.rejects(createBackend(design, { ...production, databaseUrl }), (error) => {
    assert.ok(error instanceof DatabaseOutdatedError)
    assert.match(error.message, /^the database is not up to date: \d+ steps to do\n/)
    assert.match(error.message, /run plinth migrate, or start with migrate: 'apply'$/)
    assert.ok(error.steps.some((step) => /notes/.test(step)))
    assert.deepEqual(error.obstacles, [])
    return true
  })
  const seen: Observation[] = []
  const app = await createBackend(design, { ...production, databaseUrl, migrate: 'apply', observe: (o) => seen.push(o) })
  const posted = await app.inject({ method: 'POST', url: '/api/notes', payload: { title: 'Kept' } })
  assert.deepEqual([posted.statusCode, posted.headers['strict-transport-security'] !== undefined], [201, true])
  await app.close()
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    ['request'],
  )
  const checked = await createBackend(design, { ...production, databaseUrl })
  assert.equal((await checked.inject('/api/notes')).json().data.length, 1)
  await checked.close()
})

test('a migration with hazards is not applied, and the error lists the reasons', async (t) => {
  const databaseUrl = await emptyDatabase(t)
  const first = await createBackend(design, { ...production, databaseUrl, migrate: 'apply' })
  await first.inject({ method: 'POST', url: '/api/notes', payload: { title: 'A long title' } })
  await first.close()
  const { User } = design.entities
  const shorter = {
    ...design,
    entities: { User, Note: { ...design.entities.Note, fields: { ...design.entities.Note.fields, title: text({ max: 3 }) } } },
  }
  await assert.rejects(createBackend(shorter, { ...production, databaseUrl, migrate: 'apply' }), (error) => {
    assert.ok(error instanceof DatabaseOutdatedError)
    assert.equal(error.obstacles.length, 1)
    assert.match(error.message, /in the way: .*title/)
    return true
  })
})

test('a design with errors is refused with every finding, before the database is touched', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'design.yaml')
  writeFileSync(file, 'name: x\nentities:\n  A:\n    fields: { b: { type: txt } }\n    access: { read: c }\n')
  for (const source of [file, folder, pathToFileURL(file)]) {
    await assert.rejects(createBackend(source), (error) => {
      assert.ok(error instanceof DesignError)
      assert.deepEqual(
        error.findings.map(({ at }) => at.line),
        [4, 5],
      )
      assert.match(error.message, /design\.yaml:4:.*\n.*design\.yaml:5:/s)
      return true
    })
  }
})

test('a database that cannot be reached is an EnvironmentError without its password', async () => {
  const databaseUrl = 'postgres://app:hunter2@127.0.0.1:1/notes'
  await assert.rejects(createBackend(design, { ...production, databaseUrl }), (error) => {
    assert.ok(error instanceof EnvironmentError)
    assert.match(error.message, /cannot connect to PostgreSQL at 127\.0\.0\.1:1\/notes/)
    assert.doesNotMatch(error.message + error.hint, /hunter2/)
    return true
  })
})

test('GraphQL documents that are invalid for every caller are refused; only documents of the list are answered', async (t) => {
  const databaseUrl = await emptyDatabase(t)
  const start = (graphqlDocuments: Record<string, string>) =>
    createBackend(design, { ...production, databaseUrl, migrate: 'apply', graphqlDocuments })
  await assert.rejects(start({ wrong: '{ nots { nodes { id } } }' }), /wrong:1:3: .*nots/)
  const app = await start({ titles: '{ notes { nodes { title } } }' })
  const other = await app.inject({ method: 'POST', url: '/graphql', payload: { query: '{ notes { nodes { id } } }' } })
  assert.equal(other.statusCode, 400)
  await app.close()
})

test('hooks and plugins can be added until the app is used', async (t) => {
  const app = await createBackend(design, { ...production, databaseUrl: await emptyDatabase(t), migrate: 'apply' })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', 'https://notes.example.com')
  })
  app.get('/version', async () => ({ version: 7 }))
  assert.equal((await app.inject('/api/notes')).headers['access-control-allow-origin'], 'https://notes.example.com')
  assert.deepEqual((await app.inject('/version')).json(), { version: 7 })
  assert.equal((await app.inject('/nowhere')).json().code, 'route_not_found')
  await app.close()
})

test('closing finishes requests in progress and aborts none', { timeout: 120_000 }, async (t) => {
  const app = await createBackend(design, { ...production, databaseUrl: await emptyDatabase(t), migrate: 'apply' })
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const sending = request({
    host: url.hostname,
    port: url.port,
    path: '/api/notes',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  const status = new Promise((resolve, reject) => sending.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject))
  const arrived = once(app.server, 'request')
  sending.write('{"title":')
  await arrived
  const closed = app.close()
  sending.end('"Late"}')
  assert.equal(await status, 201)
  // It closes before the client ends its idle connection, after a minute.
  await closed
})

test('a backend in another app answers its paths; the host answers all others as before', async (t) => {
  const host = fastify()
  host.addHook('onRequest', async (_request, reply) => {
    reply.header('x-host', 'yes')
  })
  host.post('/orders', async (request) => ({ received: request.body }))
  host.get('/api/custom', async () => ({ custom: true }))
  host.get('/', async () => 'the host')
  const options = { ...production, databaseUrl: await emptyDatabase(t), migrate: 'apply' } as const
  await host.register(backendPlugin, { design, ...options })

  const posted = await host.inject({ method: 'POST', url: '/api/notes', payload: { title: 'Within' } })
  assert.deepEqual([posted.statusCode, posted.json().title, posted.headers['x-host']], [201, 'Within', 'yes'])
  assert.equal((await host.inject('/api/notes')).json().data[0].title, 'Within')
  const query = { query: '{ notes { nodes { title } } }' }
  assert.deepEqual((await host.inject({ method: 'POST', url: '/graphql', payload: query })).json().data.notes.nodes, [{ title: 'Within' }])
  const broken = await host.inject({ method: 'POST', url: '/api/notes', payload: '{', headers: { 'content-type': 'application/json' } })
  assert.deepEqual([broken.statusCode, broken.json().code], [400, 'malformed_request'])
  assert.equal((await host.inject({ method: 'DELETE', url: '/api/notes' })).statusCode, 405)

  assert.deepEqual((await host.inject({ method: 'POST', url: '/orders', payload: { a: 1 } })).json(), { received: { a: 1 } })
  assert.deepEqual((await host.inject('/api/custom')).json(), { custom: true })
  assert.equal((await host.inject('/')).body, 'the host')
  assert.equal((await host.inject('/nowhere')).json().message, 'Route GET:/nowhere not found')

  const url = await host.listen({ port: 0, host: '127.0.0.1' })
  const sent = await fetch(`${url}/api/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"title":"Sent"}',
  })
  assert.equal(sent.status, 201)
  await host.close()
})

test('a plugin with a prefix is refused with a message', async () => {
  const host = fastify()
  await assert.rejects(async () => host.register(backendPlugin, { design, prefix: '/shop' }), /takes no prefix/)
  await host.close()
})

test('importing the package, as every design does, loads no server', async () => {
  const script = `import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await import('plinth')
    console.log(JSON.stringify(loaded))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '-e', script])
  const loaded: readonly string[] = JSON.parse(stdout)
  assert.ok(loaded.length > 3)
  assert.deepEqual(
    loaded.filter((url) => /node_modules|\/src\/(server|postgres|services)\//.test(url)),
    [],
  )
})
