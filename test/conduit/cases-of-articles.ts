/** What right requests do: articles, their lists, favourites, comments and tags. */

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { success } from './cases-of-users.ts'
import { refused } from './client.ts'
import { ARTICLE, type Case, NOTHING, ok } from './world.ts'

/** Two changes at different times have different timestamps, which are in milliseconds. */
const TICK_MS = 5

const ARTICLE_CASES: readonly Case[] = [
  success('CreateArticle', 'answers the article with its author and its tags in order', async ({ ask, ada, fresh }) => {
    const tagList = [fresh('zebra'), fresh('ant'), fresh('mole')]
    const { article } = ok(await ask('CreateArticle', { token: ada.token, inside: { ...ARTICLE, tagList } }), 201)
    const { slug, createdAt, updatedAt, ...rest } = article
    const author = { username: ada.username, bio: article.author.bio, image: null, following: false }
    assert.deepEqual(rest, { ...ARTICLE, tagList, favorited: false, favoritesCount: 0, author })
    assert.equal(createdAt, updatedAt)
    assert.deepEqual(ok(await ask('GetArticle', { path: { slug } })).article, article)
  }),
  success('CreateArticle', 'gives equal titles different slugs, and no tags unless they are sent', async ({ ask, ada, bob }) => {
    const slugs = new Set<string>()
    for (const { token } of [ada, ada, bob]) {
      const { article } = ok(await ask('CreateArticle', { token, inside: ARTICLE }), 201)
      slugs.add(article.slug)
      assert.deepEqual(article.tagList, [])
    }
    assert.equal(slugs.size, 3)
  }),
  success('GetArticle', 'is different for each caller', async ({ ask, ada, bob, register, article }) => {
    const author = await register('hal')
    const slug = await article(author)
    ok(await ask('FollowUserByUsername', { token: ada.token, path: { username: author.username } }))
    ok(await ask('CreateArticleFavorite', { token: bob.token, path: { slug } }))
    for (const [token, favorited, following] of [
      [ada.token, false, true],
      [bob.token, true, false],
      [null, false, false],
    ] as const) {
      const found = ok(await ask('GetArticle', { token, path: { slug } })).article
      assert.deepEqual([found.favorited, found.favoritesCount, found.author.following], [favorited, 1, following])
    }
  }),
  success('UpdateArticle', 'changes only what is sent, and when the article was changed', async ({ ask, ada, fresh }) => {
    const tagList = [fresh('tag')]
    const before = ok(await ask('CreateArticle', { token: ada.token, inside: { ...ARTICLE, tagList } }), 201).article
    await sleep(TICK_MS)
    const change = async (slug: string, inside: object) =>
      ok(await ask('UpdateArticle', { token: ada.token, path: { slug }, inside })).article
    const changed = await change(before.slug, { body: 'With two hands.' })
    assert.deepEqual({ ...changed, updatedAt: null }, { ...before, body: 'With two hands.', updatedAt: null })
    assert.ok(changed.updatedAt > before.updatedAt, `${changed.updatedAt} after ${before.updatedAt}`)
    const renamed = await change(changed.slug, { title: 'Did you train it?', description: 'Well?' })
    assert.deepEqual([renamed.title, renamed.description, renamed.tagList], ['Did you train it?', 'Well?', tagList])
    assert.deepEqual((await change(renamed.slug, { tagList: ['b', 'a'] })).tagList, ['b', 'a'])
    assert.deepEqual((await change(renamed.slug, { tagList: [] })).tagList, [])
    assert.deepEqual(ok(await ask('GetArticle', { path: { slug: renamed.slug } })).article.tagList, [])
  }),
  success('DeleteArticle', 'deletes the article with its comments and favourites', async ({ ask, ada, bob, article }) => {
    const slug = await article(ada)
    const path = { slug }
    ok(await ask('CreateArticleComment', { token: bob.token, path, inside: { body: 'Nice.' } }), 201)
    ok(await ask('CreateArticleFavorite', { token: bob.token, path }))
    ok(await ask('DeleteArticle', { token: ada.token, path }), 204)
    const gone = { status: 404, name: 'article', message: 'not found' }
    for (const id of ['GetArticle', 'GetArticleComments']) refused(await ask(id, { path }), gone)
    refused(await ask('DeleteArticle', { token: ada.token, path }), gone)
  }),
]

const LIST_CASES: readonly Case[] = [
  success('GetArticles', 'answers the newest first, each with what is of the caller, and without its body', async (world) => {
    const { ask, ada, bob, register, article } = world
    const author = await register('ida')
    const slugs: string[] = []
    for (const title of ['One', 'Two', 'Three']) {
      slugs.unshift(await article(author, { title }))
      await sleep(TICK_MS)
    }
    ok(await ask('FollowUserByUsername', { token: ada.token, path: { username: author.username } }))
    for (const { token } of [ada, bob]) ok(await ask('CreateArticleFavorite', { token, path: { slug: slugs[1] ?? '' } }))
    ok(await ask('DeleteArticleFavorite', { token: bob.token, path: { slug: slugs[1] ?? '' } }))
    const query = { author: author.username }
    for (const [token, favorited, following] of [
      [ada.token, true, true],
      [bob.token, false, false],
      [null, false, false],
    ] as const) {
      const { articles, articlesCount } = ok(await ask('GetArticles', { token, query }))
      assert.deepEqual([articles.map(({ slug }: { slug: string }) => slug), articlesCount], [slugs, 3])
      const { body, ...whole } = ok(await ask('GetArticle', { token, path: { slug: slugs[1] ?? '' } })).article
      assert.deepEqual(articles[1], whole)
      assert.deepEqual([whole.favorited, whole.favoritesCount, whole.author.following], [favorited, 1, following])
      assert.equal(typeof body, 'string')
    }
  }),
  success('GetArticles', 'filters by tag, author and favourites, and by all of them', async ({ ask, ada, bob, article, fresh }) => {
    const [tag, other] = [fresh('tag'), fresh('tag')]
    const both = await article(ada, { tagList: [other, tag] })
    await sleep(TICK_MS)
    const one = await article(bob, { tagList: [tag] })
    const fan = fresh('fan')
    const { user } = ok(
      await ask('CreateUser', { inside: { username: fan, email: `${fan}@example.com`, password: 'quiet-Otter-42-lamp' } }),
      201,
    )
    ok(await ask('CreateArticleFavorite', { token: user.token, path: { slug: both } }))
    const found = async (query: Record<string, string>) => {
      const { articles, articlesCount } = ok(await ask('GetArticles', { query }))
      assert.equal(articlesCount, articles.length)
      return articles.map(({ slug }: { slug: string }) => slug)
    }
    assert.deepEqual(await found({ tag }), [one, both])
    assert.deepEqual(await found({ tag: other }), [both])
    assert.deepEqual(await found({ tag, author: bob.username }), [one])
    assert.deepEqual(await found({ favorited: fan }), [both])
    assert.deepEqual(await found({ favorited: fan, author: bob.username }), [])
    for (const query of [{ tag: fresh('none') }, { author: NOTHING.username }, { favorited: NOTHING.username }])
      assert.deepEqual(await found(query), [])
  }),
  success('GetArticles', 'pages with limit and offset; the count is of all', async ({ ask, ada, article, fresh }) => {
    const tag = fresh('page')
    for (let i = 0; i < 23; i++) await article(ada, { tagList: [tag] })
    const page = async (query: Record<string, number>) => {
      const { articles, articlesCount } = ok(await ask('GetArticles', { query: { tag, ...query } }))
      assert.equal(articlesCount, 23)
      return articles.map(({ slug }: { slug: string }) => slug)
    }
    const all = await page({ limit: 100 })
    assert.equal(new Set(all).size, 23)
    assert.deepEqual(await page({}), all.slice(0, 20))
    assert.deepEqual(await page({ limit: 5 }), all.slice(0, 5))
    assert.deepEqual(await page({ limit: 5, offset: 5 }), all.slice(5, 10))
    assert.deepEqual(await page({ offset: 20 }), all.slice(20))
    assert.deepEqual(await page({ offset: 1000 }), [])
  }),
  success('GetArticlesFeed', 'has the articles of followed users alone, newest first', async ({ ask, register, article, ada }) => {
    const [reader, writer] = [await register('jan'), await register('kim')]
    const feed = async (query: Record<string, number> = {}) => ok(await ask('GetArticlesFeed', { token: reader.token, query }))
    assert.deepEqual(await feed(), { articles: [], articlesCount: 0 })
    const first = await article(writer)
    await sleep(TICK_MS)
    const second = await article(writer)
    await article(ada)
    ok(await ask('FollowUserByUsername', { token: reader.token, path: { username: writer.username } }))
    const { articles, articlesCount } = await feed()
    assert.deepEqual([articles.map(({ slug }: { slug: string }) => slug), articlesCount], [[second, first], 2])
    assert.ok(articles.every(({ author }: { author: { following: boolean } }) => author.following))
    const last = await feed({ limit: 1, offset: 1 })
    assert.deepEqual([last.articles[0].slug, last.articlesCount], [first, 2])
    ok(await ask('UnfollowUserByUsername', { token: reader.token, path: { username: writer.username } }))
    assert.deepEqual(await feed(), { articles: [], articlesCount: 0 })
  }),
  success('GetTags', 'names every tag once', async ({ ask, ada, bob, article, fresh }) => {
    const [tag, other] = [fresh('tag'), fresh('tag')]
    await article(ada, { tagList: [tag, other] })
    await article(bob, { tagList: [tag] })
    const { tags } = ok(await ask('GetTags'))
    assert.deepEqual(tags.filter((one: string) => one === tag || one === other).sort(), [tag, other].sort())
    assert.equal(new Set(tags).size, tags.length)
  }),
]

const COMMENT_CASES: readonly Case[] = [
  success('CreateArticleFavorite', 'counts each user once', async ({ ask, ada, bob, article }) => {
    const path = { slug: await article(ada) }
    for (const [{ token }, count] of [
      [ada, 1],
      [ada, 1],
      [bob, 2],
    ] as const) {
      const found = ok(await ask('CreateArticleFavorite', { token, path })).article
      assert.deepEqual([found.favorited, found.favoritesCount, found.slug], [true, count, path.slug])
    }
  }),
  success('DeleteArticleFavorite', 'takes away the favourite of the caller alone', async ({ ask, ada, bob, article }) => {
    const path = { slug: await article(ada) }
    for (const { token } of [ada, bob]) ok(await ask('CreateArticleFavorite', { token, path }))
    for (const _ of [1, 2]) {
      const found = ok(await ask('DeleteArticleFavorite', { token: ada.token, path })).article
      assert.deepEqual([found.favorited, found.favoritesCount], [false, 1])
    }
    assert.equal(ok(await ask('GetArticle', { token: bob.token, path })).article.favorited, true)
  }),
  success('CreateArticleComment', 'answers the comment with its author', async ({ ask, ada, bob, article }) => {
    const path = { slug: await article(ada) }
    const { comment } = ok(await ask('CreateArticleComment', { token: bob.token, path, inside: { body: 'Well said.' } }), 201)
    assert.deepEqual([comment.body, comment.author.username, comment.createdAt], ['Well said.', bob.username, comment.updatedAt])
    assert.deepEqual(ok(await ask('GetArticleComments', { path })).comments, [comment])
  }),
  success('GetArticleComments', 'has the comments of this article, and whom the caller follows', async ({ ask, ada, bob, article }) => {
    const [path, other] = [{ slug: await article(ada) }, { slug: await article(ada) }]
    assert.deepEqual(ok(await ask('GetArticleComments', { path })), { comments: [] })
    const ids: number[] = []
    for (const [{ token }, at] of [
      [ada, path],
      [bob, path],
      [bob, other],
    ] as const) {
      const { comment } = ok(await ask('CreateArticleComment', { token, path: at, inside: { body: 'Yes.' } }), 201)
      if (at === path) ids.push(comment.id)
    }
    ok(await ask('FollowUserByUsername', { token: ada.token, path: { username: bob.username } }))
    const { comments } = ok(await ask('GetArticleComments', { token: ada.token, path }))
    const seen = comments.map(({ id, author }: { id: number; author: { following: boolean } }) => [id, author.following])
    assert.deepEqual(
      seen.sort(),
      [
        [ids[0], false],
        [ids[1], true],
      ].sort(),
    )
    ok(await ask('UnfollowUserByUsername', { token: ada.token, path: { username: bob.username } }))
  }),
  success('DeleteArticleComment', 'deletes the comment of this article alone', async ({ ask, ada, bob, article }) => {
    const [path, other] = [{ slug: await article(ada) }, { slug: await article(ada) }]
    const { comment } = ok(await ask('CreateArticleComment', { token: bob.token, path, inside: { body: 'Oh.' } }), 201)
    const gone = { status: 404, name: 'comment', message: 'not found' }
    refused(await ask('DeleteArticleComment', { token: bob.token, path: { ...other, id: comment.id } }), gone)
    // The author of the article is not the author of the comment.
    refused(await ask('DeleteArticleComment', { token: ada.token, path: { ...path, id: comment.id } }), {
      status: 403,
      name: 'comment',
      message: 'forbidden',
    })
    ok(await ask('DeleteArticleComment', { token: bob.token, path: { ...path, id: comment.id } }), 204)
    refused(await ask('DeleteArticleComment', { token: bob.token, path: { ...path, id: comment.id } }), gone)
    assert.deepEqual(ok(await ask('GetArticleComments', { path })), { comments: [] })
  }),
]

/** Cases of articles, their lists, favourites, comments and tags. */
export const CONTENT_CASES: readonly Case[] = [...ARTICLE_CASES, ...LIST_CASES, ...COMMENT_CASES]
