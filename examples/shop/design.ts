// A shop: catalogue, carts, orders, payments by a provider, webhooks to partners, and the accounts of each day.
import { backend, boolean, choice, computed, decimal, email, file, integer, list, password, ref, sequence, text, url } from 'plinth'

const money = { min: 0 } as const
const own = 'owner == auth.id'
const cartTotal = 'cart.items.sum(i, i.variant.price * i.quantity)'
const ownCart = 'cart.owner == auth.id'
const forPartners = ['id', 'number', 'status', 'total']
const newSecret = "'whsec_' + random(24) + random(24)"

export default backend({
  name: 'shop',
  description: 'A shop. Prices are in euros.',

  rules: { signedIn: 'auth.id != null', staff: 'auth.role == "staff"' },

  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        name: text({ min: 1, max: 100, private: true }),
        email: email({ unique: true, private: true, write: 'version == 1 || id == auth.id' }),
        password: password({ min: 10, write: 'version == 1 || id == auth.id' }),
        role: choice(['customer', 'partner', 'staff'], { default: 'customer', write: 'staff' }),
        // Partners send customers, who name this code when they order.
        code: text({ optional: true, unique: true, pattern: '^[a-z0-9-]{3,20}$', max: 20, write: 'staff' }),
      },
      access: { read: 'id == auth.id || staff', create: 'true', update: 'id == auth.id || staff', delete: 'false' },
      checks: { fewWebhooks: { rule: 'size(webhooks) <= 5', message: 'an account has at most 5 webhooks' } },
    },

    // The catalogue.
    Category: {
      fields: {
        name: text({ min: 1, max: 80 }),
        slug: text({ unique: true, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', max: 80 }),
        parent: ref('Category', { inverse: 'children', optional: true, acyclic: true }),
      },
      access: { read: 'true', create: 'staff', update: 'staff', delete: 'staff' },
    },
    Product: {
      fields: {
        name: text({ min: 1, max: 120 }),
        description: text({ max: 5_000, default: '' }),
        category: ref('Category', { inverse: 'products' }),
        photo: file({ optional: true, max: '5MB', accept: ['image/png', 'image/jpeg', 'image/webp'] }),
        forSale: boolean({ default: false }),
      },
      access: { read: 'forSale || staff', create: 'staff', update: 'staff', delete: 'staff' },
      search: { fields: ['name', 'description'], language: 'english' },
      indexes: [['forSale', '-createdAt']],
    },
    Variant: {
      fields: {
        product: ref('Product', { inverse: 'variants', immutable: true, onDelete: 'cascade' }),
        sku: text({ unique: true, pattern: '^[A-Z0-9-]{3,20}$', max: 20 }),
        name: text({ min: 1, max: 80 }),
        price: decimal(10, 2, { min: '0.01' }),
        stock: integer({ min: 0, default: 0, read: 'staff' }),
        available: computed('stock > 0'),
      },
      access: { read: 'can("read", product)', create: 'staff', update: 'staff', delete: 'staff' },
    },

    // Carts.
    Cart: {
      fields: { owner: ref('User', { unique: true, set: 'auth.id', onDelete: 'cascade' }) },
      access: { read: own, create: 'signedIn', update: 'false', delete: own },
      checks: { fewItems: { rule: 'size(items) <= 50', message: 'a cart has at most 50 articles' } },
    },
    CartItem: {
      fields: {
        cart: ref('Cart', { inverse: 'items', immutable: true, onDelete: 'cascade' }),
        variant: ref('Variant', { immutable: true, onDelete: 'cascade' }),
        quantity: integer({ min: 1, max: 100 }),
      },
      unique: [['cart', 'variant']],
      access: { read: ownCart, create: ownCart, update: ownCart, delete: ownCart },
    },

    // Orders.
    Order: {
      fields: {
        number: sequence(),
        customer: ref('User', { inverse: 'orders', set: 'auth.id', read: 'customer == auth.id || staff' }),
        partner: ref('User', { inverse: 'referred', optional: true }),
        address: text({ min: 10, max: 500, private: true, read: 'customer == auth.id || staff' }),
        status: choice(['placed', 'paid', 'shipped', 'cancelled', 'returned'], { default: 'placed' }),
        total: decimal(12, 2, money),
        tracking: text({ max: 100, optional: true, read: 'customer == auth.id || staff' }),
        failedPayments: computed('size(payments.filter(p, p.state == "failed"))', { as: 'system', read: 'staff' }),
      },
      access: { read: 'customer == auth.id || partner == auth.id || staff', create: 'false', update: 'false', delete: 'false' },
      indexes: [
        ['customer', '-createdAt'],
        ['partner', '-createdAt'],
        ['status', '-createdAt'],
      ],
      actions: {
        pay: {
          description: 'Begins a payment at the provider, and answers the address where the customer pays.',
          as: 'system',
          allow: 'customer == auth.id',
          transaction: 'own',
          run: 'payments.ts#pay',
          output: { url: 'url' },
        },
        giveBack: {
          description: 'The articles go back to the stock, and the money to the customer.',
          as: 'system',
          steps: [
            { update: 'l.variant', each: 'l in row.lines', set: { stock: 'stock + l.quantity' } },
            { list: 'row.payments', where: 'state == "paid"', limit: 10, as: 'paid' },
            { enqueue: 'refund', each: 'p in paid', input: { payment: 'p' } },
          ],
        },
      },
    },
    OrderLine: {
      fields: {
        order: ref('Order', { inverse: 'lines', onDelete: 'cascade' }),
        variant: ref('Variant', { optional: true, onDelete: 'setNull', read: 'false' }),
        // As they were when the order was placed.
        sku: text({ max: 20 }),
        name: text({ max: 250 }),
        quantity: integer({ min: 1 }),
        price: decimal(10, 2, money),
      },
      access: { read: 'order.customer == auth.id || staff', create: 'false', update: 'false', delete: 'false' },
    },
    Payment: {
      fields: {
        order: ref('Order', { inverse: 'payments', immutable: true }),
        provider: text({ max: 100, unique: true, immutable: true }), // its id at the provider
        amount: decimal(12, 2, money),
        state: choice(['open', 'paid', 'failed', 'refunded'], { default: 'open' }),
      },
      access: { read: 'order.customer == auth.id || staff', create: 'false', update: 'false', delete: 'false' },
      actions: {
        settle: {
          description: 'The customer has paid. What is late or another amount does not pay the order, and goes back.',
          as: 'system',
          input: { amount: 'Payment.amount' },
          steps: [
            { enqueue: 'refund', input: { payment: 'row' }, when: 'row.order.status != "placed" || input.amount != row.order.total' },
            { call: 'Order.confirm', on: 'row.order', when: 'row.order.status == "placed" && input.amount == row.order.total' },
            { create: 'Booking', set: { payment: 'row', amount: 'input.amount' } },
            { update: 'row', set: { state: 'paid', amount: 'input.amount' } },
          ],
        },
      },
    },
    // What was paid, and below zero what was given back. Each booking is in the accounts of one day.
    Booking: {
      fields: {
        payment: ref('Payment', { immutable: true }),
        amount: decimal(12, 2, { immutable: true }),
        day: ref('Day', { inverse: 'bookings', optional: true, read: 'false' }),
      },
      unique: [['payment', 'amount']],
      access: { read: 'staff', create: 'false', update: 'false', delete: 'false' },
      indexes: [['day', 'createdAt']],
    },
    Day: {
      fields: { received: decimal(14, 2, { default: '0.00' }), returned: decimal(14, 2, { default: '0.00' }) },
      access: { read: 'staff', create: 'false', update: 'false', delete: 'false' },
    },

    // Webhooks of partners.
    Webhook: {
      fields: {
        owner: ref('User', { inverse: 'webhooks', set: 'auth.id', onDelete: 'cascade' }),
        url: url(),
        events: list({ type: 'choice', values: ['Order.confirm', 'Order.ship', 'Order.cancel'] }, { min: 1 }),
        active: boolean({ default: true }),
        secret: text({ max: 100, write: 'false', default: { expression: newSecret } }),
        previousSecret: text({ max: 100, read: 'false', write: 'false', optional: true }),
      },
      access: { read: own, create: 'auth.role == "partner"', update: own, delete: own },
      actions: {
        rotate: {
          description: 'Makes a new secret. Messages have a signature with the old one, too.',
          as: 'system',
          allow: own,
          steps: [{ update: 'row', set: { previousSecret: 'secret', secret: newSecret } }],
        },
      },
    },
  },

  actions: {
    addToCart: {
      allow: 'signedIn',
      input: { variant: { ref: 'Variant' }, quantity: 'CartItem.quantity' },
      steps: [
        { ensure: 'Cart', as: 'cart' },
        {
          ensure: 'CartItem',
          set: { cart: 'cart', variant: 'input.variant', quantity: 'input.quantity' },
          existing: { quantity: 'quantity + input.quantity' },
        },
      ],
      answer: { total: cartTotal },
    },
    cart: {
      allow: 'signedIn',
      steps: [{ find: 'Cart', where: 'owner == auth.id', as: 'cart', else: 'cart_empty' }],
      answer: { total: cartTotal, items: { each: 'i in cart.items', is: { id: 'i.id', name: 'i.variant.name', quantity: 'i.quantity' } } },
    },

    checkout: {
      description: 'Orders what is in the cart of the caller, who agrees to the total.',
      as: 'system',
      allow: 'signedIn',
      input: {
        total: 'Order.total',
        address: 'Order.address',
        partner: { ref: 'User', by: 'code', where: 'role == "partner"', optional: true },
      },
      steps: [
        { find: 'Cart', where: 'owner == auth.id', as: 'cart', else: 'cart_empty' },
        { require: 'size(cart.items) > 0', else: 'cart_empty' },
        { require: '!cart.owner.orders.exists(o, o.status == "placed")', else: 'order_unpaid' },
        { require: 'cart.items.all(i, i.variant.product.forSale)', else: 'not_for_sale' },
        { require: `${cartTotal} == input.total`, else: 'price_changed' },
        { require: 'cart.items.all(i, i.variant.stock >= i.quantity)', else: 'out_of_stock' },
        { create: 'Order', set: { total: 'input.total', address: 'input.address', partner: 'input.partner' }, as: 'order' },
        {
          create: 'OrderLine',
          each: 'i in cart.items',
          set: {
            order: 'order',
            variant: 'i.variant',
            sku: 'i.variant.sku',
            name: 'i.variant.product.name + ", " + i.variant.name',
            quantity: 'i.quantity',
            price: 'i.variant.price',
          },
        },
        { update: 'i.variant', each: 'i in cart.items', set: { stock: 'stock - i.quantity' } },
        { delete: 'cart.items' },
        { enqueue: 'expire', input: { order: 'order' } },
      ],
      answer: {
        order: 'order.id',
        number: 'order.number',
        total: 'order.total',
        lines: { each: 'l in order.lines', is: { name: 'l.name', quantity: 'l.quantity', price: 'l.price' } },
      },
    },

    paymentChanged: {
      description: 'The provider says what became of a payment.',
      as: 'system',
      endpoint: { at: 'POST /hooks/payments', signed: { secret: 'PAYMENTS_SECRET' } },
      input: {
        type: 'text',
        payment: { ref: 'Payment', by: 'provider', inside: 'data', name: 'id' },
        amount: { type: 'decimal', precision: 12, scale: 2, inside: 'data' },
      },
      steps: [
        {
          call: 'Payment.settle',
          on: 'input.payment',
          input: { amount: 'input.amount' },
          when: 'input.type == "payment.paid" && input.payment.state in ["open", "failed"]',
        },
        { update: 'input.payment', set: { state: 'failed' }, when: 'input.type == "payment.failed" && input.payment.state == "open"' },
      ],
    },

    closeDay: {
      description: 'Counts the bookings that are in no accounts yet.',
      as: 'system',
      allow: 'staff',
      input: { before: 'timestamp' },
      steps: [
        { create: 'Day', as: 'closed' },
        { update: 'Booking', where: 'day == null && createdAt < input.before', set: { day: 'closed' } },
        {
          update: 'closed',
          set: {
            received: 'closed.bookings.filter(b, b.amount > 0.0).sum(b, b.amount)',
            returned: 'closed.bookings.filter(b, b.amount < 0.0).sum(b, b.amount)',
          },
        },
        { emit: 'Day.closed', on: 'closed' },
      ],
      answer: 'Day(closed)',
    },
  },

  workflows: {
    ordering: {
      entity: 'Order',
      field: 'status',
      transitions: {
        confirm: { from: 'placed', to: 'paid', as: 'system' },
        ship: {
          from: 'paid',
          to: 'shipped',
          as: 'system',
          allow: 'staff',
          input: { tracking: 'Order.tracking?' },
          steps: [{ update: 'row', set: { tracking: 'input.tracking' } }],
        },
        cancel: {
          from: ['placed', 'paid'],
          to: 'cancelled',
          as: 'system',
          allow: 'customer == auth.id || staff',
          steps: [{ call: 'Order.giveBack', on: 'row' }],
        },
        takeBack: { from: 'shipped', to: 'returned', as: 'system', allow: 'staff', steps: [{ call: 'Order.giveBack', on: 'row' }] },
      },
    },
  },

  jobs: {
    expire: {
      description: 'What is not paid in time goes back to the stock.',
      as: 'system',
      input: { order: { ref: 'Order' } },
      delay: '30m',
      steps: [
        { find: 'Order', where: 'id == input.order.id && status == "placed"', optional: true, as: 'unpaid' },
        { call: 'Order.cancel', on: 'unpaid', when: 'unpaid != null' },
      ],
    },
    refund: { as: 'system', input: { payment: { ref: 'Payment' } }, unique: ['payment'], transaction: 'own', run: 'payments.ts#refund' },
  },

  schedules: { closeDay: { cron: '5 0 * * *', timeZone: 'Europe/Berlin', call: 'closeDay', input: { before: 'dueAt' } } },

  on: {
    'Order.confirm': [
      { email: 'receipt', to: 'row.customer.email' },
      { webhook: 'partners', fields: forPartners },
    ],
    'Order.ship': [
      { email: 'shipped', to: 'row.customer.email' },
      { webhook: 'partners', fields: forPartners },
    ],
    'Order.cancel': [{ webhook: 'partners', fields: forPartners }],
    'Day.closed': [{ email: 'accounts', to: '"accounts@example.com"' }],
  },

  integrations: {
    http: { payments: { baseUrl: 'PAYMENTS_URL', auth: { bearer: 'PAYMENTS_KEY' }, timeout: '5s' } },
    webhooks: { partners: { subscriptions: 'Webhook', account: 'owner' } },
    email: {
      from: 'Shop <orders@example.com>',
      templates: {
        receipt: {
          subject: 'Your order {number} is paid',
          blocks: [
            { heading: 'Thank you, {customer.name}!' },
            { text: 'We have received {total} € for your order {number}.' },
            {
              table: {
                each: 'l in lines',
                columns: [
                  { heading: 'Article', value: '{l.name}' },
                  { heading: 'Quantity', value: '{l.quantity}', align: 'right' },
                  { heading: 'Price', value: '{l.price} €', align: 'right' },
                ],
              },
            },
            { button: { label: 'Look at the order', link: 'https://shop.example.com/orders/{id}' } },
          ],
        },
        shipped: { subject: 'Your order {number} is on its way', blocks: [{ text: 'It goes to:\n\n{address}' }] },
        accounts: {
          subject: 'The accounts of {createdAt}',
          blocks: [{ text: '{received} € were received, and {returned} € given back.' }],
        },
      },
    },
  },

  errors: {
    codes: {
      cart_empty: { message: 'the cart is empty' },
      not_for_sale: { message: 'an article of the cart is not for sale any more' },
      price_changed: { message: 'the total of the cart is another one' },
      out_of_stock: { message: 'there is not enough in stock' },
      order_unpaid: { message: 'there is an order that waits for its payment' },
      not_payable: { message: 'this order is not waiting for a payment' },
      payment_ended: { message: 'this payment has ended' },
    },
  },

  // Orders and payments: a million, as is everything without a number.
  targets: {
    rows: { User: 1e5, Category: 500, Product: 1e4, Variant: 5e4, Cart: 5e4, CartItem: 2e5, OrderLine: 3e6, Day: 4e3 },
    p99: '50ms',
    throughput: 500,
  },
})
