import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Answering, type RunningServer, startServer } from './server.ts'

/** A backend that answers with its name: at once, or under /slow when the test releases it. */
function named(name: string) {
  const waiting: (() => void)[] = []
  const log: string[] = []
  const backend: Answering = {
    handle: (request, response) => {
      const answer = () => {
        log.push('answered')
        response.end(name)
      }
      if (request.url === '/slow') waiting.push(answer)
      else answer()
    },
    close: async () => {
      log.push('closed')
    },
  }
  return {
    backend,
    log,
    waiting,
    release: () => {
      for (const answer of waiting.splice(0)) answer()
    },
  }
}

async function started(t: TestContext, backend: Answering): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, backend })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  return server
}

interface Answered {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly socket: ClientRequest['socket']
}

function ask(url: string, agent?: Agent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text, socket: request.socket }))
    })
    request.on('error', reject)
  })
}

/** Sends raw bytes, and returns all bytes that the server sends until it closes the connection. */
function sendRaw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    socket.on('close', () => resolve(text)).on('error', reject)
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(5)
}

test('a new backend answers on the same connection, and the old one finishes its requests', { timeout: 60_000 }, async (t) => {
  const [one, two] = [named('one'), named('two')]
  const server = await started(t, one.backend)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const first = await ask(server.url, agent)
  const slow = ask(`${server.url}/slow`)
  await until(() => one.waiting.length === 1)
  const replaced = server.replace(two.backend)
  const second = await ask(server.url, agent)
  assert.deepEqual([first.text, second.text], ['one', 'two'])
  assert.equal(second.socket, first.socket)
  assert.deepEqual(one.log, ['answered'], 'not closed while a request is in progress')
  one.release()
  assert.equal((await slow).text, 'one')
  await replaced
  assert.deepEqual(one.log, ['answered', 'answered', 'closed'])
})

test('draining fails readiness, finishes requests in progress, closes idle connections and then the backend', {
  timeout: 60_000,
}, async (t) => {
  const one = named('one')
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: one.backend })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(server.url, agent)
  const slow = ask(`${server.url}/slow`)
  await until(() => one.waiting.length === 1)
  const drained = server.drain({ noticeMs: 1_500, drainMs: 60_000 })
  const ready = await ask(`${server.url}/health/ready?now`)
  assert.equal(ready.status, 503)
  assert.equal(ready.headers['content-type'], 'application/problem+json; charset=utf-8')
  assert.equal(JSON.parse(ready.text).code, 'shutting_down')
  const late = await ask(server.url)
  assert.deepEqual([late.text, late.headers.connection], ['one', 'close'], 'answered until the notice time ends')
  await assert.rejects(async () => {
    for (;;) await ask(server.url)
  }, /ECONNREFUSED|ECONNRESET/)
  assert.ok(!one.log.includes('closed'))
  one.release()
  assert.equal((await slow).text, 'one')
  await drained
  assert.equal(one.log.at(-1), 'closed')
})

test('a connection that was opened before the end of the notice is answered, also if its request comes after other answers', {
  timeout: 60_000,
}, async () => {
  const { backend } = named('one')
  const server = await startServer({ host: '127.0.0.1', port: 0, backend })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  const drained = server.drain({ noticeMs: 1_500, drainMs: 60_000 })
  // The end of this request must not close the connection that has sent nothing yet.
  await ask(server.url)
  await wait(200)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /)
  await drained
})

test('a request that does not end is aborted when the drain time is over', { timeout: 60_000 }, async () => {
  const one = named('one')
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: one.backend })
  const slow = assert.rejects(ask(`${server.url}/slow`), /socket hang up/)
  await until(() => one.waiting.length === 1)
  await server.drain({ noticeMs: 0, drainMs: 100 })
  await slow
  assert.deepEqual(one.log, ['closed'])
})

test('the error for a port in use names the port and shows how to choose another', async (t) => {
  const server = await started(t, named('one').backend)
  const port = Number(new URL(server.url).port)
  await assert.rejects(startServer({ host: '127.0.0.1', port, backend: named('two').backend }), (error) => {
    assert.ok(error instanceof EnvironmentError)
    assert.match(error.message, new RegExp(`port ${port} is in use`))
    assert.match(error.hint, /PORT=\d+/)
    return true
  })
})

test('input that is not HTTP, and headers over 16 KiB, get a problem document', { timeout: 60_000 }, async (t) => {
  const server = await started(t, named('one').backend)
  for (const [bytes, status, code] of [
    ['hello\r\n\r\n', 400, 'malformed_request'],
    // HTTP/1.1 requires Host.
    ['GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const) {
    const answer = await sendRaw(server.url, bytes)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(head, /content-type: application\/problem\+json/)
    assert.equal(JSON.parse(body).code, code)
  }
  assert.equal((await ask(server.url)).text, 'one')
})

test('a request with an unknown Expect header is answered', { timeout: 60_000 }, async (t) => {
  const server = await started(t, named('one').backend)
  const answer = await sendRaw(server.url, 'GET / HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\nconnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1.1 200 .*one/s)
})

test('while turn after turn of the event loop is late, requests are refused at once, and urgent ones are answered', {
  timeout: 60_000,
}, async (t) => {
  const one = named('one')
  const shed: string[] = []
  const server = await startServer({
    ...{ host: '127.0.0.1', port: 0, shedLagMs: 50 },
    backend: { ...one.backend, isUrgent: ({ url }) => url === '/urgent' },
    onShed: ({ code }) => void shed.push(code),
  })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  let isBusy = true
  const work = (): void => {
    const end = performance.now() + 200
    while (performance.now() < end);
    if (isBusy) setImmediate(work)
  }
  setImmediate(work)
  let refused = await ask(server.url)
  for (let i = 0; i < 50 && refused.status === 200; i++) refused = await ask(server.url)
  const urgent = await ask(`${server.url}/urgent`)
  isBusy = false
  assert.deepEqual([refused.status, JSON.parse(refused.text).code], [503, 'overloaded'])
  assert.ok(Number(refused.headers['retry-after']) > 0)
  assert.equal(urgent.status, 200)
  assert.ok(shed.length > 0 && shed.every((code) => code === 'overloaded'))
  for (let i = 0; i < 100 && (await ask(server.url)).status !== 200; i++) await wait(50)
  assert.equal((await ask(server.url)).status, 200, 'and later all again')
})
