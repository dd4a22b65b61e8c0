/**
 * Makes a project in an empty folder, delivers it, and installs, tests and starts the delivered folder by itself: `npm run test:deliver`.
 * Names after `--` choose: `init` (the new project as it is), the blog, the shop, and designs of test/verify/foreign.
 *
 * `ONLY`: what verify runs, such as `access`; all of `--quick` unless given. `REPORTS`: a folder with the folder of a report for each name;
 * then verify is not run.
 */

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, outsidePath, PLINTH, ROOT } from '../support/command-line.ts'

const USUAL = ['init', 'blog', 'shop', 'library', 'booking', 'wiki']
/** A list of each example that anybody may read. */
const LISTS: Readonly<Record<string, string>> = { blog: '/api/posts', shop: '/api/products' }
const START_MS = 120_000
const FOREIGN = join(ROOT, 'test/verify/foreign')

const packed = mkdtempSync(join(tmpdir(), 'plinth-packed-'))
const named = process.argv.slice(2)
try {
  run('npm', ['pack', '--pack-destination', packed, '--silent'], ROOT)
  for (const name of named.length > 0 ? named : USUAL) await walk(name)
} finally {
  rmSync(packed, { recursive: true, force: true })
}

async function walk(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-deliver-'))
  // Under root, the embedded PostgreSQL runs as another user.
  chmodSync(folder, 0o755)
  try {
    const project = join(folder, 'project')
    step(name, 'plinth init', () => makeProject(name, project))
    const [tarball = assert.fail('npm pack wrote nothing')] = readdirSync(packed)
    step(name, 'npm install', () => run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(packed, tarball)], project))
    const evidence = evidenceOf(name, folder)
    if (evidence.verify !== null) step(name, 'plinth verify', () => ofProject(project, ['verify', ...(evidence.verify ?? [])]))
    step(name, 'plinth deliver', () => ofProject(project, ['deliver', ...evidence.deliver, '--out', '../delivery']))
    const code = join(folder, 'delivery/code')
    step(name, 'sha256sum -c SHA256SUMS', () => run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], join(folder, 'delivery')))
    rmSync(project, { recursive: true })
    step(name, 'npm ci', () => run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], code))
    step(name, 'npm test', () => run('npm', ['test'], code))
    await start(name, code)
    const { made } = JSON.parse(readFileSync(join(folder, 'delivery/handover.json'), 'utf8'))
    console.log(`${name}: the delivered folder installs, tests and starts by itself; ${made.design}`)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
  }
}

/** What verify and deliver get: a run of its own, a part of one, or a report that is there. */
function evidenceOf(name: string, folder: string): { readonly verify: readonly string[] | null; readonly deliver: readonly string[] } {
  const { REPORTS, ONLY } = process.env
  if (REPORTS !== undefined) return { verify: null, deliver: ['--report', join(REPORTS, name)] }
  if (ONLY === undefined) return { verify: null, deliver: ['--quick'] }
  const report = join(folder, 'report')
  return { verify: ['--quick', '--only', ONLY, '--allow', 'undecided', '--out', report], deliver: ['--report', report] }
}

/** A new project with the design and the tests of an example in place of those of `init`. Foreign designs get first tests. */
function makeProject(name: string, project: string): void {
  const example = join(ROOT, 'examples', name)
  const isForeign = name !== 'init' && !existsSync(example)
  plinth(ROOT, ['init', project, '--yes', '--name', name, '--format', isForeign ? 'yaml' : 'ts'])
  if (name === 'init') return
  for (const file of ['design.ts', 'design.yaml', 'design.test.ts', 'design.test.js']) rmSync(join(project, file), { force: true })
  if (!isForeign) {
    cpSync(example, project, { recursive: true })
    return
  }
  const source = [join(FOREIGN, name), join(FOREIGN, `${name}.yaml`)].find((path) => existsSync(path)) ?? assert.fail(`no design ${name}`)
  if (statSync(source).isDirectory()) cpSync(source, project, { recursive: true })
  else {
    cpSync(source, join(project, 'design.yaml'))
    const code = new Set(readFileSync(source, 'utf8').match(/\bhooks\/[\w-]+\.ts\b/g))
    for (const file of code) cpSync(join(FOREIGN, file), join(project, file))
  }
  plinth(project, ['scaffold'])
}

function step(name: string, what: string, work: () => void): void {
  const began = performance.now()
  work()
  console.log(`${name}: ${what}  ${((performance.now() - began) / 1_000).toFixed(1)} s`)
}

/** Runs Plinth from the sources. */
function plinth(cwd: string, args: readonly string[]): void {
  const [program, ...before] = PLINTH
  execFileSync(program, [...before, ...args], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Runs Plinth as it is installed in a project. */
function ofProject(cwd: string, args: readonly string[]): void {
  execFileSync('npx', ['--no-install', 'plinth', ...args], { cwd, env: environment(), stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Runs a program as a user would who has nothing but the folder. Its output is shown if it fails. */
function run(program: string, args: readonly string[], cwd: string): void {
  const { status, stdout } = spawnSync(program, args, {
    ...{ cwd, env: environment(), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
  })
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stdout}`)
}

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { HOME = '', TMPDIR = tmpdir() } = process.env
  return { PATH: outsidePath(), HOME, TMPDIR, npm_config_loglevel: 'error', ...more }
}

async function start(name: string, cwd: string): Promise<void> {
  const began = performance.now()
  const port = await freePort()
  const server = spawn('npm', ['start'], { cwd, env: environment({ PORT: String(port) }), stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  try {
    const url = `http://127.0.0.1:${port}${LISTS[name] ?? '/health/ready'}`
    let answer: Response | null = null
    // 503: it listens, and is not ready yet.
    while (answer === null || answer.status === 503) {
      assert.ok(performance.now() - began < START_MS, `${url} was not served within ${START_MS} ms`)
      await wait(250)
      answer = await fetch(url).catch(() => null)
    }
    assert.equal(answer.status, 200, url)
    await answer.text()
    console.log(`${name}: npm start  ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}
