/** Accounts, articles and comments that the cases use, made through the API. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Answer, Ask, Asked } from './client.ts'

/** A registered user. */
export interface Account {
  readonly username: string
  readonly email: string
  readonly password: string
  readonly token: string
}

/** What the cases find. `ada` owns the article and the comment on it; `bob` owns neither. */
export interface World {
  readonly ask: Ask
  readonly ada: Account
  readonly bob: Account
  /** The slug of an article of `ada`. */
  readonly slug: string
  /** The id of a comment of `ada` on it. */
  readonly comment: number
  /** Makes a further article. Returns its slug. */
  readonly article: (by: Account, values?: object) => Promise<string>
  /** Makes a further account. */
  readonly register: (name: string) => Promise<Account>
  /** A name that nothing has yet. */
  readonly fresh: (name: string) => string
}

/** Values of an article that everyone may send. */
export const ARTICLE = { title: 'How to train a dragon', description: 'Ever wonder how?', body: 'You have to believe.' } as const

/** A password of 8 to 64 characters that is not a common one. */
export const PASSWORD = 'quiet-Otter-42-lamp'

/** A slug, a username and an id that nothing has. */
export const NOTHING = { slug: 'no-such-article', username: 'no-such-user', id: 2_147_483_647 } as const

/** Registers the accounts, and makes the article and the comment. */
export async function openWorld(ask: Ask): Promise<World> {
  const run = randomBytes(4).toString('hex')
  let made = 0
  const fresh = (name: string): string => `${name}-${run}-${++made}`
  const register = async (name: string): Promise<Account> => {
    const username = fresh(name)
    const account = { username, email: `${username}@example.com`, password: PASSWORD }
    const { status, body } = await ask('CreateUser', { inside: account })
    assert.equal(status, 201, JSON.stringify(body))
    return { ...account, token: body.user.token }
  }
  const article = async ({ token }: Account, values: object = {}): Promise<string> => {
    const { status, body } = await ask('CreateArticle', { token, inside: { ...ARTICLE, ...values } })
    assert.equal(status, 201, JSON.stringify(body))
    return body.article.slug
  }
  const [ada, bob] = [await register('ada'), await register('bob')]
  const slug = await article(ada)
  const { body } = await ask('CreateArticleComment', { token: ada.token, path: { slug }, inside: { body: 'Thank you.' } })
  return { ask, ada, bob, slug, comment: body.comment.id, article, register, fresh }
}

/**
 * A request of each operation that `ada` may send at any time, without her token. It changes nothing that other cases look at: a case that
 * deletes something makes it before.
 */
export function goodRequest({ ada, bob, slug, comment, fresh }: World, id: string): Asked {
  switch (id) {
    case 'Login':
      return { inside: { email: ada.email, password: ada.password } }
    case 'CreateUser': {
      const username = fresh('new')
      return { inside: { username, email: `${username}@example.com`, password: PASSWORD } }
    }
    case 'UpdateCurrentUser':
      return { inside: { bio: 'I trained a dragon.' } }
    case 'GetProfileByUsername':
    case 'FollowUserByUsername':
    case 'UnfollowUserByUsername':
      return { path: { username: bob.username } }
    case 'CreateArticle':
      return { inside: ARTICLE }
    case 'UpdateArticle':
      return { path: { slug }, inside: { description: 'How else?' } }
    case 'CreateArticleComment':
      return { path: { slug }, inside: { body: 'And again.' } }
    case 'DeleteArticleComment':
      return { path: { slug, id: comment } }
    case 'GetArticle':
    case 'DeleteArticle':
    case 'GetArticleComments':
    case 'CreateArticleFavorite':
    case 'DeleteArticleFavorite':
      return { path: { slug } }
    case 'GetCurrentUser':
    case 'GetArticlesFeed':
    case 'GetArticles':
    case 'GetTags':
      return {}
    default:
      throw new Error(`the contract has an operation ${id} without a request here`)
  }
}

/** A case of an operation. */
export interface Case {
  readonly operation: string
  readonly kind: Kind
  readonly title: string
  readonly run: (world: World) => Promise<void>
}

/** What a case asks about. */
export type Kind = 'success' | 'no token' | 'bad token' | 'wrong owner' | 'missing resource' | 'invalid value' | 'taken name'

/** Asserts the status of an answer and returns its body. */
export function ok({ status, body }: Answer, expected = 200): Answer['body'] {
  assert.equal(status, expected, JSON.stringify(body))
  return body
}
