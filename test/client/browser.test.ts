/** The clients in Chromium: as modules of a page, without a bundler; their types are stripped when they are served. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { chromium } from 'playwright-core'
import { openShop } from '../../examples/shop/tests/world.ts'
import { servedBlog } from './served.ts'

const CHROMIUM = '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM) && process.env.CI !== 'true' && `there is no ${CHROMIUM}; apt-get install chromium`
const CLIENTS = join(import.meta.dirname, '../golden/client')

/** Serves an empty page, and the clients as JavaScript. @returns its origin */
async function servePage(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/') return response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>A page</title>')
    if (!path.endsWith('.ts')) return response.writeHead(404).end()
    response.setHeader('Content-Type', 'text/javascript')
    return response.end(stripTypeScriptTypes(readFileSync(join(CLIENTS, path), 'utf8')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const BLOG = `async (url) => {
  const { createClient, isApiError, storedTokens } = await import('/blog/client.ts')
  const blog = createClient(url, { tokens: storedTokens(localStorage) })
  await blog.auth.register({ name: 'Ada', email: 'ada@example.com', password: 'Correct1horse' })
  await blog.posts.createMany([1, 2, 3].map((n) => ({ title: 'Post ' + n, body: 'Text', published: true })))
  const titles = []
  for await (const { title, author } of blog.posts.list({ size: 2, include: { author: { fields: ['name'] } } })) titles.push(title + ' by ' + author.name)
  // After a reload, the tokens are still there.
  const again = createClient(url, { tokens: storedTokens(localStorage) })
  const { name } = await again.auth.me()
  const refused = await again.posts.create({ title: '', body: 'x'.repeat(50001) }).outcome()
  const controller = new AbortController()
  const call = again.posts.list({ signal: controller.signal })
  controller.abort()
  const aborted = await call.catch((error) => error.name)
  await again.auth.logout()
  const after = await again.auth.me().catch((error) => isApiError(error, 'not_signed_in'))
  return { titles, name, problem: refused.error.problemOf('body'), aborted, after, stored: localStorage.length }
}`

const SHOP = `async ([url, variant, product, tokens]) => {
  const { createClient } = await import('/shop.ts')
  const shop = createClient(url)
  await shop.auth.useTokens(tokens.customer)
  await shop.actions.addToCart({ variant, quantity: 1 })
  const wrong = await shop.actions.checkout({ total: '1.00', address: 'Station Road 1, Bonn' }).outcome()
  const { order } = await shop.actions.checkout({ total: '12.50', address: 'Station Road 1, Bonn' })
  const { lines } = await shop.orders.get(order, { include: { lines: true } })
  await shop.auth.useTokens(tokens.staff)
  const canvas = Object.assign(document.createElement('canvas'), { width: 4, height: 4 })
  const png = await new Promise((resolve) => canvas.toBlob(resolve))
  await shop.products.photo.upload(product, new File([png], 'a tea.png', { type: 'image/png' }))
  const { photo } = await shop.products.get(product)
  const back = await shop.products.photo.download(product)
  return { code: wrong.error.code, lines: lines.length, name: photo.name, same: back.size === png.size, type: back.type }
}`

test('pages use the clients of the blog and the shop', { skip }, async (t) => {
  const origin = await servePage(t)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(origin)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  // A function of the page, as a text: its modules are none of this program.
  const inPage = (source: string, given: unknown): Promise<unknown> => page.evaluate(`(${source})(${JSON.stringify(given)})`)
  const { url } = await servedBlog(t)
  assert.deepEqual(await inPage(BLOG, url), {
    titles: ['Post 1 by Ada', 'Post 2 by Ada', 'Post 3 by Ada'],
    name: 'Ada',
    problem: 'must be at most 50000 characters',
    aborted: 'AbortError',
    after: true,
    stored: 0,
  })
  const shop = await openShop(t)
  const { variant, product } = await shop.article()
  const { token, refreshToken } = await shop.signIn({ role: 'customer' })
  const tokens = { customer: { token, refreshToken }, staff: { token: shop.staff.token, refreshToken: shop.staff.refreshToken } }
  const shopUrl = String(shop.provider.webhooks[0]).replace('/hooks/payments', '')
  assert.deepEqual(await inPage(SHOP, [shopUrl, variant, product, tokens]), {
    ...{ code: 'price_changed', lines: 1, name: 'a tea.png', same: true, type: 'image/png' },
  })
  assert.deepEqual(complaints, [])
})
