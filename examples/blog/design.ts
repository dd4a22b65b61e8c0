// design.ts
import { backend, boolean, choice, email, list, password, ref, text } from 'plinth'

export default backend({
  name: 'blog',
  rules: { staff: 'auth.role in ["admin", "moderator"]' }, // named expressions, usable in any other
  entities: {
    User: {
      // This entity signs in. Registering signs in at once, so it cannot hide that an address is taken.
      identity: { login: 'email', password: 'password', role: 'role', takenLogin: 'conflict' },
      fields: {
        name: text({ min: 2, max: 50 }),
        email: email({ unique: true, read: 'id == auth.id || staff' }),
        password: password({ min: 8, pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)', write: 'version == 1 || id == auth.id' }),
        role: choice(['user', 'moderator', 'admin'], { default: 'user', write: 'auth.role == "admin"' }),
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id || staff', delete: 'auth.role == "admin"' },
    },
    Post: {
      fields: {
        title: text({ max: 200 }),
        body: text({ max: 50_000 }),
        tags: list(text({ max: 40 }), { default: [] }),
        published: boolean({ default: false }),
        author: ref('User', { inverse: 'posts', set: 'auth.id', onDelete: 'cascade' }),
      },
      access: {
        read: 'published || author.id == auth.id || staff',
        create: 'auth.id != null',
        update: 'author.id == auth.id || staff',
        delete: 'author.id == auth.id || auth.role == "admin"',
      },
      indexes: [
        ['author', '-createdAt'],
        ['tags', 'published'],
      ],
    },
  },
  on: { 'User.created': [{ email: 'welcome', to: 'email' }] }, // after the commit, and again until the server takes the mail
  integrations: {
    email: {
      from: 'Blog <no-reply@example.com>',
      templates: {
        welcome: {
          subject: 'Welcome, {name}',
          blocks: [
            { heading: 'Welcome to the blog, {name}!' },
            { text: 'You can sign in with {email} and write your first post.' },
            { button: { label: 'Write a post', link: 'https://blog.example.com/write' } },
          ],
        },
      },
    },
  },
  targets: { rows: { User: 100_000, Post: 1_000_000 }, p99: '50ms', throughput: 500 },
})
