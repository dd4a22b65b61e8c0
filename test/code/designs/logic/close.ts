import type { CodeOf } from 'plinth'
import type design from '../typed-shop.ts'

export default (async ({ db, row, input }) => {
  const note: string | null | undefined = input.note
  if (note !== undefined) await db.Product.update(row.product, { note })
  await db.Order.update(row.id, { status: 'closed' })
  return { left: await db.Order.count({ filter: { status: 'open' } }) }
}) satisfies CodeOf<typeof design, 'Order.close'>

export const later: CodeOf<typeof design, 'later'> = ({ input }) => ({ sum: input.ids.reduce((sum, id) => sum + id, 0) })

// @ts-expect-error the answer lacks a member
export const wrong: CodeOf<typeof design, 'later'> = () => ({ total: 1 })
