// The design of the backend. `npm start` runs it and applies every change that you save here.
import { backend, boolean, choice, decimal, email, integer, password, ref, text } from 'plinth'

export default backend({
  name: 'shop',

  // Named expressions, for use in any rule. `auth` is the caller. For a caller who is not signed in, all of its attributes are null.
  rules: { staff: 'auth.role == "staff"' },

  entities: {
    // The accounts that sign in. POST /api/auth/register creates one.
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        name: text({ min: 1, max: 80 }),
        email: email({ unique: true, read: 'id == auth.id || staff' }),
        // Set when the account is created (version 1). After that, only the account itself may change it.
        password: password({ min: 10, write: 'version == 1 || id == auth.id' }),
        role: choice(['customer', 'staff'], { default: 'customer', write: 'staff' }),
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id || staff', delete: 'staff' },
    },

    Product: {
      fields: {
        name: text({ min: 1, max: 120 }),
        sku: text({ pattern: '^[A-Z0-9-]{3,20}$', unique: true }),
        price: decimal(10, 2, { min: '0' }),
        stock: integer({ min: 0, default: 0 }),
        listed: boolean({ default: false }),
      },
      // An operation without a rule is refused to every caller.
      access: { read: 'listed || staff', create: 'staff', update: 'staff', delete: 'staff' },
      // A list can be filtered and sorted only where an index supports it.
      indexes: [['listed', 'name']],
    },

    Order: {
      fields: {
        customer: ref('User', { inverse: 'orders', set: 'auth.id' }),
        status: choice(['open', 'placed', 'shipped', 'cancelled'], { default: 'open' }),
        note: text({ max: 500, optional: true }),
      },
      access: {
        read: 'customer.id == auth.id || staff',
        create: 'auth.id != null && status == "open"',
        // `from` must hold for the row before the change, `to` for the row after it.
        update: {
          from: 'customer.id == auth.id && status == "open" || staff',
          to: 'customer.id == auth.id && status in ["open", "placed", "cancelled"] || staff',
        },
        delete: 'staff',
      },
      indexes: [
        ['customer', '-createdAt'],
        ['status', '-createdAt'],
      ],
    },

    OrderLine: {
      fields: {
        order: ref('Order', { inverse: 'lines', immutable: true, onDelete: 'cascade' }),
        product: ref('Product', { immutable: true }),
        quantity: integer({ min: 1, max: 999, default: 1 }),
      },
      access: {
        // A caller who may read the order may read its lines.
        read: 'can("read", order)',
        create: 'order.customer.id == auth.id && order.status == "open"',
        update: 'order.customer.id == auth.id && order.status == "open"',
        delete: 'order.customer.id == auth.id && order.status == "open"',
      },
      unique: [['order', 'product']],
    },
  },
})
