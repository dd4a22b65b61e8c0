import { problem } from 'plinth'
import type { Actions } from '../shop.d.ts'

export default (async (ctx) => {
  const { db, input, caller, now, signal, log } = ctx
  const { product, quantity } = input
  if (product.stock < quantity) throw problem('out_of_stock')
  await db.system.Product.update(product.id, { stock: { increment: -quantity } })
  const coupon = input.coupon === undefined ? null : await db.system.Coupon.find({ filter: { code: input.coupon, remaining: { gt: 0 } } })
  if (coupon !== null) await db.system.Coupon.update(coupon.id, { remaining: coupon.remaining - 1 })
  const order = await db.Order.create({ product: product.id, quantity, total: Number(product.price) * quantity, note: input.note ?? null })
  const [mine] = await db.Order.list({
    filter: { customer: caller.id ?? '', createdAt: { lte: now.toISOString() } },
    sort: ['-number'],
    include: ['product'],
    limit: 1,
  })
  const name: string | undefined = mine?.product?.name
  log.info('bought', { name, aborted: signal.aborted })

  // @ts-expect-error a transaction sends no mail
  ctx.mail
  // @ts-expect-error a transaction calls no other system
  ctx.services
  // @ts-expect-error no such field
  await db.Order.create({ product: product.id, quantity, colour: 'red' })
  // @ts-expect-error a required field is missing
  await db.Order.create({ product: product.id })
  // @ts-expect-error the server sets the field
  await db.Order.update(order.id, { number: 5 })
  await db.system.Order.update(order.id, { customer: caller.id ?? '' })
  // @ts-expect-error only code as system gives what the server sets
  await db.Order.update(order.id, { customer: caller.id ?? '' })
  // @ts-expect-error no such field to filter by
  await db.Order.list({ filter: { colour: 'red' } })
  // @ts-expect-error no such relation
  await db.Order.list({ include: ['lines'] })
  // @ts-expect-error an included row is no id
  const id: string = mine?.product
  return { number: order.number, total: order.total, note: id }
}) satisfies Actions['buy']

export const mine = (async ({ db }) => {
  // @ts-expect-error an action with reads: true writes nothing
  db.Order.create
  return { count: await db.Order.count() }
}) satisfies Actions['mine']

export const repeat = (async ({ db, row }) => {
  // @ts-expect-error the action does not run as system
  db.system
  const { number } = await db.Order.create({ product: row.product, quantity: row.quantity })
  return { number }
}) satisfies Actions['Order.repeat']

// @ts-expect-error the answer lacks a member
export const wrong = (async () => ({ total: '1' })) satisfies Actions['buy']
