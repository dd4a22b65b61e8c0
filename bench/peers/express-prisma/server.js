/** The blog on Express and Prisma, as a team would write it: a validator, a guard, a query, and JSON made by Express. */

import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import express from 'express'
import Joi from 'joi'
import jwt from 'jsonwebtoken'
import { PrismaClient } from './generated/client.ts'

const { env } = process
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: env.DATABASE_URL, max: Number(env.CONNECTIONS ?? 10) }) })
const hash = promisify(argon2)
const STAFF = ['admin', 'moderator']

const app = express()
app.disable('x-powered-by')
app.use(express.json({ limit: '1mb' }))

class Refusal extends Error {
  constructor(status, message, errors) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

const newPost = Joi.object({
  title: Joi.string().max(200).required(),
  body: Joi.string().max(50_000).required(),
  tags: Joi.array().items(Joi.string().max(40)).max(100).default([]),
  published: Joi.boolean().strict().default(false),
})
const changedPost = Joi.object({
  title: Joi.string().max(200),
  body: Joi.string().max(50_000),
  tags: Joi.array().items(Joi.string().max(40)).max(100),
  published: Joi.boolean().strict(),
}).min(1)
const credentials = Joi.object({ email: Joi.string().email().lowercase().required(), password: Joi.string().max(4096).required() })
const listing = Joi.object({
  'filter[author]': Joi.string().uuid().required(),
  'page[size]': Joi.number().integer().min(1).max(100).default(20),
  'page[after]': Joi.string().uuid(),
  sort: Joi.string().valid('-createdAt').default('-createdAt'),
  include: Joi.string().valid('author'),
})
const id = Joi.string().uuid().required()

function validate(schema, value) {
  const { value: valid, error } = schema.validate(value, { abortEarly: false })
  if (error === undefined) return valid
  throw new Refusal(
    400,
    'validation failed',
    error.details.map(({ path, type, message }) => ({ pointer: `/${path.join('/')}`, rule: type, message })),
  )
}

app.use((request, _response, next) => {
  const header = request.headers.authorization
  if (header !== undefined) {
    try {
      const { sub, role } = jwt.verify(header.replace(/^Bearer /, ''), env.JWT_SECRET, { algorithms: ['HS256'], issuer: env.PUBLIC_URL })
      request.caller = { id: sub, staff: STAFF.includes(role) }
    } catch {
      throw new Refusal(401, 'this token is not valid')
    }
  }
  next()
})

function signedIn(request, _response, next) {
  if (request.caller === undefined) throw new Refusal(401, 'sign in first')
  next()
}

/** The rule `published || author.id == auth.id || staff`. */
function visibleTo(caller) {
  if (caller?.staff) return {}
  return caller === undefined ? { published: true } : { OR: [{ published: true }, { authorId: caller.id }] }
}

function shownPost({ authorId, version, author, ...post }, caller) {
  return { ...post, author: author === undefined ? authorId : shownUser(author, caller), version: Number(version) }
}

function shownUser({ version, email, ...user }, caller) {
  return { ...user, email: caller?.staff || caller?.id === user.id ? email : null, version: Number(version) }
}

app.get('/api/posts/:id', async (request, response) => {
  const post = await prisma.post.findFirst({ where: { id: validate(id, request.params.id), ...visibleTo(request.caller) } })
  if (post === null) throw new Refusal(404, 'no such post')
  response.json(shownPost(post, request.caller))
})

app.get('/api/posts', async (request, response) => {
  const query = validate(listing, request.query)
  const { caller } = request
  const size = query['page[size]']
  const after = query['page[after]']
  const rows = await prisma.post.findMany({
    where: { authorId: query['filter[author]'], ...visibleTo(caller) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: size + 1,
    ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
    ...(query.include === undefined ? {} : { include: { author: { omit: { password: true } } } }),
  })
  const page = rows.slice(0, size)
  response.json({ data: page.map((post) => shownPost(post, caller)), page: { next: rows.length > size ? page.at(-1).id : null } })
})

app.post('/api/posts', signedIn, async (request, response) => {
  const post = await prisma.post.create({ data: { ...validate(newPost, request.body), authorId: request.caller.id } })
  response.status(201).location(`/api/posts/${post.id}`).json(shownPost(post, request.caller))
})

app.patch('/api/posts/:id', signedIn, async (request, response) => {
  const { caller } = request
  const which = validate(id, request.params.id)
  const data = validate(changedPost, request.body)
  const [post] = await prisma.post.updateManyAndReturn({
    where: { id: which, ...(caller.staff ? {} : { authorId: caller.id }) },
    data: { ...data, version: { increment: 1 } },
  })
  if (post === undefined) {
    const seen = await prisma.post.findFirst({ where: { id: which, ...visibleTo(caller) }, select: { id: true } })
    throw seen === null ? new Refusal(404, 'no such post') : new Refusal(403, 'only its author may change a post')
  }
  response.json(shownPost(post, caller))
})

app.post('/api/auth/login', async (request, response) => {
  const { email, password } = validate(credentials, request.body)
  const user = await prisma.user.findUnique({ where: { email } })
  if (user === null || !(await isPassword(password, user.password))) throw new Refusal(401, 'wrong address or password')
  const refreshToken = randomBytes(32).toString('base64url')
  const tokenHash = createHash('sha256').update(refreshToken).digest()
  const session = await prisma.session.create({
    data: { userId: user.id, tokenHash, expiresAt: new Date(Date.now() + 30 * 86_400_000) },
  })
  const token = jwt.sign({ sid: session.id, role: user.role }, env.JWT_SECRET, {
    algorithm: 'HS256',
    issuer: env.PUBLIC_URL,
    audience: env.PUBLIC_URL,
    subject: user.id,
    expiresIn: '15m',
  })
  const { password: _, ...shown } = user
  response.json({ user: shownUser(shown, { id: user.id, staff: false }), token, expiresIn: 900, refreshToken })
})

/** Whether a password is the one of a hash in the PHC format. */
async function isPassword(password, phc) {
  const [, , , cost, salt, tag] = phc.split('$')
  const [memory, passes, parallelism] = cost.split(',').map((part) => Number(part.slice(2)))
  const wanted = Buffer.from(tag, 'base64')
  const parameters = { message: password, nonce: Buffer.from(salt, 'base64'), parallelism, memory, passes, tagLength: wanted.length }
  return timingSafeEqual(await hash('argon2id', parameters), wanted)
}

// Express recognizes an error handler by its four parameters.
app.use((error, _request, response, _next) => {
  const status = error.status ?? 500
  if (status === 500) console.error(error)
  response.status(status).json({ status, title: status === 500 ? 'internal error' : error.message, errors: error.errors })
})

app.listen(Number(env.PORT), env.HOST)
