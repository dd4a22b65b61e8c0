import { problem } from 'plinth'

export default async ({ db, input, now }) => {
  if (!(now instanceof Date)) throw new Error('no date')
  const { product, quantity } = input
  if (product.stock < quantity) throw problem('out_of_stock')
  await db.system.Product.update(product.id, { stock: product.stock - quantity })
  const coupon = input.coupon === undefined ? null : await db.system.Coupon.find({ filter: { code: input.coupon, remaining: { gt: 0 } } })
  if (input.coupon !== undefined && coupon === null) throw problem('coupon_used', 'this coupon cannot be used')
  if (coupon !== null) await db.system.Coupon.update(coupon.id, { remaining: coupon.remaining - 1 })
  const whole = Number(product.price) * quantity
  const total = (coupon === null ? whole : whole * (1 - coupon.percent / 100)).toFixed(2)
  const order = await db.Order.create({ product: product.id, quantity, total, note: input.note })
  return { number: order.number, total: order.total, note: order.note }
}

export const repeat = async ({ db, row }) => {
  const { product, quantity, total } = row
  const again = await db.Order.create({ product, quantity, total })
  return { number: again.number }
}

export const mine = async ({ db, input, caller }) => {
  const filter = { customer: caller.id, quantity: { gte: input.least } }
  const orders = await db.Order.list({ filter, sort: ['-number'], include: ['product'] })
  return {
    count: await db.Order.count({ filter }),
    first: (await db.Order.find({ sort: ['number'] }))?.number ?? null,
    names: orders.map((o) => o.product.name),
  }
}
