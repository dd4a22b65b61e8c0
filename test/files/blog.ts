/** A design with files, and requests that send them. */

import type { TestBackend } from '../support/backend.ts'

/** Posts with a photo that their authors alone change, and hidden posts that they alone read. */
export const BLOG = {
  name: 'gallery',
  targets: { rows: { User: 100, Post: 1_000 } },
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        avatar: { type: 'file', optional: true, accept: ['image/*'], max: '1MB', write: 'id == auth.id' },
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id' },
    },
    Post: {
      fields: {
        title: { type: 'text', max: 100 },
        published: { type: 'boolean', default: false },
        author: { type: 'ref', entity: 'User', inverse: 'posts', set: 'auth.id', onDelete: 'cascade' },
        photo: { type: 'file', optional: true, max: '1MB', accept: ['image/png', 'image/jpeg', 'application/pdf'] },
        notes: { type: 'file', optional: true, max: '100KB', accept: ['text/plain'], read: 'author == auth.id' },
      },
      access: {
        create: 'auth.id != null',
        read: 'published || author == auth.id',
        update: 'author == auth.id',
        delete: 'author == auth.id',
      },
    },
  },
}

/** A PNG with some bytes after its signature. */
export function png(bytes = 2_000): Buffer {
  const file = Buffer.alloc(bytes, 7)
  Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1').copy(file)
  return file
}

/** An account: its id, and what sends requests with its token. */
export interface Account {
  readonly id: string
  readonly token: string
}

/** Signs up an account. */
export async function account(world: TestBackend, name: string): Promise<Account> {
  const { json } = await world.ask('POST', '/api/auth/register', {
    body: { email: `${name}@example.com`, password: 'Lantern-Otter-42-wharf' },
  })
  return { id: json.user.id, token: json.token }
}

/** Creates a post. */
export async function post(world: TestBackend, { token }: Account, values: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { status, json, text } = await world.ask('POST', '/api/posts', { token, body: { title: 'a post', ...values } })
  if (status !== 201) throw new Error(text)
  return json.id
}

/** Sends a file. */
export function put(
  world: TestBackend,
  url: string,
  sent: { token?: string | undefined; body: Buffer | string; type?: string; headers?: Record<string, string> },
) {
  const { token, body, type = 'application/octet-stream', headers = {} } = sent
  return world.ask('PUT', url, { token, body: Buffer.from(body), headers: { 'content-type': type, ...headers } })
}
