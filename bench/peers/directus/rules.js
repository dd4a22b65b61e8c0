/** The blog's rules as policies of Directus. A caller has what any matching permission for a collection gives. */

import roles from './roles.json' with { type: 'json' }

/** Directus makes this policy itself, for requests without a token. */
const PUBLIC = 'abf8a154-5b1c-4a46-ac9c-7300570f4f17'
const USER = 'd1000000-0000-4000-8000-000000000011'
const OWN_ADDRESS = 'd1000000-0000-4000-8000-000000000012'
const STAFF = 'd1000000-0000-4000-8000-000000000013'

/** All policies. */
export const policies = [
  { id: USER, name: 'Users' },
  { id: OWN_ADDRESS, name: 'Own address' },
  { id: STAFF, name: 'Staff' },
]

/** Which role has which policies. */
export const access = [
  { role: roles.user, policy: USER },
  { role: roles.user, policy: OWN_ADDRESS },
  { role: roles.moderator, policy: STAFF },
]

const OWN = { author_id: { _eq: '$CURRENT_USER' } }
const PUBLISHED = { published: { _eq: true } }
const WRITABLE = 'title,body,tags,published'
/** The fields of a user that everyone may read: neither the address nor the password. */
const PERSON = 'id,name,role,created_at,updated_at,version'

const AS_AUTHOR = { author_id: '$CURRENT_USER' }

/** All permissions. */
export const permissions = [
  { policy: PUBLIC, collection: 'posts', action: 'read', permissions: PUBLISHED, fields: '*' },
  { policy: PUBLIC, collection: 'users', action: 'read', permissions: {}, fields: PERSON },

  { policy: USER, collection: 'posts', action: 'read', permissions: { _or: [PUBLISHED, OWN] }, fields: '*' },
  { policy: USER, collection: 'posts', action: 'create', permissions: {}, presets: AS_AUTHOR, fields: WRITABLE },
  { policy: USER, collection: 'posts', action: 'update', permissions: OWN, fields: WRITABLE },
  { policy: USER, collection: 'users', action: 'read', permissions: {}, fields: PERSON },
  { policy: OWN_ADDRESS, collection: 'users', action: 'read', permissions: { id: { _eq: '$CURRENT_USER' } }, fields: 'email' },

  { policy: STAFF, collection: 'posts', action: 'read', permissions: {}, fields: '*' },
  { policy: STAFF, collection: 'posts', action: 'create', permissions: {}, presets: AS_AUTHOR, fields: WRITABLE },
  { policy: STAFF, collection: 'posts', action: 'update', permissions: {}, fields: WRITABLE },
  { policy: STAFF, collection: 'users', action: 'read', permissions: {}, fields: `${PERSON},email` },
]

/** The tables, without a history of changes. */
export const collections = [
  { collection: 'posts', accountability: null },
  { collection: 'users', accountability: null },
]

const atMost = (field, length) => ({ [field]: { _regex: `^[\\s\\S]{1,${length}}$` } })

/** Facts that Directus cannot read from the tables. */
export const fields = [
  { collection: 'posts', field: 'id', special: 'uuid' },
  { collection: 'posts', field: 'title', required: true, validation: atMost('title', 200) },
  { collection: 'posts', field: 'body', required: true, validation: atMost('body', 50_000) },
  { collection: 'posts', field: 'published', validation: { published: { _in: [true, false] } } },
  { collection: 'posts', field: 'updated_at', special: 'date-updated' },
]
