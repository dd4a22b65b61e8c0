/** The requests of the other callers in these scenarios. */

import type { Stream } from './others.ts'
import type { World } from './scenario.ts'

/** Reads of one post each, by signed-in callers. */
export function readsOf({ port, sample, other }: World, everyMs: number): Stream {
  return {
    title: 'reads of one post',
    everyMs,
    make: (n) => ({
      port,
      from: other(n),
      method: 'GET',
      path: `/api/posts/${sample.posts[n % sample.posts.length]}`,
      token: tokenOf(sample, n),
      body: null,
    }),
  }
}

/** Inserts of one short post each, by signed-in callers. */
export function insertsOf({ port, sample, other }: World, everyMs: number): Stream {
  return {
    title: 'inserts',
    everyMs,
    make: (n) => ({
      port,
      from: other(n),
      method: 'POST',
      path: '/api/posts',
      token: tokenOf(sample, n),
      body: JSON.stringify({ title: `fair ${n}`, body: 'short' }),
    }),
  }
}

/** Logins with the right password, each of another account. */
export function loginsOf({ port, sample, other }: World, everyMs: number): Stream {
  return {
    title: 'logins of other accounts',
    everyMs,
    make: (n) => ({
      port,
      from: other(n),
      method: 'POST',
      path: '/api/auth/login',
      token: null,
      body: JSON.stringify({ email: sample.logins[n + 1], password: sample.password }),
    }),
  }
}

/** The first caller is the attacker; all others send these requests. */
function tokenOf({ callers }: World['sample'], n: number): string | null {
  return callers[1 + (n % (callers.length - 1))]?.token ?? null
}
