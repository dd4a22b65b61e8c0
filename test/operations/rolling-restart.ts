/**
 * `npm run test:rolling`: three instances behind HAProxy are restarted one after the other while requests arrive at a fixed rate. Prints
 * how many failed and exits 1 if any did. RATE (200 requests/s) and SECONDS between restarts (3) change it.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, PLINTH } from '../support/command-line.ts'
import { startPostgres } from './outside-postgres.ts'

const HAPROXY = '/usr/sbin/haproxy'
const RATE = Number(process.env.RATE ?? 200)
const SECONDS = Number(process.env.SECONDS ?? 3)
const INSTANCES = 3

const DESIGN = `name: notes
entities:
  Note:
    fields: { title: { type: text, max: 50 } }
    access: { read: 'true', create: 'true' }
`

const ends: (() => unknown)[] = []
const t = { after: (end: () => unknown) => void ends.push(end) }

async function main(): Promise<number> {
  const postgres = await startPostgres(t as Parameters<typeof startPostgres>[0])
  const folder = mkdtempSync(join(tmpdir(), 'plinth-rolling-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const ports = await Promise.all(Array.from({ length: INSTANCES }, freePort))
  const front = await freePort()
  const begin = async (port: number): Promise<ChildProcess> => {
    const [program, ...args] = PLINTH
    const child = spawn(program, [...args, 'serve', '--migrate'], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        ...process.env,
        ...{ DATABASE_URL: postgres.url, HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: 'http://localhost', AUTH_KEYS: privateKey },
        ...{ NODE_ENV: 'production', RATE_LIMIT_REQUESTS: 'off', STOP_NOTICE_SECONDS: '5' },
      },
    })
    while (!(await isReady(port))) await wait(50)
    return child
  }
  const children: ChildProcess[] = []
  t.after(() => Promise.all(children.map(ended)))
  for (const port of ports) children.push(await begin(port))
  writeFileSync(join(folder, 'haproxy.cfg'), configuration(front, ports))
  const proxy = spawn(HAPROXY, ['-f', join(folder, 'haproxy.cfg'), '-db'], { stdio: 'ignore' })
  t.after(() => proxy.kill('SIGKILL'))
  while (!(await isReady(front))) await wait(50)

  const load = sendLoad(front)
  for (const [i, port] of ports.entries()) {
    await wait(SECONDS * 1_000)
    const before = children[i] as ChildProcess
    const began = performance.now()
    await ended(before)
    console.log(`instance ${i + 1} stopped after ${Math.round(performance.now() - began)} ms with exit code ${before.exitCode}`)
    children[i] = await begin(port)
  }
  await wait(SECONDS * 1_000)
  const { sent, failed, late } = await load.stop()
  console.log(`${sent} requests at ${RATE}/s, ${failed.length} failed ${JSON.stringify(failed.slice(0, 5))}, ${late} answered after 1 s`)
  return failed.length === 0 ? 0 : 1
}

function configuration(front: number, ports: readonly number[]): string {
  return `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 2
  option redispatch
frontend api
  bind 127.0.0.1:${front}
  default_backend plinth
backend plinth
  balance roundrobin
  option httpchk GET /health/ready
${ports.map((port, i) => `  server plinth${i + 1} 127.0.0.1:${port} check inter 1s fall 2 rise 1`).join('\n')}
`
}

/** Asks a process to stop, and waits for its end. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  )
}

interface Sent {
  readonly sent: number
  readonly failed: readonly string[]
  readonly late: number
}

/** Sends reads, and a write after every ninth, at a fixed rate, whether earlier ones were answered or not. */
function sendLoad(port: number): { readonly stop: () => Promise<Sent> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  const failed: string[] = []
  const open = new Set<Promise<void>>()
  let [sent, late] = [0, 0]
  const one = (write: boolean): Promise<void> =>
    new Promise((resolve) => {
      const began = performance.now()
      const done = (problem: string | null): void => {
        if (problem !== null) failed.push(problem)
        if (performance.now() - began > 1_000) late++
        resolve()
      }
      const body = write ? JSON.stringify({ title: `note ${sent}` }) : undefined
      const headers = write ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') } : {}
      request({ host: '127.0.0.1', port, path: '/api/notes', method: write ? 'POST' : 'GET', agent, headers }, (answer) => {
        answer.resume().on('end', () => done((answer.statusCode ?? 0) < 300 ? null : String(answer.statusCode)))
      })
        .on('error', (error) => done(error.message))
        .end(body)
    })
  const began = performance.now()
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * RATE)
    while (sent < due) {
      const asked = one(++sent % 10 === 0)
      open.add(asked)
      void asked.then(() => open.delete(asked))
    }
  }, 5)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
      agent.destroy()
      return { sent, failed, late }
    },
  }
}

try {
  process.exitCode = await main()
} finally {
  for (const end of ends.reverse()) await end()
}
