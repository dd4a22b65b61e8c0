/** The load generator, a process of its own: keeps a number of connections busy, or sends at a fixed rate, and counts the answers. */

import { type HttpAnswer, type HttpConnection, openHttpConnection, requestText } from '../../src/verify/performance/load/connection.ts'
import { VOCABULARIES } from '../requests/graphql.ts'
import { expectedStatus, type Operation, requestsOf } from '../requests/operations.ts'
import type { Dialect, Request, Sample } from '../requests/request.ts'
import { type Histogram, openHistogram } from './histogram.ts'

/** One measurement: which requests go where, and for how long. */
export interface Job {
  readonly kind: 'job'
  readonly port: number
  /** The name of the sample that requests are made from. */
  readonly sample: string
  readonly operation: Operation
  readonly dialect: Dialect
  /** Requests that are sent in turn instead of the operation's own. */
  readonly fixed?: readonly Request[]
  readonly connections: number
  readonly seconds: number
  /** Requests a second, even if the server does not keep up; null for as many as the connections can do. */
  readonly rate: number | null
  /** Further connections that sign in all the time. Their answers must be right, but they are not counted. */
  readonly logins?: number
  readonly seed: number
}

/** What a job measured. */
export interface Counted {
  readonly kind: 'counted'
  readonly seconds: number
  readonly requests: number
  /** Answers with errors or another status than the operation's, and lost connections. */
  readonly failed: number
  /** Statuses of failed answers. */
  readonly statuses: readonly number[]
  /** Latencies in milliseconds. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** Seconds of processor time of the load generator. */
  readonly cpu: number
}

/** Messages to the process: samples by name, which replace earlier ones, and jobs that use them. */
export type ToLoad = Job | { readonly kind: 'samples'; readonly samples: Readonly<Record<string, Sample>> }

interface Running {
  readonly job: Job
  readonly next: () => string
  readonly latencies: Histogram
  readonly statuses: Set<number>
  requests: number
  failed: number
  /** Time after which nothing more is sent, as `performance.now()`. */
  readonly until: number
}

/** Runs a job. Rejects when the server accepts no connection. */
async function run(job: Job, sample: Sample): Promise<Counted> {
  const make = job.fixed === undefined ? requestsOf(job.operation, job.dialect, { sample, seed: job.seed }) : inTurn(job.fixed)
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const running: Running = {
    job,
    next: () => requestText(make()),
    latencies: openHistogram(),
    statuses: new Set(),
    requests: 0,
    failed: 0,
    until: begun + job.seconds * 1000,
  }
  const [, failedLogins] = await Promise.all([job.rate === null ? runClosed(running) : runOpen(running, job.rate), signIn(running, sample)])
  if (failedLogins > 0) throw new Error(`${failedLogins} of the logins beside failed`)
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const { latencies, requests, failed, statuses } = running
  const quantiles = { p50: latencies.quantile(0.5), p90: latencies.quantile(0.9), p99: latencies.quantile(0.99), max: latencies.max() }
  return { kind: 'counted', seconds, requests, failed, statuses: [...statuses], ...quantiles, cpu: (user + system) / 1e6 }
}

/** Signs in over further connections until the job ends. Returns the number of failed logins. */
async function signIn({ job, until }: Running, sample: Sample): Promise<number> {
  if (job.logins === undefined) return 0
  const operation = 'login'
  const make = requestsOf(operation, job.dialect, { sample, seed: job.seed })
  const beside: Running = {
    job: { ...job, operation, connections: job.logins },
    next: () => requestText(make()),
    latencies: openHistogram(),
    statuses: new Set(),
    requests: 0,
    failed: 0,
    until,
  }
  await runClosed(beside)
  return beside.failed
}

function inTurn(requests: readonly Request[]): () => Request {
  let turn = 0
  return () => {
    const request = requests[turn++ % requests.length]
    if (request === undefined) throw new Error('there is nothing to send')
    return request
  }
}

/** Each connection sends its next request as soon as the one before is answered. */
async function runClosed(running: Running): Promise<void> {
  await Promise.all(Array.from({ length: running.job.connections }, () => keepBusy(running)))
}

async function keepBusy(running: Running): Promise<void> {
  const done = Promise.withResolvers<void>()
  let sentAt = 0
  const send = (): void => {
    sentAt = performance.now()
    if (sentAt < running.until) connection.send(running.next())
    else {
      connection.close()
      done.resolve()
    }
  }
  const connection = await open(running, {
    answered(answer) {
      count(running, answer, sentAt)
      send()
    },
    lost() {
      running.failed++
      done.resolve()
    },
  })
  send()
  await done.promise
}

/**
 * Sends requests at even intervals. A request that finds no idle connection waits, and its latency counts from the time when it was due. So
 * a server that stalls is charged for all requests that it delays.
 */
async function runOpen(running: Running, rate: number): Promise<void> {
  const idle: Sender[] = []
  const due: number[] = []
  const done = Promise.withResolvers<void>()
  let open = 0
  const dispatch = (): void => {
    while (due.length > 0) {
      const sender = idle.pop()
      if (sender === undefined) return
      sender.send(due.shift() ?? 0)
    }
    if (idle.length === open && performance.now() >= running.until) done.resolve()
  }
  const senders = await Promise.all(Array.from({ length: running.job.connections }, () => openSender(running, idle, dispatch)))
  open = senders.length
  const begun = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const now = performance.now()
    for (; begun + (sent * 1000) / rate <= Math.min(now, running.until); sent++) due.push(begun + (sent * 1000) / rate)
    if (now >= running.until) clearInterval(timer)
    dispatch()
  }, 1)
  await done.promise
  for (const sender of senders) sender.close()
}

interface Sender {
  send(dueAt: number): void
  close(): void
}

async function openSender(running: Running, idle: Sender[], dispatch: () => void): Promise<Sender> {
  let since = 0
  const connection = await open(running, {
    answered(answer) {
      count(running, answer, since)
      idle.push(sender)
      dispatch()
    },
    lost() {
      throw new Error('the server closed a connection')
    },
  })
  const sender: Sender = {
    send(dueAt) {
      since = dueAt
      connection.send(running.next())
    },
    close: () => connection.close(),
  }
  idle.push(sender)
  return sender
}

function open({ job }: Running, listener: Parameters<typeof openHttpConnection>[1]): Promise<HttpConnection> {
  return openHttpConnection(job.port, listener, {
    for: job.dialect in VOCABULARIES && job.operation !== 'invalid' ? 'status and errors' : 'status',
  })
}

function count(running: Running, answer: HttpAnswer, since: number): void {
  running.latencies.record((performance.now() - since) * 1000)
  running.requests++
  if (answer.status === expectedStatus(running.job.operation, running.job.dialect) && !answer.errors) return
  running.failed++
  running.statuses.add(answer.status)
}

if (import.meta.main) {
  let samples: Readonly<Record<string, Sample>> = {}
  process.on('message', (message: ToLoad) => {
    if (message.kind === 'samples') {
      samples = message.samples
      return
    }
    const sample = samples[message.sample]
    if (sample === undefined) throw new Error(`there is no sample ${message.sample}`)
    run(message, sample).then(
      (counted) => process.send?.(counted),
      (error: unknown) => process.send?.({ kind: 'failed', message: String(error) }),
    )
  })
  // The load generator ends with the benchmark that started it.
  process.on('disconnect', () => process.exit())
}
