// Payments at the provider, which carries out requests with the same key once. So each may be sent again after a failure.
import { type CodeOf, type JobOf, problem } from 'plinth'
import type design from './design.ts'

const PAYMENT = {
  type: 'object',
  required: ['id', 'state', 'url'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 100 },
    state: { type: 'string' },
    url: { type: 'string', format: 'uri', maxLength: 2_000 },
  },
}

/** Begins a payment of an order, or finds the one that was begun. The customer pays at its address. */
export const pay: CodeOf<typeof design, 'Order.pay'> = async ({ row, services, transaction }) => {
  if (row.status !== 'placed') throw problem('not_payable')
  const { id, state, url } = await services.payments.post<{ id: string; state: string; url: string }>('/payments', {
    body: { amount: row.total, currency: 'EUR', reference: row.id },
    // One payment at a time: the next one begins when this one has failed.
    idempotencyKey: `${row.id}-${row.failedPayments}`,
    schema: PAYMENT,
  })
  if (state !== 'open') throw problem('payment_ended')
  // The customer gets the address after the payment is stored, so no payment is unknown when the provider confirms it.
  await transaction(async ({ db, row: order }) => {
    if (order.status !== 'placed') throw problem('not_payable')
    const known = await db.system.Payment.find({ filter: { provider: id } })
    if (known === null) await db.system.Payment.create({ order: order.id, provider: id, amount: order.total })
  })
  return { url }
}

/** Gives the money of a payment back, once. */
export const refund: JobOf<typeof design, 'refund'> = async ({ input, services, transaction }) => {
  const { id, provider } = input.payment
  await services.payments.post('/payments/{provider}/refunds', { params: { provider }, idempotencyKey: `refund-${id}` })
  await transaction(async ({ db, input: { payment } }) => {
    if (payment.state === 'refunded') return
    await db.system.Payment.update(id, { state: 'refunded' })
    await db.system.Booking.create({ payment: id, amount: `-${payment.amount}` })
  })
}
