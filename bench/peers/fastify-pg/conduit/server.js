/** The Conduit API by hand: the 19 operations of its contract on Fastify and pg, and nothing else. */

import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import { isPassword } from '../auth.js'
import { openDatabase } from '../database.js'
import { hashPassword, openAuth } from './auth.js'
import { Refusal, refuse } from './refusals.js'
import * as schemas from './schemas.js'
import * as sql from './sql.js'

const { env } = process
const run = await openDatabase({ url: env.DATABASE_URL, mode: 'pool', connections: Number(env.CONNECTIONS ?? 10) })
const auth = openAuth({ key: env.AUTH_KEY, issuer: env.PUBLIC_URL })
const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } } })

app.decorateRequest('caller', null)
app.addHook('onRequest', async (request) => {
  try {
    request.caller = await auth.caller(request.headers.authorization)
  } catch {
    throw new Refusal(401, 'token', 'is invalid')
  }
  if (request.caller === null && request.routeOptions.config.secured) throw new Refusal(401, 'token', 'is missing')
})
app.setErrorHandler(refuse)

const secured = { config: { secured: true } }
const json = (reply, text, status = 200) => reply.code(status).header('content-type', 'application/json; charset=utf-8').send(text)
const idOf = ({ caller }) => caller?.id ?? null

/** Sends the only column of the first row; 404 without a row. */
async function one(reply, kind, rows, status = 200) {
  const [row] = await rows
  if (row === undefined) throw new Refusal(404, kind, 'not found')
  return json(reply, row[0], status)
}

app.post('/users/login', { schema: schemas.login }, async (request, reply) => {
  const { email, password } = request.body.user
  const [row] = await run(sql.findLogin, [email.trim().toLowerCase()])
  if (row === undefined || !(await isPassword(password, row[1]))) throw new Refusal(401, 'credentials', 'invalid')
  return one(reply, 'profile', run(sql.getUser, [row[0], await auth.issue(row[0])]))
})

app.post('/users', { schema: schemas.newUser }, async (request, reply) => {
  const { username, email, password } = request.body.user
  const [[id]] = await run(sql.createUser, [username, email.trim().toLowerCase(), await hashPassword(password)])
  return one(reply, 'profile', run(sql.getUser, [id, await auth.issue(id)]), 201)
})

app.get('/user', secured, (request, reply) => one(reply, 'profile', run(sql.getUser, [request.caller.id, request.caller.token])))

app.put('/user', { ...secured, schema: schemas.changedUser }, async (request, reply) => {
  const { user } = request.body
  const columns = ['email', 'username', 'password', 'bio', 'image'].filter((column) => user[column] !== undefined)
  const values = await Promise.all(columns.map((column) => storedOf(column, user[column])))
  return one(reply, 'profile', run(sql.updateUser(columns), [request.caller.id, request.caller.token, ...values]))
})

function storedOf(column, value) {
  if (column === 'password') return hashPassword(value)
  if (column === 'email') return value.trim().toLowerCase()
  return value === '' ? null : value
}

const PROFILE = '/profiles/:username'
const aboutUser = (statement) => (request, reply) => one(reply, 'profile', run(statement, [idOf(request), request.params.username]))
app.get(PROFILE, aboutUser(sql.getProfile))
app.post(`${PROFILE}/follow`, secured, aboutUser(sql.follow))
app.delete(`${PROFILE}/follow`, secured, aboutUser(sql.unfollow))

const pageOf = ({ limit = '20', offset = '0' }) => [Number(limit), Number(offset)]

app.get('/articles', { schema: schemas.list }, async (request, reply) => {
  const { query } = request
  const names = ['tag', 'author', 'favorited'].filter((name) => query[name] !== undefined)
  return one(reply, 'article', run(sql.listArticles(names), [idOf(request), ...pageOf(query), ...names.map((name) => query[name])]))
})

app.get('/articles/feed', { ...secured, schema: schemas.list }, (request, reply) =>
  one(reply, 'article', run(sql.listFeed, [request.caller.id, ...pageOf(request.query)])),
)

app.post('/articles', { ...secured, schema: schemas.newArticle }, async (request, reply) => {
  const { title, description, body, tagList = [] } = request.body.article
  return one(reply, 'article', run(sql.createArticle, [request.caller.id, slugOf(title), title, description, body, tagList]), 201)
})

function slugOf(title) {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return `${words.replace(/^-+|-+$/g, '').slice(0, 100)}-${randomBytes(5).toString('hex')}`
}

const ARTICLE = '/articles/:slug'
const aboutArticle = (statement) => (request, reply) => one(reply, 'article', run(statement, [idOf(request), request.params.slug]))
app.get(ARTICLE, aboutArticle(sql.getArticle))
app.post(`${ARTICLE}/favorite`, secured, aboutArticle(sql.favorite))
app.delete(`${ARTICLE}/favorite`, secured, aboutArticle(sql.unfavorite))
app.get(`${ARTICLE}/comments`, aboutArticle(sql.listComments))

const COLUMNS = { title: 'title', description: 'description', body: 'body', tagList: 'tag_list' }

app.put(ARTICLE, { ...secured, schema: schemas.changedArticle }, async (request, reply) => {
  const { article } = request.body
  const names = Object.keys(COLUMNS).filter((name) => article[name] !== undefined)
  const values = names.map((name) => article[name])
  const [row] = await run(sql.updateArticle(names.map((name) => COLUMNS[name])), [request.caller.id, request.params.slug, ...values])
  return row === undefined ? refuseArticle(request) : json(reply, row[0])
})

app.delete(ARTICLE, secured, async (request, reply) => {
  const [row] = await run(sql.deleteArticle, [request.caller.id, request.params.slug])
  return row === undefined ? refuseArticle(request) : reply.code(204).send()
})

async function refuseArticle({ caller, params }) {
  const [row] = await run(sql.getArticle, [caller.id, params.slug])
  throw row === undefined ? new Refusal(404, 'article', 'not found') : new Refusal(403, 'article', 'forbidden')
}

app.post(`${ARTICLE}/comments`, { ...secured, schema: schemas.newComment }, (request, reply) =>
  one(reply, 'article', run(sql.createComment, [request.caller.id, request.params.slug, request.body.comment.body]), 201),
)

app.delete(`${ARTICLE}/comments/:id`, { ...secured, schema: schemas.comment }, async (request, reply) => {
  const { slug, id } = request.params
  const [row] = await run(sql.deleteComment, [request.caller.id, slug, id])
  if (row !== undefined) return reply.code(204).send()
  const [found] = await run(sql.findComment, [slug, id])
  throw found === undefined ? new Refusal(404, 'comment', 'not found') : new Refusal(403, 'comment', 'forbidden')
})

app.get('/tags', (_request, reply) => one(reply, 'tags', run(sql.listTags, [])))
app.get('/health/ready', async () => ({ status: 'ok' }))

await app.listen({ port: Number(env.PORT), host: env.HOST })
console.log('listening')
