/** The measured operations of the Conduit API, and their requests. */

import { randomFrom } from '../../test/support/random.ts'
import { withClient } from '../database/client.ts'
import type { Request } from '../requests/request.ts'
import type { RoundJob } from '../rounds/rounds.ts'
import { type Size, slugOf, TAGS, usernameOf } from './rows.ts'

/** What requests of one server are made from. */
export interface Requested {
  /** What comes before the paths of the contract. */
  readonly base: string
  /** Tokens of the server, of its first users. */
  readonly tokens: readonly string[]
  /** The database of the server. */
  readonly databaseUrl: string
}

interface Draw extends Requested {
  readonly token: string
  readonly article: string
  readonly author: string
  readonly tag: string
}

interface Measured {
  readonly title: string
  readonly status: 200 | 201
  readonly make: (draw: Draw) => Request
  /** Statements that delete the rows that the requests have made. A user has at most one favourite of an article, so those may stay. */
  readonly undo: readonly string[]
}

/** The measured operations by name. */
export const JOBS = {
  list: { title: 'list of 20 articles', status: 200, make: (draw) => read(draw, '/articles'), undo: [] },
  author: { title: 'list, of an author', status: 200, make: (draw) => read(draw, `/articles?author=${draw.author}`), undo: [] },
  tag: { title: 'list, with a tag', status: 200, make: (draw) => read(draw, `/articles?tag=${draw.tag}`), undo: [] },
  get: { title: 'get an article', status: 200, make: (draw) => read(draw, `/articles/${draw.article}`), undo: [] },
  create: {
    title: 'create an article',
    status: 201,
    make: (draw) => send(draw, '/articles', { article: NEW_ARTICLE }),
    undo: ["delete from articles where title = 'A title of middling length'", 'vacuum analyze articles'],
  },
  comment: {
    title: 'create a comment',
    status: 201,
    make: (draw) => send(draw, `/articles/${draw.article}/comments`, { comment: NEW_COMMENT }),
    undo: ["delete from comments where body = 'I have read this, and agree with all of it.'", 'vacuum analyze comments'],
  },
  favorite: {
    title: 'favourite an article',
    status: 200,
    make: (draw) => send(draw, `/articles/${draw.article}/favorite`, null),
    undo: [],
  },
} as const satisfies Record<string, Measured>

/** The name of a measured operation. */
export type JobName = keyof typeof JOBS

const NEW_ARTICLE = {
  title: 'A title of middling length',
  description: 'What is there to say?',
  body: 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr. '.repeat(7),
  tagList: ['tag1', 'tag2'],
}
const NEW_COMMENT = { body: 'I have read this, and agree with all of it.' }

/** Requests that a slot sends in turn. */
const REQUESTS = 5_000

/** A job of `measureRounds`. All servers get the same requests, each with tokens of its own. */
export function jobOf<Name extends string>(name: JobName, of: ReadonlyMap<Name, Requested>, size: Size): RoundJob<Name> {
  const { title, status, make, undo } = JOBS[name]
  const requestedOf = (server: Name): Requested => {
    const requested = of.get(server)
    if (requested === undefined) throw new Error(`nobody has signed in at ${server}`)
    return requested
  }
  return {
    title,
    status,
    undo: (server) =>
      withClient(requestedOf(server).databaseUrl, async (query) => {
        for (const statement of undo) await query(statement)
      }),
    requests(server, round) {
      const requested = requestedOf(server)
      const random = randomFrom(round + 2)
      return Array.from({ length: REQUESTS }, () => {
        const numbers = { token: random.below(requested.tokens.length), article: random.below(size.articles) }
        return make({
          ...requested,
          token: requested.tokens[numbers.token] ?? '',
          article: slugOf(numbers.article),
          author: usernameOf(random.below(size.users)),
          tag: `tag${random.below(TAGS)}`,
        })
      })
    },
  }
}

function read({ base, token }: Draw, path: string): Request {
  return { method: 'GET', path: `${base}${path}`, token, scheme: 'Token', body: null }
}

function send({ base, token }: Draw, path: string, body: object | null): Request {
  return { method: 'POST', path: `${base}${path}`, token, scheme: 'Token', body: body === null ? null : JSON.stringify(body) }
}
