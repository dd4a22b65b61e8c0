/**
 * PostGraphile over the blog's tables. It sets role and claims for each request; row-level security of PostgreSQL checks the rules
 * (peers/postgraphile/rules.sql).
 */

import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import { jwtVerify } from 'jose'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const { env } = process
const publicKey = createPublicKey(createPrivateKey(env.AUTH_KEY))
const verified = new Map()

async function caller(header) {
  if (header === undefined) return {}
  const known = verified.get(header)
  if (known !== undefined && known.until > Date.now()) return known
  const { payload } = await jwtVerify(header.replace(/^Bearer /, ''), publicKey, { issuer: env.PUBLIC_URL, audience: env.PUBLIC_URL })
  const fresh = { id: payload.sub, role: payload.role, until: payload.exp * 1000 }
  if (verified.size >= 10_000) verified.delete(verified.keys().next().value)
  verified.set(header, fresh)
  return fresh
}

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: env.DATABASE_URL,
      schemas: ['public'],
      pubsub: false,
      poolConfig: { max: Number(env.CONNECTIONS ?? 10) },
    }),
  ],
  disablePlugins: ['NodePlugin'],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  grafast: {
    async context(requestContext) {
      const { id, role } = await caller(requestContext.node?.req.headers.authorization)
      return { pgSettings: { role: 'bench_api', 'jwt.claims.id': id ?? '', 'jwt.claims.role': role ?? '' } }
    },
  },
}

const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(Number(env.PORT), env.HOST)
