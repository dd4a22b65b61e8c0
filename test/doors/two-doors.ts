/** One backend behind two servers: the direct door, and the Fastify app alone. Both get the same bytes. */

import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import pg from 'pg'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import type { Observation } from '../../src/server/http/observe.ts'
import { DEFAULT_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { newTraceId } from '../../src/server/http/trace-id.ts'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

/** The id of the one account. */
export const ANN = '01900000-0000-7000-8000-0000000000a1'

const model = modelFrom({
  name: 'doors',
  entities: {
    User: {
      identity: { login: 'login', password: 'secret' },
      fields: { login: { type: 'text', unique: true }, secret: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
    Note: {
      fields: { id: { type: 'text' }, text: { type: 'text', max: 2_000_000 }, owner: { type: 'ref', entity: 'User', optional: true } },
      access: { read: 'true', create: 'true', update: 'auth.id != null', delete: 'auth.id != null' },
      actions: {
        textOf: { allow: 'true', endpoint: 'GET /notes/{id}/text', answer: { text: 'row.text' } },
        setText: {
          allow: 'true',
          endpoint: { at: 'PUT /notes/{id}/text', body: 'note', status: 202 },
          input: { text: 'Note.text', site: { type: 'text', optional: true, in: 'header', name: 'X-Site' } },
          steps: [{ update: 'row', set: { text: 'input.text' } }],
        },
      },
    },
    Secret: { fields: { text: { type: 'text' } }, access: { read: 'auth.id != null' } },
  },
  actions: { feed: { allow: 'true', endpoint: 'GET /notes/feed/text', input: { limit: 'integer?' }, answer: { limit: 'input.limit' } } },
})

const NOTES = [
  ['one', 'first', ANN],
  ['two', 'ünïcödé', null],
  ...['bulk', '__proto__', 'constructor', 'a b', 'a/b', '%'].map((id) => [id, 'an odd id', null] as const),
] as const

const MOMENT = '2026-11-28T10:00:00Z'

const literal = (text: string | null) => (text === null ? 'null' : `'${text}'`)

const ROWS = `delete from notes; delete from plinth.idempotency_keys; delete from users;
insert into users (id, login, secret, created_at, updated_at) values ('${ANN}', 'ann', '', '${MOMENT}', '${MOMENT}');
insert into notes (id, text, owner_id, created_at, updated_at) values
${NOTES.map((note) => `(${note.map(literal).join(', ')}, '${MOMENT}', '${MOMENT}')`).join(', ')}`

/** What a door answered and observed. */
export interface Outcome {
  readonly bytes: string
  readonly observed: readonly string[]
}

/** What to send: bytes, each piece in its own write. */
export interface Sending {
  readonly pieces: readonly string[]
  /** Milliseconds of silence after which the client disconnects. Without them it waits until the server closes the connection. */
  readonly hangUpAfterMs?: number
}

/** The doors, and a token of a valid session. */
export interface Doors {
  readonly token: string
  /** Sends the same bytes to both doors, each on the same rows. */
  readonly both: (sending: Sending) => Promise<{ readonly direct: Outcome; readonly fastify: Outcome }>
}

/** Other refusals are said by the answer. For a client that has hung up, they come at any later time. */
function isLogged(one: Observation): boolean {
  return one.kind !== 'request-failed' || one.failure.status >= 500 || one.failure.note !== undefined
}

/** Opens both doors of one backend. */
export async function openDoors(t: TestContext, options: Partial<BackendOptions> = {}): Promise<Doors> {
  const observed: Observation[] = []
  const { backend, databaseUrl, tokenFor } = await testBackend(t, model, {
    mode: 'production',
    rateLimits: { ...DEFAULT_RATE_LIMITS, requests: 1_000_000 },
    corsOrigins: ['https://app.example.com'],
    newId: () => '01900000-0000-7000-8000-00000000ffff',
    observe: (one) => {
      if (isLogged(one)) observed.push(one)
    },
    ...options,
  })
  const database = new pg.Client({ connectionString: databaseUrl })
  // The test drops the database, and this connection ends with it.
  database.on('error', () => {})
  await database.connect()
  const close = async () => {}
  const servers = await Promise.all(
    [backend.handle, backend.app.routing].map((handle) =>
      startServer({ host: '127.0.0.1', port: 0, backend: { handle: (request, response) => handle(request, response), close } }),
    ),
  )
  t.after(async () => {
    for (const server of servers) await server.drain({ noticeMs: 0, drainMs: 0 })
    await database.end()
  })
  await database.query(ROWS)
  const token = await tokenFor(ANN)
  const at = async (index: number, sending: Sending): Promise<Outcome> => {
    const mayWrite = /^(?:POST|PUT|PATCH|DELETE) /m.test(sending.pieces.join(''))
    if (mayWrite) await database.query(ROWS)
    observed.length = 0
    const bytes = await exchange(Number(new URL(servers[index]?.url ?? '').port), sending)
    return { bytes: comparable(mayWrite ? withoutMoments(bytes) : bytes), observed: observed.map(shown) }
  }
  return { token, both: async (sending) => ({ direct: await at(0, sending), fastify: await at(1, sending) }) }
}

/** Sends the pieces, and returns all bytes that the server sends until either side disconnects. */
function exchange(port: number, { pieces, hangUpAfterMs }: Sending): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, async () => {
      for (const piece of pieces) {
        socket.write(Buffer.from(piece, 'latin1'))
        if (pieces.length > 1) await new Promise((sent) => setTimeout(sent, 5))
      }
    })
    if (hangUpAfterMs !== undefined) socket.setTimeout(hangUpAfterMs, () => socket.destroy())
    socket.on('data', (bytes: Buffer) => received.push(bytes))
    // The server may close the connection before it has read everything.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error),
    )
    // After a hang-up, the server still has something to observe.
    socket.on('close', () =>
      setTimeout(
        () => resolve(Buffer.concat(received).toString('latin1')),
        hangUpAfterMs === undefined ? 0 : Math.max(5, hangUpAfterMs / 20),
      ),
    )
  })
}

const NEW_TRACE_ID = new RegExp(`${newTraceId().slice(0, 20)}[0-9a-f]{12}`, 'g')

/** The answers without moments, digests and lengths: each door writes rows of its own. */
function withoutMoments(bytes: string): string {
  return bytes
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT')
    .replaceAll(/("\d+)\.[\w-]{12}(?![\w-])/g, '$1.DIGEST')
    .replaceAll(/^content-length: \d+/gim, 'content-length: N')
}

/** The answers without what differs from request to request, and with the header fields of each answer in one order. */
function comparable(bytes: string): string {
  const steady = bytes
    .replaceAll(NEW_TRACE_ID, 'NEW-TRACE-ID')
    .replaceAll(/^date: .*$/gim, 'Date: NOW')
    .replaceAll(/^(ratelimit: "requests");r=\d+;t=\d+/gim, '$1;r=R;t=T')
    .replaceAll(/^x-request-id: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gim, 'x-request-id: UUID')
    .replaceAll(/"traceId":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"traceId":"UUID"')
  return steady.replaceAll(/HTTP\/1\.1 \d{3} .*?\r\n\r\n/gs, (head) => {
    const [line = '', ...fields] = head.trimEnd().split('\r\n')
    return `${[line, ...fields.toSorted()].join('\n')}\n\n`
  })
}

function shown(observation: Observation): string {
  switch (observation.kind) {
    case 'request':
      return `${observation.method} ${observation.route} ${observation.status}`
    case 'request-failed':
      return `refused ${observation.failure.code} ${observation.failure.note ?? ''}`
    case 'defect':
      return `defect ${String(observation.error)}`
    default:
      return observation.kind
  }
}
