import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { canaries, INNER_HOSTS } from '../../../test/support/inner-hosts.ts'
import { readNetworks } from './networks.ts'
import { KEPT_BYTES, postBody } from './post-body.ts'
import { type HostAddress, type Reach, type ResolveHost, reachOf } from './reach.ts'

const LOOPBACK = readNetworks('127.0.0.0/8, ::1')

async function listening<S extends Server>(t: TestContext, server: S, host: string, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

const resolvingTo =
  (...addresses: readonly string[]): ResolveHost =>
  async () =>
    addresses.map((address): HostAddress => ({ address, family: address.includes(':') ? 6 : 4 }))

function sent(address: string, reach: Reach, { timeoutMs = 10_000, body = '{}' } = {}) {
  return postBody({
    address,
    reach,
    body,
    headers: { 'content-type': 'application/json' },
    timeoutMs,
    signal: new AbortController().signal,
  })
}

for (const chosenBy of ['operator', 'user'] as const)
  test(`36 addresses that are not public get no connection (addresses of the ${chosenBy})`, async (t) => {
    const { port, connections } = await canaries(t)
    const reach: Reach = { ...reachOf(null, { mode: 'development', chosenBy }), ports: 'any' }
    assert.equal(INNER_HOSTS.length, 36)
    for (const host of INNER_HOSTS) {
      const outcome = await sent(`http://${host}:${port}/hook`, reach)
      assert.equal(outcome.kind, 'forbidden', `${host}: ${JSON.stringify(outcome)}`)
    }
    assert.equal(connections(), 0)
  })

test('a name whose addresses are not all public gets no connection', async (t) => {
  const { port, connections } = await canaries(t)
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1', '2606:4700::1111'], ['::ffff:127.0.0.1'], []]) {
    const reach: Reach = { ...reachOf(null, { mode: 'development', chosenBy: 'operator' }), resolve: resolvingTo(...addresses) }
    assert.equal((await sent(`http://hooks.example.com:${port}/`, reach)).kind, 'forbidden', addresses.join())
  }
  assert.equal(connections(), 0)
})

test('a name is resolved once, so an answer that changes afterwards has no effect', async (t) => {
  const { port, connections } = await canaries(t)
  let questions = 0
  const reach: Reach = {
    ...reachOf(readNetworks('127.0.0.9'), { mode: 'development', chosenBy: 'operator' }),
    resolve: (host, signal) => resolvingTo(++questions === 1 ? '127.0.0.9' : '127.0.0.1')(host, signal),
  }
  const server = createServer((_, response) => response.end('right'))
  // The canary listens at all addresses of IPv4, so the receiver has a port of its own.
  const own = await listening(t, server, '127.0.0.9')
  const outcome = await sent(`http://rebinding.example.com:${own}/`, reach)
  assert.deepEqual([outcome.kind, questions, connections()], ['answered', 1, 0])
  assert.equal((await sent(`http://rebinding.example.com:${port}/`, reach)).kind, 'forbidden')
  assert.equal(connections(), 0)
})

test('addresses of other protocols, with a user name, and at other ports get no connection', async (t) => {
  const { port, connections } = await canaries(t)
  const reach: Reach = { ...reachOf(null, { mode: 'development', chosenBy: 'user' }), resolve: resolvingTo('8.8.8.8') }
  const reasons = [
    ['ftp://hooks.example.com/', /does not begin with/],
    ['file:///etc/passwd', /does not begin with/],
    ['hooks.example.com', /no URL/],
    ['http://user@hooks.example.com/', /user name/],
    ['https://hooks.example.com@127.0.0.1/', /user name/],
    [`http://hooks.example.com:${port}/`, /port/],
    ['https://hooks.example.com:5432/', /port/],
    ['https://hooks.example.com:22/', /port/],
  ] as const
  for (const [address, reason] of reasons) {
    const outcome = await sent(address, reach)
    assert.ok(outcome.kind === 'forbidden' && reason.test(outcome.reason), `${address}: ${JSON.stringify(outcome)}`)
  }
  const production: Reach = { ...reachOf(null, { mode: 'production', chosenBy: 'operator' }), resolve: resolvingTo('8.8.8.8') }
  const insecure = await sent('http://hooks.example.com/', production)
  assert.ok(insecure.kind === 'forbidden' && /without TLS/.test(insecure.reason))
  assert.equal(connections(), 0)
})

test('an allowed network is reached at any port and without TLS, and a redirect out of it is not followed', async (t) => {
  const { port, connections } = await canaries(t)
  const server = createServer((_, response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end('elsewhere'))
  const own = await listening(t, server, '127.0.0.9')
  const reach = reachOf(readNetworks('127.0.0.9/32'), { mode: 'production', chosenBy: 'user' })
  const outcome = await sent(`http://127.0.0.9:${own}/`, reach)
  assert.deepEqual(outcome, { kind: 'answered', status: 307, answer: 'elsewhere', retryAfter: null })
  assert.equal((await sent(`http://127.0.0.1:${port}/`, reach)).kind, 'forbidden')
  assert.equal(connections(), 0)
})

/** What a receiver of the test does with a request. */
async function receiver(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  t.after(() => server.closeAllConnections())
  return `http://127.0.0.1:${await listening(t, server, '127.0.0.1')}/hook`
}

const here = reachOf(LOOPBACK, { mode: 'production', chosenBy: 'operator' })

test('the body arrives, and the first kilobyte of the answer is kept', async (t) => {
  let got = ''
  const address = await receiver(t, (request, response) => {
    request.setEncoding('utf8').on('data', (text) => {
      got += text
    })
    request.on('end', () => response.writeHead(202, { 'retry-after': '7' }).end('ä\0'.repeat(5_000)))
  })
  const outcome = await sent(address, here, { body: '{"ä":1}' })
  assert.ok(outcome.kind === 'answered')
  assert.deepEqual([outcome.status, outcome.retryAfter, got], [202, '7', '{"ä":1}'])
  assert.ok(outcome.answer.startsWith('ää') && Buffer.byteLength(outcome.answer) <= KEPT_BYTES && !outcome.answer.includes('\0'))
})

test('an answer without end is cut off', async (t) => {
  const part = Buffer.alloc(65_536, 'x')
  let written = 0
  const address = await receiver(t, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(part)) written += part.length
      if (!response.destroyed) response.once('drain', more)
    }
    response.writeHead(200)
    more()
  })
  const outcome = await sent(address, here)
  assert.ok(outcome.kind === 'answered' && outcome.answer.length === KEPT_BYTES)
  assert.ok(written < 50_000_000, `${written} bytes`)
})

test('a body that never ends does not hold up the answer, and a head that never comes is a failure', async (t) => {
  const slow = await receiver(t, (_, response) => void response.writeHead(200).write('a'))
  assert.deepEqual(await sent(slow, here), { kind: 'answered', status: 200, answer: 'a', retryAfter: null })
  const silent = await receiver(t, () => {})
  assert.deepEqual(await sent(silent, here, { timeoutMs: 100 }), { kind: 'failed', reason: 'no answer within 0.1 s' })
})

test('a receiver that closes, sends no HTTP, or changes the protocol is a failure', async (t) => {
  for (const answer of ['', 'hello\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n']) {
    const port = await listening(
      t,
      createTcpServer((socket) => socket.on('error', () => {}).end(answer)),
      '127.0.0.1',
    )
    const outcome = await sent(`http://127.0.0.1:${port}/`, here)
    assert.equal(outcome.kind, 'failed', answer)
  }
  const refused = await sent('http://127.0.0.1:1/', here)
  assert.ok(refused.kind === 'failed' && /ECONNREFUSED/.test(refused.reason))
})
