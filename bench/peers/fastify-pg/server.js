/** The blog written by hand: the interface and the rules of the design, and nothing else. */

import { randomUUIDv7 } from 'node:crypto'
import fastify from 'fastify'
import { isPassword, openAuth } from './auth.js'
import { openCache } from './cache.js'
import { openDatabase } from './database.js'
import { createPost, findLogin, getPost, listPosts, listPostsAfter, openSession, updatePost } from './sql.js'

const { env } = process
const run = await openDatabase({ url: env.DATABASE_URL, mode: env.MODE ?? 'pool', connections: Number(env.CONNECTIONS ?? 10) })
const auth = openAuth({ key: env.AUTH_KEY, issuer: env.PUBLIC_URL })
const cache = openCache()

const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } } })

class Refusal extends Error {
  constructor(statusCode, message) {
    super(message)
    this.statusCode = statusCode
  }
}

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
const params = { type: 'object', properties: { id: { type: 'string', pattern: UUID } } }
const properties = {
  title: { type: 'string', maxLength: 200 },
  body: { type: 'string', maxLength: 50_000 },
  tags: { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 40 } },
  published: { type: 'boolean' },
}
const newPost = { type: 'object', required: ['title', 'body'], additionalProperties: false, properties }
const changedPost = { type: 'object', minProperties: 1, additionalProperties: false, properties }
const credentials = {
  type: 'object',
  required: ['email', 'password'],
  additionalProperties: false,
  properties: { email: { type: 'string', maxLength: 254 }, password: { type: 'string', maxLength: 4096 } },
}

app.decorateRequest('caller', null)
app.addHook('onRequest', async (request) => {
  try {
    request.caller = await auth.caller(request.headers.authorization)
  } catch {
    throw new Refusal(401, 'this token is not valid')
  }
})

app.setErrorHandler((error, _request, reply) => {
  const status = error.statusCode ?? 500
  if (status === 500) console.error(error)
  const errors = error.validation?.map((e) => ({ pointer: e.instancePath, rule: e.keyword, message: e.message }))
  reply.code(status).send({ status, title: status === 500 ? 'internal error' : error.message, errors })
})

const json = (reply, status, text) => reply.code(status).header('content-type', 'application/json; charset=utf-8').send(text)

const signedIn = (request) => {
  if (request.caller === null) throw new Refusal(401, 'sign in first')
  return request.caller
}

app.get('/api/posts/:id', { schema: { params } }, async (request, reply) => {
  const { caller } = request
  const { id } = request.params
  const cached = cache.get(id)
  if (cached !== undefined && (cached.published || caller?.staff || cached.author === caller?.id)) return json(reply, 200, cached.text)
  const [row] = await run(getPost, [id, caller?.id ?? null, caller?.staff ?? false])
  if (row === undefined) throw new Refusal(404, 'no such post')
  const [text, author, published] = row
  cache.set(id, { text, author, published: published === 't' })
  return json(reply, 200, text)
})

app.get('/api/posts', async (request, reply) => {
  const { caller, query } = request
  const author = query['filter[author]']
  const size = Number(query['page[size]'] ?? 20)
  if (author === undefined || !new RegExp(UUID).test(author)) throw new Refusal(400, 'filter by author')
  if (!Number.isInteger(size) || size < 1 || size > 100) throw new Refusal(400, 'a page has 1 to 100 rows')
  const values = [author, caller?.id ?? null, caller?.staff ?? false, size]
  const after = query['page[after]']
  const rows = await (after === undefined ? run(listPosts, values) : run(listPostsAfter, [...values, ...readCursor(after)]))
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const next = rows.length > size ? `"${Buffer.from(`${last[1]} ${last[2]}`).toString('base64url')}"` : 'null'
  return json(reply, 200, `{"data":[${page.map((row) => row[0]).join(',')}],"page":{"next":${next}}}`)
})

function readCursor(text) {
  const [at, id] = Buffer.from(text, 'base64url').toString().split(' ')
  if (Number.isNaN(Date.parse(at)) || !new RegExp(UUID).test(id)) throw new Refusal(400, 'this cursor is not valid')
  return [at, id]
}

app.post('/api/posts', { schema: { body: newPost }, preValidation: async (request) => signedIn(request) }, async (request, reply) => {
  const { title, body, tags = [], published = false } = request.body
  const id = randomUUIDv7()
  const [row] = await run(createPost, [id, title, body, tags, published, request.caller.id])
  reply.header('location', `/api/posts/${id}`)
  return json(reply, 201, row[0])
})

app.patch(
  '/api/posts/:id',
  { schema: { params, body: changedPost }, preValidation: async (request) => signedIn(request) },
  async (request, reply) => {
    const { caller, body } = request
    const { id } = request.params
    const columns = Object.keys(body)
    const [row] = await run(updatePost(columns), [id, caller.id, caller.staff, ...columns.map((column) => body[column])])
    if (row !== undefined) {
      cache.drop(id)
      return json(reply, 200, row[0])
    }
    const [seen] = await run(getPost, [id, caller.id, caller.staff])
    throw seen === undefined ? new Refusal(404, 'no such post') : new Refusal(403, 'only its author may change a post')
  },
)

app.post('/api/auth/login', { schema: { body: credentials } }, async (request, reply) => {
  const { email, password } = request.body
  const [row] = await run(findLogin, [email.trim().toLowerCase()])
  if (row === undefined || !(await isPassword(password, row[1]))) throw new Refusal(401, 'wrong address or password')
  const session = randomUUIDv7()
  const refresh = auth.newRefreshToken()
  const [[user]] = await run(openSession, [session, row[0], false, refresh.digest])
  const token = await auth.issue({ id: row[0], role: row[2] }, session)
  return json(reply, 200, `{"user":${user},"token":"${token}","expiresIn":900,"refreshToken":"${refresh.token}"}`)
})

await app.listen({ host: env.HOST, port: Number(env.PORT) })
