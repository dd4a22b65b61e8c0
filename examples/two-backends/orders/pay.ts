// Pays an order at billing, in the name of its customer.
import { randomBytes } from 'node:crypto'
import { type CodeOf, isServiceError, problem } from 'plinth'
import type design from './design.ts'

export default (async ({ row, services, transaction, log }) => {
  if (row.charge != null) throw problem('already_paid')

  const charge = () =>
    services.billing.post<{ id: string }>('/api/charges', {
      body: { order: row.id, cents: row.cents },
      // A repetition, also of the whole action, charges nothing more.
      idempotencyKey: `order-${row.id}`,
    })

  const paid = await charge().catch(async (error) => {
    // Billing does not know the customer yet, and refuses the token.
    if (!isServiceError(error) || error.status !== 401) throw error
    log.info('opens an account', { customer: row.customer })
    const email = `${row.customer}@customers.example.com`
    // Nobody signs in with this password.
    const password = randomBytes(24).toString('base64url')
    await services.accounts.post('/api/accounts', {
      body: { email, password, customer: row.customer },
      idempotencyKey: `customer-${row.customer}`,
    })
    return charge()
  })

  await transaction(({ db }) => db.system.Order.update(row.id, { charge: paid.id }))
  return { charge: paid.id }
}) satisfies CodeOf<typeof design, 'Order.pay'>
