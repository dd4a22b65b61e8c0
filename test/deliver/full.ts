/**
 * Delivers examples, and installs, tests and starts each delivered folder by itself: `npm run test:deliver`. Names of examples after `--`
 * choose. With `REPORTS`, a folder with a folder of a report for each example, verify is not run.
 */

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, outsidePath, PLINTH, ROOT } from '../support/command-line.ts'

/** A list of each example that anybody may read. */
const LISTS: Readonly<Record<string, string>> = { blog: '/api/posts', shop: '/api/products' }
const START_MS = 120_000

const named = process.argv.slice(2)
for (const example of named.length > 0 ? named : Object.keys(LISTS)) await walk(example)

async function walk(example: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-deliver-'))
  // Under root, the embedded PostgreSQL runs as another user.
  chmodSync(folder, 0o755)
  try {
    const reports = process.env.REPORTS
    const evidence = reports === undefined ? ['--quick'] : ['--report', join(reports, example)]
    const [program, ...args] = PLINTH
    step(example, 'plinth deliver', () => {
      execFileSync(program, [...args, 'deliver', join('examples', example), ...evidence, '--out', join(folder, 'delivery')], {
        ...{ cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
      })
    })
    const code = join(folder, 'delivery/code')
    step(example, 'sha256sum -c SHA256SUMS', () => npm('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], join(folder, 'delivery')))
    step(example, 'npm ci', () => npm('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], code))
    step(example, 'npm test', () => npm('npm', ['test'], code))
    await start(example, code)
    const { made } = JSON.parse(readFileSync(join(folder, 'delivery/handover.json'), 'utf8'))
    console.log(`${example}: the delivered folder installs, tests and starts by itself; ${made.design}`)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
  }
}

function step(example: string, name: string, run: () => void): void {
  const began = performance.now()
  run()
  console.log(`${example}: ${name}  ${((performance.now() - began) / 1_000).toFixed(1)} s`)
}

/** Runs a program as a user would who has nothing but the folder. */
function npm(program: string, args: readonly string[], cwd: string): void {
  execFileSync(program, args, { cwd, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] })
}

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { HOME = '', TMPDIR = tmpdir() } = process.env
  return { PATH: outsidePath(), HOME, TMPDIR, ...more }
}

async function start(example: string, cwd: string): Promise<void> {
  const began = performance.now()
  const port = await freePort()
  const server = spawn('npm', ['start'], { cwd, env: environment({ PORT: String(port) }), stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  try {
    const url = `http://127.0.0.1:${port}${LISTS[example] ?? '/health/ready'}`
    let answer: Response | null = null
    while (answer === null) {
      assert.ok(performance.now() - began < START_MS, `${url} was not served within ${START_MS} ms`)
      await wait(250)
      answer = await fetch(url).catch(() => null)
    }
    assert.equal(answer.status, 200, url)
    await answer.text()
    console.log(`${example}: npm start  ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}
