// Customers and their orders. Orders are paid at the backend `billing`.
import { backend, email, integer, password, ref, uuid } from 'plinth'

export default backend({
  name: 'orders',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
      fields: { email: email({ unique: true }), password: password() },
      access: { read: 'id == auth.id', create: 'true', update: 'id == auth.id', delete: 'false' },
    },
    Order: {
      fields: {
        customer: ref('User', { set: 'auth.id' }),
        cents: integer({ min: 1 }),
        charge: uuid({ optional: true, write: 'false' }),
      },
      access: { read: 'customer == auth.id', create: 'auth.id != null', update: 'false', delete: 'false' },
      actions: {
        pay: { allow: 'customer == auth.id', as: 'system', transaction: 'own', output: { charge: 'uuid' }, run: 'pay.ts' },
      },
    },
  },
  integrations: {
    http: {
      // The same backend twice: for the customer who pays, and for this backend itself.
      billing: { baseUrl: 'BILLING_URL', auth: { as: 'caller' } },
      accounts: { baseUrl: 'BILLING_URL', auth: { as: 'system' } },
    },
  },
})
