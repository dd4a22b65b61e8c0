/** Sends a number of requests to several servers in turns, each caller its next one as soon as the one before is answered. */

import { type HttpAnswer, type HttpConnection, isAnswered, lookFor, openHttpConnection } from './connection.ts'
import type { BatchJob, BatchResult } from './load-job.ts'

/** Requests that are not answered by then have failed. */
const PATIENCE_MS = 60_000

/** Runs a batch. @throws Error if a server accepts no connection. */
export async function runBatch({ ports, callers, requests }: BatchJob, texts: readonly string[]): Promise<BatchResult> {
  const seen = new Map(ports.map((port) => [port, { answered: 0, ms: 0, failed: new Set<number>() }]))
  const look = lookFor(texts)
  const begun: Caller[] = []
  const over = Promise.withResolvers<void>()
  let next = 0
  const work = async (): Promise<void> => {
    const caller = openCaller(look)
    begun.push(caller)
    for (let i = next++; i < requests; i = next++) {
      const port = ports[i % ports.length] ?? 0
      const sent = performance.now()
      const answer = await caller.ask(port, texts[i % texts.length] ?? '')
      const own = seen.get(port)
      if (own === undefined) return
      own.answered++
      own.ms += performance.now() - sent
      if (!isAnswered(answer)) own.failed.add(answer.status)
    }
  }
  const timer = setTimeout(over.resolve, PATIENCE_MS)
  try {
    await Promise.race([Promise.all(Array.from({ length: callers }, work)), over.promise])
  } finally {
    clearTimeout(timer)
    for (const caller of begun) caller.close()
  }
  const answered = [...seen.values()].reduce((sum, one) => sum + one.answered, 0)
  if (answered < requests) for (const { failed } of seen.values()) failed.add(0)
  return {
    kind: 'batch',
    seconds: new Map([...seen].map(([port, own]) => [port, own.answered === 0 ? Number.POSITIVE_INFINITY : own.ms / own.answered / 1_000])),
    statuses: new Map([...seen].map(([port, { failed }]) => [port, [...failed].sort((a, b) => a - b)])),
  }
}

interface Caller {
  /** Sends a request and waits for its answer; the status is 0 if the server closes the connection. */
  readonly ask: (port: number, text: string) => Promise<HttpAnswer>
  readonly close: () => void
}

/** A caller with a connection to each server. It sends one request at a time. */
function openCaller(look: Parameters<typeof openHttpConnection>[2]['for']): Caller {
  const connections = new Map<number, HttpConnection>()
  let answer = Promise.withResolvers<HttpAnswer>()
  const connectionTo = async (port: number): Promise<HttpConnection> => {
    const known = connections.get(port)
    if (known !== undefined) return known
    const listener = {
      answered: (own: HttpAnswer) => answer.resolve(own),
      lost() {
        connections.delete(port)
        if (asked === port) answer.resolve({ status: 0, errors: false })
      },
    }
    const opened = await openHttpConnection(port, listener, { for: look })
    connections.set(port, opened)
    return opened
  }
  let asked = 0
  return {
    async ask(port, text) {
      answer = Promise.withResolvers<HttpAnswer>()
      asked = port
      const connection = await connectionTo(port)
      connection.send(text)
      return answer.promise
    },
    close() {
      for (const connection of connections.values()) connection.close()
    },
  }
}
