/** Creates at a fixed rate, and the time from the answer to each until its event is handled. */

import { type HttpConnection, openHttpConnection, requestText } from '../../src/verify/performance/load/connection.ts'

const CONNECTIONS = 32
/** Milliseconds after which events that were not handled count as lost. */
const PATIENCE_MS = 20_000

/** What was found at one rate. Times are in milliseconds. */
export interface Lag {
  /** Creates that were answered, a second. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  /** The median of the last tenth of the creates: it grows with the time if events come faster than they are handled. */
  readonly last: number
  readonly unhandled: number
}

interface Told {
  readonly handled: readonly (readonly [likes: number, at: number])[]
  readonly count: number
}

/** What a server has handled since the last time, and how many in all. */
async function tell(port: number): Promise<Told> {
  return (await (await fetch(`http://127.0.0.1:${port}/handled`)).json()) as Told
}

/** Sends creates at even intervals for some seconds, then waits for their events. Each row has its number as `likes`. */
export async function lagAt(port: number, rate: number, seconds: number): Promise<Lag> {
  await tell(port)
  const answered = new Map<number, number>()
  const free: { readonly connection: HttpConnection; readonly of: { likes: number } }[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const of = { likes: 0 }
    const connection: HttpConnection = await openHttpConnection(
      port,
      {
        answered({ status }) {
          if (status === 201) answered.set(of.likes, performance.timeOrigin + performance.now())
          free.push({ connection, of })
        },
        lost: () => {},
      },
      { for: 'status' },
    )
    free.push({ connection, of })
  }
  const connections = free.map(({ connection }) => connection)
  const most = Math.round(rate * seconds)
  const began = performance.now()
  for (let likes = 1; likes <= most; ) {
    const due = ((performance.now() - began) * rate) / 1_000
    for (; likes <= due && likes <= most; likes++) {
      const one = free.pop()
      if (one === undefined) break
      one.of.likes = likes
      one.connection.send(createText('loggeds', likes))
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (free.length < CONNECTIONS) await new Promise((resolve) => setTimeout(resolve, 1))
  const took = (performance.now() - began) / 1_000
  const handled = new Map<number, number>()
  for (const until = performance.now() + PATIENCE_MS; handled.size < answered.size && performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const [likes, at] of (await tell(port)).handled) if (!handled.has(likes)) handled.set(likes, at)
  }
  for (const connection of connections) connection.close()
  const lags = [...answered].flatMap(([likes, at]) => {
    const then = handled.get(likes)
    return then === undefined ? [] : [{ likes, lag: Math.max(0, then - at) }]
  })
  const quantile = (of: readonly { readonly lag: number }[], share: number): number => {
    const sorted = of.map(({ lag }) => lag).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  }
  const last = lags.filter(({ likes }) => likes > most * 0.9)
  const times = { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99), last: quantile(last, 0.5) }
  return { rate: answered.size / took, ...times, unhandled: answered.size - lags.length }
}

/** A create as it is sent. */
export function createText(path: 'plains' | 'loggeds', likes: number): string {
  return requestText({ method: 'POST', path: `/api/${path}`, token: null, body: JSON.stringify({ title: 'Title', body: 'Body', likes }) })
}
