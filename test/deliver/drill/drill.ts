/**
 * An operator's drill with nothing but the delivered folder: `npm run test:drill`. It installs, migrates, starts, kills, upgrades, rolls
 * back and restores the blog as the page of operations says, and follows its runbook for three alerts that fire in Prometheus.
 *
 * A hand-over of the blog can be named after `--`. Needs PostgreSQL 15 or newer with `pg_dump` (POSTGRES_BIN), and Prometheus
 * (PROMETHEUS).
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort, PLINTH, ROOT } from '../../support/command-line.ts'
import { startSmtp } from '../../support/smtp.ts'
import { ends, environmentOf, type Running, startAsImage, startDatabase, startPrometheus, until } from './place.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-drill-'))
chmodSync(folder, 0o755)
const began = performance.now()

try {
  await drill()
} finally {
  for (const end of ends.reverse()) await end()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
}

async function drill(): Promise<void> {
  const code = delivered()
  const database = await startDatabase(folder)
  // 1. Install, and make the roles as deploy/database/roles.sql says.
  npm(code, ['ci', '--no-audit', '--no-fund', '--prefer-offline'])
  database.psql('create role blog_owner login; create role blog login', 'postgres')
  database.psql('create database blog owner blog_owner', 'postgres')
  say('installed')
  const refuse = { mails: true }
  const smtp = await startSmtp({ after: (end: () => unknown) => void ends.push(async () => void (await end())) } as never, {
    onRcptTo: (_address, _session, done) => done(refuse.mails ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
  })
  const [port, metricsPort] = [await freePort(), await freePort()]
  const settings = {
    NODE_ENV: 'production',
    DATABASE_URL: database.urlOf('blog', 'blog'),
    PUBLIC_URL: 'https://blog.example.com',
    AUTH_KEYS: String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })),
    SMTP_URL: smtp.url,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
  }
  const owner = { ...settings, DATABASE_URL: database.urlOf('blog_owner', 'blog') }
  // 2. Migrate, and start as the image does.
  npm(code, ['run', 'migrate'], owner)
  database.psql(rolesOf(code), 'blog')
  const before = filesOf(code)
  let server = await started(code, settings)
  say('migrated and started, as an account that may write nothing')
  const firing = await startPrometheus(folder, join(code, 'node_modules/plinth/templates/monitoring/alerts.yml'), metricsPort)
  const ada = await register(server.url)
  const post = await write(server.url, ada)

  // Alert 1: a reaction gave up, because the server refused the mail.
  await alert('PlinthReactionGaveUp', firing)
  const seen = plinth(code, ['events'], settings)
  assert.match(seen, /no such user/)
  const [reaction] = /User email welcome/.exec(seen) ?? assert.fail(seen)
  refuse.mails = false
  plinth(code, ['events', 'retry', '--reaction', reaction], settings)
  await smtp.received(1)
  await calm('PlinthReactionGaveUp', firing)

  // 3. Kill: what was answered is there after a new start. Alert 2 fires meanwhile.
  server.process.kill('SIGKILL')
  await server.ended
  await alert('PlinthInstanceDown', firing)
  const { AUTH_KEYS: _, ...missing } = settings
  const refused = startAsImage(code, ['serve'], missing)
  assert.equal(await refused.ended, 3)
  assert.match(refused.log(), /AUTH_KEYS/)
  server = await started(code, settings)
  assert.equal((await ask(server.url, `/api/posts/${post}`, ada)).status, 200)
  await calm('PlinthInstanceDown', firing)

  // Alert 3: the database is down. The process need not be started again.
  database.stop()
  await alert('PlinthDatabaseUnreadable', firing)
  assert.equal((await ask(server.url, '/health/ready')).status, 503)
  assert.equal((await ask(server.url, '/api/posts', ada)).status, 503)
  database.start()
  await until('readiness', 60_000, async () => (await ask(server.url, '/health/ready')).status === 200)
  await calm('PlinthDatabaseUnreadable', firing)

  // 4. Upgrade and roll back: the version before serves the migrated database.
  const next = join(folder, 'next')
  cpSync(code, next, { recursive: true, verbatimSymlinks: true })
  const design = join(next, 'design.ts')
  writeFileSync(
    design,
    readFileSync(design, 'utf8').replace('tags: list(', 'subtitle: text({ max: 200, optional: true }),\n        tags: list('),
  )
  assert.match(plinth(next, ['migrate', '--dry-run'], owner), /add column "?subtitle"?/)
  npm(next, ['run', 'migrate'], owner)
  await drained(server, ada)
  server = await started(next, settings)
  assert.equal((await ask(server.url, `/api/posts/${post}`, ada, { method: 'PATCH', body: '{"subtitle":"New"}' })).status, 200)
  npm(code, ['run', 'migrate'], owner)
  await drained(server, ada)
  server = await started(code, settings)
  assert.equal((await ask(server.url, `/api/posts/${post}`, ada, { method: 'PATCH', body: '{"title":"Rolled back"}' })).status, 200)
  const both = database.psql(`select title, subtitle from posts where id = '${post}'`, 'blog')
  assert.equal(both.trim(), 'Rolled back|New')
  say('upgraded and rolled back; SIGTERM let running requests end')

  // 5. Back up, lose, and restore.
  const backup = join(folder, 'backup.dump')
  const runScript = (script: string): void =>
    void execFileSync('sh', [`deploy/database/${script}`, backup], {
      cwd: code,
      env: environmentOf(owner, [database.bin]),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  runScript('backup.sh')
  await drained(server, ada)
  database.psql('delete from posts; delete from users; delete from plinth.sessions', 'blog')
  runScript('restore.sh')
  server = await started(code, settings)
  assert.equal((await ask(server.url, `/api/posts/${post}`, ada)).status, 200)
  assert.ok((await write(server.url, ada)).length > 0)
  say('backed up, lost and restored')
  await drained(server, ada)
  assert.deepEqual(filesOf(code), before, 'the backend wrote into its folder')
  say('the drill is over: every step worked as written')
}

/** The code of a hand-over: of the folder that is named, or of one that is made now. */
function delivered(): string {
  const [given] = process.argv.slice(2)
  const target = join(folder, 'code')
  if (given !== undefined) {
    cpSync(join(resolve(given), 'code'), target, { recursive: true })
    return target
  }
  const [program, ...args] = PLINTH
  const run = (...words: readonly string[]): void =>
    void execFileSync(program, [...args, ...words], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const [blog, report, out] = [join(ROOT, 'examples/blog'), join(folder, 'report'), join(folder, 'delivery')]
  run('verify', blog, '--quick', '--only', 'access', '--allow', 'undecided', '--out', report)
  run('deliver', blog, '--report', report, '--out', out)
  cpSync(join(out, 'code'), target, { recursive: true })
  say('delivered')
  return target
}

/** The statements of the roles, of which the operator has the names. */
function rolesOf(code: string): string {
  return readFileSync(join(code, 'deploy/database/roles.sql'), 'utf8')
}

async function started(code: string, settings: Readonly<Record<string, string>>): Promise<Running> {
  const server = startAsImage(code, ['serve'], settings)
  await until(`a start; its log: ${server.log()}`, 60_000, async () => {
    assert.equal(server.process.exitCode, null, server.log())
    return (await fetch(`${server.url}/health/ready`).catch(() => null))?.status === 200
  })
  return server
}

/** Ends a process by SIGTERM while requests run: each is answered, and the exit code is 0. */
async function drained(server: Running, token: string): Promise<void> {
  const running = Array.from({ length: 8 }, (_, i) =>
    ask(server.url, '/api/posts', token, { method: 'POST', body: JSON.stringify({ title: `Late ${i}`, body: 'Text' }) }).then(
      ({ status }) => status,
    ),
  )
  await fetch(`${server.url}/health/live`)
  server.process.kill('SIGTERM')
  assert.deepEqual(await Promise.all(running), Array(8).fill(201))
  assert.equal(await server.ended, 0, server.log())
}

async function ask(url: string, path: string, token = '', init: RequestInit = {}): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${url}${path}`, {
    ...init,
    ...(init.body === undefined ? {} : { headers }),
    ...(token === '' ? {} : { headers }),
  })
  return answer
}

async function register(url: string): Promise<string> {
  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'Correct1horse' })
  const answer = await ask(url, '/api/auth/register', '', { method: 'POST', body })
  assert.equal(answer.status, 201)
  return ((await answer.json()) as { readonly token: string }).token
}

async function write(url: string, token: string): Promise<string> {
  const answer = await ask(url, '/api/posts', token, { method: 'POST', body: '{"title":"First","body":"Text"}' })
  assert.equal(answer.status, 201)
  return ((await answer.json()) as { readonly id: string }).id
}

async function alert(name: string, firing: () => Promise<readonly string[]>): Promise<void> {
  await until(`the alert ${name}`, 180_000, async () => (await firing()).includes(name))
  say(`${name} fires`)
}

async function calm(name: string, firing: () => Promise<readonly string[]>): Promise<void> {
  await until(`the end of ${name}`, 120_000, async () => !(await firing()).includes(name))
  say(`${name} is over, after what the runbook says`)
}

function npm(cwd: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}): void {
  execFileSync('npm', args, { cwd, env: environmentOf(settings), stdio: ['ignore', 'ignore', 'inherit'] })
}

function plinth(cwd: string, args: readonly string[], settings: Readonly<Record<string, string>>): string {
  return execFileSync('npx', ['plinth', ...args], {
    cwd,
    env: environmentOf(settings),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The files of the project, without what npm keeps for itself. */
function filesOf(code: string): readonly string[] {
  return globSync('**/*', { cwd: code, exclude: (name) => String(name).includes('.cache') }).sort()
}

function say(what: string): void {
  console.log(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${what}`)
}
