/** The load generator against servers whose behaviour is known. */

import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { requestText } from '../../../src/verify/performance/load/connection.ts'
import { type Generator, startBare, startGenerator } from '../../../src/verify/performance/load/generator.ts'
import { arrivals } from '../../../src/verify/performance/load/open-arrivals.ts'
import { usageOf } from '../../../src/verify/performance/load/processes.ts'
import { percentilesOf } from '../../../src/verify/performance/statistics/quantiles.ts'

const TEXTS = ['/a', '/b', '/c'].map((path) => requestText({ method: 'GET', path, token: 'secret', body: null }))

async function serve(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function generator(t: TestContext): Generator {
  const started = startGenerator()
  t.after(() => started.stop())
  started.use(TEXTS)
  return started
}

test('arrivals have exponential gaps, and do not depend on the answers', () => {
  const due = arrivals(1_000, 5, 1)
  assert.ok(Math.abs(due.length - 5_000) < 300, String(due.length))
  assert.deepEqual(arrivals(1_000, 5, 1), due)
  assert.notDeepEqual(arrivals(1_000, 5, 2), due)
  assert.ok(due.every((at, i) => at < 5_000 && at >= (due[i - 1] ?? 0)))
})

test('a server that stops for a moment is charged for every request that was due meanwhile', async (t) => {
  let stopped = 0
  const port = await serve(t, (request, response) => {
    const wait = stopped > performance.now() ? stopped - performance.now() : 0
    if (request.url === '/b' && stopped === 0) stopped = performance.now() + 300
    setTimeout(() => response.end('x'), wait)
  })
  const seen = await generator(t).open({ port, rate: 200, seconds: 1, seed: 3 })
  assert.equal(seen.ms.length, seen.due.length)
  assert.ok(seen.due.length > 120)
  // Some sixty requests are due in the stop. A client that waits for each answer would have seen one.
  const slow = seen.ms.filter((ms) => ms > 50).length
  assert.ok(slow > 25, `${slow} slow requests`)
  assert.ok((percentilesOf(seen, [0.95])[0]?.ms ?? 0) > 100)
  assert.deepEqual(new Set(seen.which), new Set([0, 1, 2]))
})

test('a batch goes to several servers in turns, and each has its own statuses', async (t) => {
  const asked: string[] = []
  const answering = (name: string, status: number): RequestListener => {
    return (_, response) => {
      asked.push(name)
      response.writeHead(status).end('x')
    }
  }
  const [first, second] = [await serve(t, answering('first', 200)), await serve(t, answering('second', 503))]
  const { seconds, statuses } = await generator(t).batch({ ports: [first, second, second, first], callers: 1, requests: 40 })
  assert.deepEqual(asked.slice(0, 8), ['first', 'second', 'second', 'first', 'first', 'second', 'second', 'first'])
  assert.equal(asked.length, 40)
  assert.deepEqual([statuses.get(first), statuses.get(second)], [[], [503]])
  assert.ok((seconds.get(first) ?? 0) > 0 && (seconds.get(first) ?? 9) < 1)
})

test('failed requests have no latency, and their statuses are kept', async (t) => {
  const port = await serve(t, (request, response) => {
    if (request.url === '/c') request.socket.destroy()
    else response.writeHead(request.url === '/b' ? 503 : 200).end('x')
  })
  const load = generator(t)
  const seen = await load.open({ port, rate: 150, seconds: 0.5, seed: 1 })
  assert.deepEqual(seen.statuses, [0, 503])
  for (const [i, which] of seen.which.entries()) assert.equal(Number.isFinite(seen.ms[i]), which === 0)
  const closed = await load.closed({ ports: [port], callers: 2, warmSeconds: 0.1, seconds: 0.3 })
  assert.ok(closed.failed > 0 && closed.failed < closed.requests)
  assert.deepEqual(closed.statuses, [0, 503])
})

test('a closed loop finds the ceiling: one at a time by each caller', async (t) => {
  let [open, most] = [0, 0]
  const port = await serve(t, (_, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end('x')
    }, 10)
  })
  const seen = await generator(t).closed({ ports: [port], callers: 4, warmSeconds: 0.1, seconds: 0.5 })
  assert.equal(most, 4)
  assert.equal(seen.failed, 0)
  const perSecond = seen.requests / seen.seconds
  assert.ok(perSecond > 40 && perSecond <= 400, `${perSecond} a second`)
})

test('requests that may be sent once are sent once, to several servers, and the measurement ends with them', async (t) => {
  const seen: string[] = []
  const serving = (name: string) =>
    serve(t, (request, response) => {
      seen.push(`${name} ${request.url}`)
      response.end('x')
    })
  const ports = [await serving('first'), await serving('second')]
  const load = generator(t)
  load.use(Array.from({ length: 50 }, (_, i) => requestText({ method: 'GET', path: `/${i}`, token: null, body: null })))
  const { requests, failed, seconds } = await load.closed({ ports, callers: 4, warmSeconds: 0, seconds: 20, once: true })
  assert.deepEqual([requests, failed], [50, 0])
  assert.ok(seconds > 0 && seconds < 19, String(seconds))
  const paths = seen.map((one) => one.split(' ')[1])
  assert.equal(new Set(paths).size, 50)
  assert.equal(new Set(seen.map((one) => one.split(' ')[0])).size, 2)
})

test('an answer of GraphQL with errors is a failed request', async (t) => {
  let asked = 0
  const port = await serve(t, (_, response) => response.end(asked++ % 2 === 0 ? '{"data":{"a":1}}' : '{"errors":[],"data":null}'))
  const load = generator(t)
  load.use([requestText({ method: 'POST', path: '/graphql', token: null, body: '{}' })])
  const { requests, failed } = await load.closed({ ports: [port], callers: 1, warmSeconds: 0, seconds: 0.2 })
  assert.ok(failed > 0 && Math.abs(requests - 2 * failed) <= 1, `${failed} of ${requests}`)
})

test('a server that answers nobody has a ceiling of 0, and the measurement ends', async (t) => {
  const port = await serve(t, () => {})
  const seen = await generator(t).closed({ ports: [port], callers: 3, warmSeconds: 0, seconds: 0.1 })
  assert.deepEqual([seen.requests, seen.failed], [0, 0])
})

test('the bare server answers the same bytes, and a server that is not there is an error', async (t) => {
  const bare = await startBare({ body: '{"a":"ü"}', type: 'application/json; charset=utf-8' })
  t.after(bare.stop)
  const answer = await fetch(`http://127.0.0.1:${bare.port}/`)
  assert.equal(await answer.text(), '{"a":"ü"}')
  assert.equal(answer.headers.get('content-length'), '10')
  const load = generator(t)
  const seen = await load.closed({ ports: [bare.port], callers: 2, warmSeconds: 0, seconds: 0.2 })
  assert.ok(seen.requests > 0 && seen.failed === 0 && seen.busy > 0)
  await bare.stop()
  await assert.rejects(load.open({ port: bare.port, rate: 10, seconds: 0.1, seed: 1 }), /the load generator: .*ECONNREFUSED/)
})

test('processor time and memory of this process can be read', { skip: process.platform !== 'linux' && 'there is no /proc' }, () => {
  const usage = usageOf(process.pid)
  assert.ok(usage !== null && usage.cpu > 0 && usage.resident > 10 * 1024 * 1024)
})
