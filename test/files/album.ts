/** A design with files in rows that are deleted softly, ensured and required. */

/** Albums with a cover, of which each caller has one for a name; papers with a required file. */
export const ALBUM = {
  name: 'album',
  targets: { rows: { User: 100, Album: 1_000, Paper: 1_000 } },
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { create: 'true', read: 'id == auth.id' },
    },
    Album: {
      softDelete: true,
      fields: {
        name: { type: 'text', max: 40, unique: true },
        note: { type: 'text', max: 40, optional: true },
        cover: { type: 'file', optional: true, max: '1MB', accept: ['image/*'] },
        owner: { type: 'ref', entity: 'User', set: 'auth.id', onDelete: 'cascade' },
      },
      access: { create: 'auth.id != null', read: 'owner == auth.id', update: 'owner == auth.id', delete: 'owner == auth.id' },
    },
    Paper: {
      fields: { title: { type: 'text', max: 40 }, scan: { type: 'file', max: '1MB' } },
      access: { create: 'auth.id != null', read: 'auth.id != null', update: 'auth.id != null' },
    },
  },
  actions: {
    keep: {
      as: 'system',
      allow: 'auth.id != null',
      input: { name: 'Album.name', cover: 'Album.cover' },
      steps: [{ ensure: 'Album', set: { name: 'input.name', owner: 'auth.id', cover: 'input.cover' }, as: 'album' }],
      answer: 'album',
    },
    cover: {
      as: 'system',
      allow: 'auth.id != null',
      input: { name: 'Album.name', cover: 'Album.cover' },
      steps: [
        {
          ensure: 'Album',
          set: { name: 'input.name', owner: 'auth.id' },
          existing: { cover: 'input.cover' },
          as: 'album',
        },
      ],
      answer: 'album',
    },
  },
}
