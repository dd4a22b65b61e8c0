/**
 * What the servers of the peers for events share: creates of one row, without and with a job in the same transaction, and what their
 * workers have handled. Each server gives its own packages.
 */

const INSERT = {
  name: 'insert',
  text: `insert into plains (id, title, body, likes, created_at, updated_at, version) values (gen_random_uuid(), $1, $2, $3, now(), now(), 1)
    returning id, title, body, likes::int as likes, created_at as "createdAt", updated_at as "updatedAt", version::int as version`,
}

const body = {
  type: 'object',
  required: ['title', 'body'],
  additionalProperties: false,
  properties: { title: { type: 'string' }, body: { type: 'string' }, likes: { type: 'integer' } },
}

/**
 * Serves at PORT.
 *
 * @param app an instance of Fastify.
 * @param pool a pool of pg.
 * @param add adds a job for a row, with a client that is in a transaction.
 * @returns the function that a worker calls for each row.
 */
export async function serve(app, pool, add) {
  let count = 0
  let handled = []
  const insert = async (client, { title, body: text, likes = 0 }) =>
    (await client.query({ ...INSERT, values: [title, text, likes] })).rows[0]
  app.post('/api/plains', { schema: { body } }, async (request, reply) => {
    reply.code(201)
    return insert(pool, request.body)
  })
  app.post('/api/loggeds', { schema: { body } }, async (request, reply) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const row = await insert(client, request.body)
      await add(client, row)
      await client.query('commit')
      reply.code(201)
      return row
    } catch (error) {
      await client.query('rollback').catch(() => {})
      throw error
    } finally {
      client.release()
    }
  })
  app.get('/handled', async () => {
    const told = { count, handled }
    handled = []
    return told
  })
  await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) })
  return ({ likes }) => {
    count++
    if (likes > 0) handled.push([likes, performance.timeOrigin + performance.now()])
  }
}
