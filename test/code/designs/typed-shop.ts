import { backend, boolean, choice, decimal, integer, problem, ref, text } from 'plinth'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

export default backend({
  name: 'typed-shop',
  entities: {
    Product: {
      fields: {
        name: text({ unique: true, max: 80 }),
        price: decimal(10, 2),
        stock: integer({ min: 0 }),
        note: text({ optional: true }),
        sold: boolean({ default: false }),
      },
      access: OPEN,
      hooks: { beforeUpdate: 'logic/hooks.ts#soldOut', afterUpdate: { run: 'logic/hooks.ts#priced', as: 'system' } },
    },
    Order: {
      fields: {
        product: ref('Product', { inverse: 'orders' }),
        quantity: integer({ min: 1 }),
        status: choice(['open', 'closed'], { default: 'open' }),
      },
      indexes: [['status', '-createdAt']],
      access: OPEN,
      actions: { close: { allow: 'true', input: { note: 'Product.note?' }, run: 'logic/close.ts', output: { left: 'integer' } } },
    },
  },
  actions: {
    buy: {
      allow: 'true',
      as: 'system',
      input: { product: { ref: 'Product', by: 'name' }, quantity: 'Order.quantity', note: 'text?' },
      output: { order: { type: 'text' }, left: 'Product.stock' },
      run: async ({ db, input, ...ctx }) => {
        const { product, quantity } = input
        if (product.stock < quantity) throw problem('out_of_stock')
        const { stock } = await db.system.Product.update(product.id, { stock: { increment: -quantity } })
        const order = await db.Order.create({ product: product.id, quantity })
        const [again] = await db.Order.list({ filter: { status: 'open' }, sort: ['-createdAt'], include: ['product'] })
        const name: string | undefined = again?.product?.name
        const note: string | undefined = input.note
        const wrong = async () => {
          // @ts-expect-error a transaction sends no mail
          ctx.mail
          // @ts-expect-error a transaction calls no other system
          ctx.services
          // @ts-expect-error no such field
          await db.Order.create({ colour: 'red' })
          // @ts-expect-error no such state
          await db.Order.list({ filter: { status: 'lost' } })
          // @ts-expect-error no such input
          input.colour
        }
        void wrong
        return { order: `${order.id} ${name ?? ''} ${note ?? ''}`, left: stock }
      },
    },
    count: {
      allow: 'true',
      reads: true,
      run: async ({ db }) => {
        const wrong = () => {
          // @ts-expect-error an action with reads: true writes nothing
          db.Order.create
          // @ts-expect-error the action does not run as system
          db.system
        }
        void wrong
        return await db.Order.count()
      },
    },
    charge: {
      allow: 'true',
      as: 'system',
      transaction: 'own',
      input: { product: { ref: 'Product' } },
      output: { left: 'integer' },
      run: async ({ input, transaction, ...ctx }) => {
        const name: string = input.product.name
        // @ts-expect-error there are no tables outside of the transaction
        ctx.db
        const { stock } = await transaction(async ({ db, input: { product } }) => {
          // @ts-expect-error no such field
          await db.Order.create({ colour: name })
          return await db.system.Product.update(product.id, { stock: { increment: -1 } })
        })
        return { left: stock }
      },
    },
    later: { allow: 'true', input: { ids: { type: 'list', of: { type: 'integer' } } }, output: { sum: 'integer' }, run: 'logic/later.ts' },
    steps: {
      allow: 'true',
      input: { title: 'Product.name' },
      steps: [{ create: 'Product', set: { name: 'input.title', price: 1, stock: 1 } }],
    },
  },
})
