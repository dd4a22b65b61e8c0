import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { HTTP_OPTIONS } from '../connections.ts'
import { type Fields, openCommonFields } from '../headers.ts'
import { WholeResponse } from './whole-response.ts'

const COMMON = openCommonFields({ origins: ['https://app.example.com'], secure: true, credentials: true })

const ANSWERS: readonly { readonly status: number; readonly more: Fields; readonly origin?: string; readonly body: string }[] = [
  { status: 200, more: ['etag', '"1.abcdefghijkl"', 'link', '</api/notes?page%5Bafter%5D=x>; rel="next"'], body: '{"data":[]}' },
  { status: 201, more: ['location', '/api/notes/\u00fc'], origin: 'https://app.example.com', body: '{"t":"\u00fc"}' },
  { status: 400, more: ['retry-after', '\t1'], origin: 'https://other.example.com', body: '{}' },
  { status: 503, more: [], body: 'x'.repeat(100_000) },
  { status: 299, more: [], body: '[]' },
]

function fieldsOf({ more, origin, body }: (typeof ANSWERS)[number]): Fields {
  return [...COMMON.of(origin, '0'.repeat(32)), ...more, 'content-length', String(body.length)]
}

test('an answer with its fields as one text has the same bytes as one of writeHead', async (t) => {
  const server = createServer({ ...HTTP_OPTIONS, ServerResponse: WholeResponse }, (request, response) => {
    const answer = ANSWERS[Number(request.url?.slice(-1))]
    assert.ok(answer !== undefined && response instanceof WholeResponse && response.shouldKeepAlive)
    if (request.url?.startsWith('/whole')) response.writeLines(answer.status, COMMON.linesOf(fieldsOf(answer)))
    else response.writeHead(answer.status, fieldsOf(answer))
    response.end(answer.body, 'latin1')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const receive = async (path: string, version: string): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1' })
    // The second request shows where the first answer ends, and that the connection has stayed open.
    socket.end(`GET ${path} HTTP/${version}\r\nHost: x\r\nConnection: keep-alive\r\n\r\n`.repeat(2), 'latin1')
    let text = ''
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece
    })
    await once(socket, 'close')
    return text.replaceAll(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gm, 'Date: NOW\r')
  }
  for (const i of ANSWERS.keys()) {
    for (const version of ['1.1', '1.0']) {
      const whole = await receive(`/whole${i}`, version)
      assert.match(whole, /Date: NOW/)
      assert.equal(whole, await receive(`/head${i}`, version))
    }
  }
})

test('a value that would begin another line is refused, as writeHead refuses it', () => {
  for (const value of ['a\r\nb: c', 'a\nb', '\u0000', '\u007f', '\u0100'])
    assert.throws(() => COMMON.linesOf([...COMMON.of(undefined, 'id'), 'link', value]), /the field link/)
  assert.throws(() => COMMON.linesOf(COMMON.of(undefined, 'a\r\nb')), /x-request-id/)
})
