import type { HookOf } from 'plinth'
import type design from '../typed-shop.ts'

export const soldOut = (({ input, row, ...ctx }) => {
  // @ts-expect-error the hook does not run as system
  ctx.db.system
  // @ts-expect-error no such field
  input.colour
  return typeof input.stock === 'number' || row.stock > 0 ? { sold: false } : undefined
}) satisfies HookOf<typeof design, 'Product.beforeUpdate'>

export const priced: HookOf<typeof design, 'Product.afterUpdate'> = async ({ db, row, before }) => {
  const open = row.price === before.price ? [] : await db.system.Order.list({ filter: { product: row.id, status: 'open' } })
  for (const { id } of open) await db.system.Order.update(id, { status: 'closed' })
}

// @ts-expect-error no such field to set
export const wrong: HookOf<typeof design, 'Product.beforeUpdate'> = () => ({ colour: 'red' })

// @ts-expect-error a hook after a write sets nothing
export const late: HookOf<typeof design, 'Product.afterUpdate'> = () => ({ sold: true })
