/** The blog on Hono and Drizzle: a validator, a guard, a query, and JSON made by Hono. */

import { argon2, createHash, createPrivateKey, createPublicKey, randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { serve } from '@hono/node-server'
import { zValidator } from '@hono/zod-validator'
import { and, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { sign, verify } from 'hono/jwt'
import pg from 'pg'
import { z } from 'zod'
import { prepareQueries } from './queries.js'
import * as schema from './schema.js'

const { env } = process
const { posts, sessions } = schema
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: Number(env.CONNECTIONS ?? 10) })
const db = drizzle(pool, { schema })
const queries = prepareQueries(db)
const hash = promisify(argon2)

const privateKey = createPrivateKey(env.AUTH_KEY)
const signingJwk = { ...privateKey.export({ format: 'jwk' }), alg: 'EdDSA' }
const verifyingJwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'EdDSA' }
const EXPECTED = { alg: 'EdDSA', iss: env.PUBLIC_URL, aud: env.PUBLIC_URL, typ: ['at+jwt', 'JWT'] }
const STAFF = new Set(['admin', 'moderator'])

const newPost = z.strictObject({
  title: z.string().max(200),
  body: z.string().max(50_000),
  tags: z.array(z.string().max(40)).max(100).default([]),
  published: z.boolean().default(false),
})
const changedPost = z
  .strictObject({
    title: z.string().max(200),
    body: z.string().max(50_000),
    tags: z.array(z.string().max(40)).max(100),
    published: z.boolean(),
  })
  .partial()
const credentials = z.strictObject({ email: z.string().max(254), password: z.string().max(4096) })
const byId = z.object({ id: z.uuid() })
const listing = z.object({
  'filter[author]': z.uuid(),
  'page[size]': z.coerce.number().int().min(1).max(100).default(20),
  'page[after]': z.string().optional(),
})

const valid = (target, shape) =>
  zValidator(target, shape, (result, c) => {
    if (result.success) return undefined
    const errors = result.error.issues.map(({ path, code, message }) => ({ pointer: `/${path.join('/')}`, rule: code, message }))
    return c.json({ status: 400, title: 'validation failed', errors }, 400)
  })

const app = new Hono()

app.use('*', async (c, next) => {
  const header = c.req.header('authorization')
  if (header !== undefined) {
    try {
      const { sub, role } = await verify(header.replace(/^Bearer /, ''), verifyingJwk, EXPECTED)
      c.set('caller', { id: sub, staff: STAFF.has(role) })
    } catch {
      throw new HTTPException(401, { message: 'this token is not valid' })
    }
  }
  await next()
})

const signedIn = async (c, next) => {
  if (c.get('caller') === undefined) throw new HTTPException(401, { message: 'sign in first' })
  await next()
}

const asker = (c) => {
  const caller = c.get('caller')
  return { me: caller?.id ?? null, staff: caller?.staff ?? false }
}

function shownPost({ authorId, author, ...post }, caller) {
  return { ...post, author: author === undefined ? authorId : shownUser(author, caller) }
}

function shownUser({ email, ...user }, { me, staff }) {
  return { ...user, email: staff || me === user.id ? email : null }
}

app.get('/api/posts/:id', valid('param', byId), async (c) => {
  const caller = asker(c)
  const [post] = await queries.getPost.execute({ ...c.req.valid('param'), ...caller })
  if (post === undefined) throw new HTTPException(404, { message: 'no such post' })
  return c.json(shownPost(post, caller))
})

app.get('/api/posts', valid('query', listing), async (c) => {
  const caller = asker(c)
  const query = c.req.valid('query')
  const size = query['page[size]']
  const values = { author: query['filter[author]'], limit: size + 1, ...caller }
  const after = query['page[after]']
  const [at, id] = after === undefined ? [] : Buffer.from(after, 'base64url').toString().split(' ')
  const rows = await (after === undefined ? queries.listPosts.execute(values) : queries.listPostsAfter.execute({ ...values, at, id }))
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const next = rows.length > size ? Buffer.from(`${last.createdAt.toISOString()} ${last.id}`).toString('base64url') : null
  return c.json({ data: page.map((post) => shownPost(post, caller)), page: { next } })
})

app.post('/api/posts', signedIn, valid('json', newPost), async (c) => {
  const caller = asker(c)
  const [post] = await queries.createPost.execute({ id: randomUUIDv7(), ...c.req.valid('json'), author: caller.me })
  c.header('location', `/api/posts/${post.id}`)
  return c.json(shownPost(post, caller), 201)
})

app.patch('/api/posts/:id', signedIn, valid('param', byId), valid('json', changedPost), async (c) => {
  const caller = asker(c)
  const { id } = c.req.valid('param')
  const [post] = await db
    .update(posts)
    .set({ ...c.req.valid('json'), updatedAt: new Date(), version: sql`${posts.version} + 1` })
    .where(caller.staff ? eq(posts.id, id) : and(eq(posts.id, id), eq(posts.authorId, caller.me)))
    .returning()
  if (post !== undefined) return c.json(shownPost(post, caller))
  const [seen] = await queries.getPost.execute({ id, ...caller })
  throw seen === undefined
    ? new HTTPException(404, { message: 'no such post' })
    : new HTTPException(403, { message: 'only its author may change a post' })
})

app.post('/api/auth/login', valid('json', credentials), async (c) => {
  const { email, password } = c.req.valid('json')
  const [user] = await queries.findLogin.execute({ email: email.trim().toLowerCase() })
  if (user === undefined || !(await isPassword(password, user.password))) {
    throw new HTTPException(401, { message: 'wrong address or password' })
  }
  const refreshToken = randomBytes(32).toString('base64url')
  const id = randomUUIDv7()
  const tokenHash = createHash('sha256').update(refreshToken).digest()
  await db.insert(sessions).values({ id, userId: user.id, tokenHash, expiresAt: new Date(Date.now() + 30 * 86_400_000) })
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: user.id, sid: id, role: user.role, iss: env.PUBLIC_URL, aud: env.PUBLIC_URL, iat: now, exp: now + 900 }
  const { password: _, ...shown } = user
  return c.json({ user: shown, token: await sign(claims, signingJwk, 'EdDSA'), expiresIn: 900, refreshToken })
})

/** Whether a password is the one of a hash in the PHC format. */
async function isPassword(password, phc) {
  const [, , , cost, salt, tag] = phc.split('$')
  const [memory, passes, parallelism] = cost.split(',').map((part) => Number(part.slice(2)))
  const wanted = Buffer.from(tag, 'base64')
  const parameters = { message: password, nonce: Buffer.from(salt, 'base64'), parallelism, memory, passes, tagLength: wanted.length }
  return timingSafeEqual(await hash('argon2id', parameters), wanted)
}

app.onError((error, c) => {
  const status = error instanceof HTTPException ? error.status : 500
  if (status === 500) console.error(error)
  return c.json({ status, title: status === 500 ? 'internal error' : error.message }, status)
})

serve({ fetch: app.fetch, hostname: env.HOST, port: Number(env.PORT) })
