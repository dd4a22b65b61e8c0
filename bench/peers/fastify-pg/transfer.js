/**
 * The transfer of the bank by hand: the same address, checks and answers as the action of the design. `MODE=transaction` sends `begin`,
 * prepared statements and `commit` one after the other; `MODE=statement` sends one prepared statement.
 */

import fastify from 'fastify'
import pg from 'pg'
import { openAuth } from './auth.js'

const { env } = process
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 10, min: 10, idleTimeoutMillis: 0 })
pool.on('error', () => {})
const auth = openAuth({ key: env.AUTH_KEY, issuer: env.PUBLIC_URL })
const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } })

const IBAN = { type: 'string', pattern: '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$' }
const body = {
  type: 'object',
  properties: {
    from: IBAN,
    to: IBAN,
    amount: { type: 'string', pattern: '^[0-9]{1,12}(\\.[0-9]{1,2})?$' },
    note: { type: ['string', 'null'], maxLength: 140 },
  },
  required: ['from', 'to', 'amount'],
  additionalProperties: false,
}

const NEW = 'now(), now(), 1'
const CHANGED = 'version = version + 1, updated_at = now()'

const lock = {
  name: 'lock',
  text: 'select id, iban, owner_id from accounts where iban in ($1, $2) order by id for no key update',
}
const take = {
  name: 'take',
  text: `update accounts set balance = balance - $2, ${CHANGED} where id = $1 and balance >= $2 returning balance`,
}
const give = { name: 'give', text: `update accounts set balance = balance + $2, ${CHANGED} where id = $1` }
const record = {
  name: 'record',
  text: `insert into transfers (id, from_id, to_id, amount, note, created_at, updated_at, version)
    values (gen_random_uuid(), $1, $2, $3, $4, ${NEW}) returning id`,
}
const book = {
  name: 'book',
  text: `insert into entries (id, transfer_id, account_id, amount, booked_on, created_at, updated_at, version)
    values (gen_random_uuid(), $1, $2, -$4::numeric, current_date, ${NEW}), (gen_random_uuid(), $1, $3, $4, current_date, ${NEW})`,
}

/** A refusal with its status and code. */
class Refusal extends Error {
  constructor(statusCode, code) {
    super(code)
    this.statusCode = statusCode
    this.code = code
  }
}

async function inTransaction(caller, { from, to, amount, note }) {
  const client = await pool.connect()
  const run = (statement, values) => client.query({ ...statement, values })
  try {
    await client.query('begin')
    const { rows } = await run(lock, [from, to])
    const [giver, taker] = [rows.find(({ iban }) => iban === from), rows.find(({ iban }) => iban === to)]
    if (giver === undefined || taker === undefined || giver.owner_id !== caller.id) throw new Refusal(400, 'validation_failed')
    if (giver.id === taker.id) throw new Refusal(422, 'same_account')
    const taken = await run(take, [giver.id, amount])
    if (taken.rowCount === 0) throw new Refusal(409, 'insufficient_funds')
    await run(give, [taker.id, amount])
    const recorded = await run(record, [giver.id, taker.id, amount, note ?? null])
    const [{ id }] = recorded.rows
    await run(book, [id, giver.id, taker.id, amount])
    await client.query('commit')
    return { id, balance: taken.rows[0].balance }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

/** All of the transfer. The balances come from the locked rows, because the snapshot of the statement may be older. */
const whole = {
  name: 'transfer',
  text: `with held as materialized (
      select id, iban, owner_id, balance from accounts where iban in ($1, $2) order by id for no key update),
    verdict as materialized (
      select f.id as giver, t.id as taker, f.balance - $4 as left_over, t.balance + $4 as right_over, gen_random_uuid() as transfer,
        case when f.id is null or t.id is null then 'validation_failed' when f.id = t.id then 'same_account'
          when f.balance < $4 then 'insufficient_funds' end as refused
      from (select) one left join held f on f.iban = $1 and f.owner_id = $3::uuid left join held t on t.iban = $2),
    moved as (
      update accounts a set balance = d.balance, version = a.version + 1, updated_at = now()
      from verdict v cross join lateral (values (v.giver, v.left_over), (v.taker, v.right_over)) d(id, balance)
      where a.id = d.id and v.refused is null),
    recorded as (
      insert into transfers (id, from_id, to_id, amount, note, created_at, updated_at, version)
      select transfer, giver, taker, $4, $5, ${NEW} from verdict where refused is null),
    booked as (
      insert into entries (id, transfer_id, account_id, amount, booked_on, created_at, updated_at, version)
      select gen_random_uuid(), v.transfer, d.id, d.amount, current_date, ${NEW}
      from verdict v cross join lateral (values (v.giver, -$4::numeric), (v.taker, $4)) d(id, amount) where v.refused is null)
    select refused, transfer as id, left_over as balance from verdict`,
}

const STATUS = { validation_failed: 400, same_account: 422, insufficient_funds: 409 }

async function asStatement(caller, { from, to, amount, note }) {
  const { rows } = await pool.query({ ...whole, values: [from, to, caller.id, amount, note ?? null] })
  const [{ refused, id, balance }] = rows
  if (refused !== null) throw new Refusal(STATUS[refused], refused)
  return { id, balance }
}

const transfer = env.MODE === 'statement' ? asStatement : inTransaction

app.post('/api/actions/transfer', { schema: { body } }, async (request) => {
  const caller = await auth.caller(request.headers.authorization).catch(() => null)
  if (caller === null) throw new Refusal(401, 'not_signed_in')
  return transfer(caller, request.body)
})
app.get('/health/ready', async () => ({ status: 'ok' }))
app.setErrorHandler((error, _request, reply) => reply.code(error.statusCode ?? 500).send({ code: error.code ?? 'internal_error' }))

await app.listen({ port: Number(env.PORT), host: env.HOST })
