/** A design with every type and option that the REST interface shows, awkward names and hostile descriptions. */

const HOSTILE =
  'It\'s "quoted" `code` ```fence <script>alert(1)</script> [link](javascript:alert(1)) {{7*7}} ${7*7} | table | \u202e 𝒳 eval(1)'

export const wide = {
  name: 'wide',
  description: HOSTILE,
  entities: {
    // Names that the OpenAPI document itself uses, or that are derived from other names.
    Problem: { fields: { title: { type: 'text', max: 20 } }, access: { read: 'true', create: 'true' } },
    Thing: {
      description: HOSTILE,
      fields: {
        name: { type: 'text', min: 2, max: 50, description: HOSTILE, unique: true },
        slug: { type: 'text', max: 40, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
        code: { type: 'text', max: 8, pattern: '^[A-Z]{3}\\d{2}$', optional: true },
        mail: { type: 'email' },
        site: { type: 'url', optional: true },
        token: { type: 'uuid', optional: true },
        amount: { type: 'integer', min: -5, max: 500 },
        price: { type: 'decimal', precision: 10, scale: 2, min: 0, max: 1000 },
        ratio: { type: 'decimal', precision: 4, scale: 4, default: '0.5' },
        weight: { type: 'number', min: 0.5, optional: true },
        isOpen: { type: 'boolean', default: true },
        seenAt: { type: 'timestamp', optional: true },
        born: { type: 'date', min: '1900-01-01' },
        opens: { type: 'time', default: '08:30' },
        lasts: { type: 'duration', min: 'PT1M', max: 'P7D', default: 'PT1H' },
        extra: { type: 'json', optional: true },
        settings: { type: 'json', default: { theme: 'dark' } },
        colour: { type: 'choice', values: ['red', 'dark "red"', "it's"], default: 'red' },
        mood: { type: 'choice', values: ['up', 'down'], optional: true },
        labels: { type: 'list', of: { type: 'text', max: 20 }, max: 5 },
        days: { type: 'list', of: { type: 'date' }, default: [] },
        prices: { type: 'list', of: { type: 'decimal', precision: 6, scale: 2 }, default: [] },
        spans: { type: 'list', of: { type: 'duration' }, optional: true },
        moments: { type: 'list', of: { type: 'timestamp' }, optional: true },
        sizes: { type: 'list', of: { type: 'choice', values: ['s', 'm', 'l'] }, min: 1, max: 3, default: ['m'] },
        secret: { type: 'text', optional: true, read: 'false' },
        never: { type: 'text', optional: true, write: 'false' },
        own: { type: 'text', optional: true, max: 10, read: 'owner.id == auth.id' },
        owner: { type: 'ref', entity: 'Person', inverse: 'things', default: { expression: 'auth.id' }, immutable: true },
        parent: { type: 'ref', entity: 'Thing', inverse: 'parts', optional: true, onDelete: 'setNull' },
        total: { type: 'computed', expression: 'amount + 1' },
        shout: { type: 'computed', expression: 'name.upperAscii()' },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'owner.id == auth.id', delete: 'owner.id == auth.id' },
      indexes: [['owner', '-createdAt'], ['labels'], ['colour', 'price']],
      search: ['name', 'slug'],
      softDelete: true,
    },
    ThingCreate: {
      fields: { id: { type: 'integer' }, thing: { type: 'ref', entity: 'Thing', inverse: 'creations', onDelete: 'cascade' } },
      access: { read: 'true', create: 'true', delete: 'true' },
    },
    Country: {
      fields: { id: { type: 'text', max: 2, pattern: '^[A-Z]{2}$' }, name: { type: 'text', max: 60 } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
    Person: {
      identity: { login: 'login', password: 'secret', takenLogin: 'conflict' },
      fields: {
        login: { type: 'text', min: 3, max: 30, unique: true, read: 'id == auth.id' },
        secret: { type: 'password', min: 10 },
        country: { type: 'ref', entity: 'Country', optional: true, onDelete: 'restrict' },
      },
      access: { read: 'auth.id != null', create: 'auth.id == null', update: 'id == auth.id', delete: 'id == auth.id' },
    },
    Closed: { fields: { text: { type: 'text' } } },
    ReadOnly: { fields: { text: { type: 'text' } }, access: { read: 'auth.id != null' } },
    WriteOnly: { fields: { text: { type: 'text', max: 100 } }, access: { create: 'true' } },
  },
} as const
