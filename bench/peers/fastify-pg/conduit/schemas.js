/** What the operations accept. */

const text = (maxLength) => ({ type: 'string', minLength: 1, maxLength })
const optional = (maxLength) => ({ type: ['string', 'null'], maxLength })
const username = text(100)
const email = text(254)
/** An empty password is blank, and a short one is not valid. */
const password = { ...text(64), anyOf: [{ maxLength: 0 }, { minLength: 8 }] }
const title = text(200)
const description = text(500)
const body = text(100_000)
const tagList = { type: 'array', maxItems: 100, items: text(40) }

/** A body that wraps an object in one member. */
const wrapped = (member, required, properties) => ({
  body: { type: 'object', required: [member], properties: { [member]: { type: 'object', required, properties } } },
})

export const login = wrapped('user', ['email', 'password'], { email: text(254), password: text(4096) })
export const newUser = wrapped('user', ['username', 'email', 'password'], { username, email, password })
export const changedUser = wrapped('user', [], { username, email, password, bio: optional(10_000), image: optional(2_000) })
export const newArticle = wrapped('article', ['title', 'description', 'body'], { title, description, body, tagList })
export const changedArticle = wrapped('article', [], { title, description, body, tagList })
export const newComment = wrapped('comment', ['body'], { body: text(5_000) })

const words = { type: 'string' }
const limit = { type: 'string', pattern: '^0*[1-9][0-9]{0,5}$' }
const offset = { type: 'string', pattern: '^[0-9]{1,9}$' }
export const list = { querystring: { type: 'object', properties: { tag: words, author: words, favorited: words, limit, offset } } }
export const comment = { params: { type: 'object', properties: { slug: words, id: { type: 'string', pattern: '^[0-9]{1,18}$' } } } }
