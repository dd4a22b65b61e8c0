/**
 * Programs that use the clients of the blog and the shop, right and wrong ones. `tsc` is their test: each wrong line is expected to be an
 * error, and a line that is none is one. They are not run.
 */

import { createClient, isApiError, type Post, type PostCreate } from '../golden/client/blog/client.ts'
import { ApiError, cel, createClient as createShop } from '../golden/client/shop.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

const blog = createClient('https://blog.example.com')
const shop = createShop('')

export async function rowsOfTheBlog(): Promise<void> {
  const post = await blog.posts.get('1')
  same<typeof post.title, string>(true)
  same<typeof post.author, string>(true)
  // @ts-expect-error a field that is not there
  post.titel

  // The place where the answer is put changes nothing.
  const annotated: Post = await blog.posts.get('1')
  same<typeof annotated.author, string>(true)

  // An include widens the row, at every depth.
  const whole = await blog.posts.get('1', { include: { author: true } })
  same<typeof whole.author.email, string | null>(true)
  same<typeof whole.author.role, 'user' | 'moderator' | 'admin'>(true)
  const user = await blog.users.get('1', { include: { posts: { fields: ['title'], include: { author: { fields: ['name'] } } } } })
  same<(typeof user.posts)[number], { title: string; author: { name: string } }>(true)
  same<(typeof user)['posts@next'], string | undefined>(true)
  // @ts-expect-error not included
  post.author.name
  // @ts-expect-error not among the fields
  user.posts[0]?.body
  // @ts-expect-error no relation of this name
  await blog.posts.get('1', { include: { autor: true } })
  // @ts-expect-error no relation of this name, beside a right one
  await blog.posts.get('1', { include: { author: true, comments: true } })
  // @ts-expect-error no field of this name, inside
  await blog.posts.get('1', { include: { author: { fields: ['nam'] } } })
  // @ts-expect-error no relation of this name, inside
  await blog.posts.get('1', { include: { author: { include: { comments: true } } } })
  // @ts-expect-error no option of this name
  await blog.posts.get('1', { includes: { author: true } })

  // Fields narrow it.
  const [narrow] = (await blog.posts.list({ fields: ['id', 'title'] })).data
  same<typeof narrow, { id: string; title: string } | undefined>(true)
  // @ts-expect-error no field of this name
  await blog.posts.list({ fields: ['titel'] })
  // @ts-expect-error nobody reads a password
  await blog.users.list({ fields: ['password'] })
}

export async function listsOfTheBlog(): Promise<void> {
  await blog.posts.list({ filter: { published: true, author: { is: { name: { startsWith: 'A' } } }, tags: { contains: 'news' } } })
  await blog.posts.list({ filter: { createdAt: { gte: new Date() }, title: { in: ['a', 'b'] } }, sort: ['-createdAt', 'id'], size: 5 })
  await blog.posts.list({ where: cel`author.name == ${'Ann'}` })
  // @ts-expect-error no field of this name
  await blog.posts.list({ filter: { publishd: true } })
  // @ts-expect-error another type
  await blog.posts.list({ filter: { published: 'yes' } })
  // @ts-expect-error no operator of texts
  await blog.posts.list({ filter: { published: { startsWith: 'y' } } })
  // @ts-expect-error no role of this name
  await blog.users.list({ filter: { role: 'owner' } })
  // @ts-expect-error no field of this name, behind the reference
  await blog.posts.list({ filter: { author: { is: { nam: 'Ann' } } } })
  // @ts-expect-error no order
  await blog.posts.list({ sort: 'tags' })
  // @ts-expect-error no field of this name
  await blog.posts.list({ sort: '-created' })
  // @ts-expect-error a text may come from anywhere; `cel` quotes its values
  await blog.posts.list({ where: 'published' })
  for await (const post of blog.posts.list({ include: { author: { fields: ['name'] } } })) same<typeof post.author, { name: string }>(true)
  for await (const page of blog.posts.list().pages()) same<typeof page.next, string | null>(true)
  const first = await blog.posts.first()
  // @ts-expect-error there may be none
  first.title
}

export async function writesOfTheBlog(body: PostCreate): Promise<void> {
  const created = await blog.posts.create(body)
  same<typeof created.id, string>(true)
  // Who writes a post need not be allowed to read it.
  same<typeof created.title, string | undefined>(true)
  await blog.posts.update('1', { title: 'New' }, { ifVersion: 3 })
  // @ts-expect-error the server sets it
  await blog.posts.create({ title: 'T', body: 'B', author: '1' })
  // @ts-expect-error a required field is missing
  await blog.posts.create({ title: 'T' })
  // @ts-expect-error another type
  await blog.posts.update('1', { published: 'yes' })
  // @ts-expect-error a version is a number
  await blog.posts.delete('1', { ifVersion: '3' })
  const ada = await blog.auth.register({ name: 'Ada', email: 'ada@example.com', password: 'Correct1horse' })
  same<typeof ada.name, string>(true)
  // @ts-expect-error a password is needed
  await blog.auth.login({ email: 'ada@example.com' })
}

export async function theShop(file: Blob): Promise<void> {
  const order = await shop.actions.checkout({ total: '9.90', address: 'Main Street 1' })
  same<typeof order.number, number | null>(true)
  const outcome = await shop.actions.checkout({ total: '9.90', address: 'Main Street 1' }).outcome()
  if (!outcome.ok) {
    if (outcome.error.code === 'price_changed') return
    // @ts-expect-error no action of this name stops with it
    if (outcome.error.code === 'payment_ended') return
  }
  await shop.orders.ship('1', { tracking: 'X1' }, { ifVersion: 2 })
  await shop.orders.cancel('1')
  await shop.products.photo.upload('1', file)
  same<Awaited<ReturnType<typeof shop.products.photo.download>>, Blob>(true)
  // @ts-expect-error orders are made by checkout
  await shop.orders.create({})
  // @ts-expect-error accounts are not deleted
  await shop.users.delete('1')
  // @ts-expect-error an input is missing
  await shop.actions.checkout({ total: '9.90' })
  // @ts-expect-error no input of this name
  await shop.actions.addToCart({ variant: '1', quantity: 1, colour: 'red' })
  // @ts-expect-error no action of this name
  await shop.actions.paymentChanged({})
  // @ts-expect-error no input
  await shop.orders.cancel('1', { reason: 'none' })
  // @ts-expect-error the answer does not tell whether the login is taken
  ;(await shop.auth.register({ name: 'A', email: 'a@example.com', password: 'long enough for it' })).id
}

export function errors(error: unknown): string | null {
  if (isApiError(error, 'validation_failed')) return error.problemOf('title')
  // @ts-expect-error no code of this name
  if (isApiError(error, 'validation_fail')) return null
  if (error instanceof ApiError) return error.code
  return isApiError(error) ? error.message : null
}
