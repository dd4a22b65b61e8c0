/** Carts whose conditions read the products behind their items, each at another place of an action. */

const PERSON = { person: { ref: 'Person' } }
/** The step at which an action waits for the lock of the person, when it has judged its conditions. */
const NOTE = { create: 'Note', set: { person: 'input.person' } }
const ORDER = { update: 'row', set: { ordered: 'true' } }
const common = { as: 'system', allow: 'true', input: PERSON }
const READ = { read: 'true' }
const allActive = (items: string) => `${items}.all(i, i.product.active)`

/** The design, as `modelFrom` takes it. */
export const CARTS = {
  name: 'carts',
  entities: {
    Person: { fields: { name: { type: 'text', max: 20 } }, access: READ },
    Note: { fields: { person: { type: 'ref', entity: 'Person', inverse: 'notes' } }, access: READ },
    Shop: { fields: { open: { type: 'boolean', default: true }, code: { type: 'text', max: 9, immutable: true } }, access: READ },
    Product: {
      fields: { active: { type: 'boolean', default: true }, shop: { type: 'ref', entity: 'Shop', inverse: 'products' } },
      access: { read: 'shop.open' },
      actions: {
        retire: {
          ...common,
          steps: [{ require: '!row.items.exists(i, i.cart.ordered)' }, { update: 'row', set: { active: 'false' } }, NOTE],
        },
      },
    },
    Group: { fields: { name: { type: 'text', max: 20 } }, access: READ },
    Cart: {
      fields: {
        group: { type: 'ref', entity: 'Group', inverse: 'carts' },
        ordered: { type: 'boolean', default: false },
        state: { type: 'choice', values: ['open', 'placed'], default: 'open' },
      },
      access: { ...READ, update: 'true' },
      actions: {
        required: { ...common, steps: [{ require: allActive('row.items') }, ORDER, NOTE] },
        counted: { ...common, steps: [{ require: 'size(row.items.filter(i, !i.product.active)) == 0' }, ORDER, NOTE] },
        when: { ...common, steps: [{ ...ORDER, when: allActive('row.items') }, NOTE] },
        allowed: { ...common, allow: allActive('items'), steps: [ORDER, NOTE] },
        found: {
          ...common,
          steps: [{ find: 'Cart', where: `id == row.id && ${allActive('items')}`, as: 'cart' }, { ...ORDER, update: 'cart' }, NOTE],
        },
        listed: {
          ...common,
          steps: [{ list: 'row.group.carts', where: allActive('items'), limit: 9, as: 'carts' }, { ...ORDER, update: 'carts' }, NOTE],
        },
        updated: { ...common, steps: [{ ...ORDER, update: 'Cart', where: `id == row.id && ${allActive('items')}` }, NOTE] },
        updatedRow: { ...common, steps: [{ ...ORDER, where: allActive('items') }, NOTE] },
        each: { ...common, steps: [{ require: allActive('c.items'), each: 'c in row.group.carts' }, ORDER, NOTE] },
        named: { ...common, steps: [{ list: 'row.items', limit: 9, as: 'own' }, { require: allActive('own') }, ORDER, NOTE] },
        nested: { ...common, steps: [{ require: `row.group.carts.all(c, ${allActive('c.items')})` }, ORDER, NOTE] },
        called: { ...common, steps: [{ call: 'Cart.required', on: 'row', input: { person: 'input.person' } }] },
        asCaller: { ...common, as: 'caller', steps: [{ require: allActive('row.items') }, ORDER] },
        inOpenShops: { ...common, steps: [{ require: 'row.items.all(i, i.shop.open)' }, ORDER] },
        inShop: { ...common, steps: [{ require: 'row.items.all(i, i.shop.code == "main")' }, ORDER] },
      },
    },
    Item: {
      fields: {
        cart: { type: 'ref', entity: 'Cart', inverse: 'items' },
        product: { type: 'ref', entity: 'Product', inverse: 'items' },
        shop: { type: 'ref', entity: 'Shop', inverse: 'items', immutable: true },
      },
      access: READ,
    },
  },
  workflows: {
    ordering: {
      entity: 'Cart',
      field: 'state',
      transitions: { place: { from: 'open', to: 'placed', ...common, guard: allActive('items'), steps: [NOTE] } },
    },
  },
  actions: {
    chosen: {
      ...common,
      input: { ...PERSON, cart: { ref: 'Cart', where: allActive('items') } },
      steps: [{ ...ORDER, update: 'input.cart' }, NOTE],
    },
  },
}

/** The actions that order a cart only if its products are active. */
export const WAYS = [
  'required',
  'counted',
  'when',
  'allowed',
  'found',
  'listed',
  'updated',
  'updatedRow',
  'each',
  'named',
  'nested',
  'called',
  'place',
  'chosen',
] as const
