/** Answers in CSV and HTML, and bodies of forms. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { plannedActions } from '../../src/commands/planning/planned-actions.ts'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'

const { model } = await readModel(join(import.meta.dirname, 'designs/goods'))
const ends: (() => unknown)[] = []
const backend = await testBackend({ after: (end) => void ends.push(end as () => unknown) }, model)
after(async () => {
  for (const end of ends) await end()
})
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Makes a product by SQL. */
async function product(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const fields = { name, price: '1.00', tags: [], ...more }
  const columns = Object.keys(fields).map((column) => `"${column}"`)
  const values = Object.values(fields).map((value, i) => [`$${i + 1}`, value] as const)
  const [row] = await backend.sql(
    `insert into products (${columns}) values (${values.map(([slot]) => slot)}) returning id`,
    values.map(([, value]) => value),
  )
  return String(row?.id)
}

async function clear(): Promise<void> {
  await backend.sql('delete from products')
}

test('a list of objects is a table with a header', async () => {
  await clear()
  const made = '2026-01-02T03:04:05.006Z'
  await product('a "b", c', {
    price: '-12.50',
    change: -3,
    weight: 1.5,
    tags: ['x', 'y,z'],
    data: { a: [1] },
    since: '2026-11-29',
    created_at: made,
  })
  await product('=1+1', { note: '-5', created_at: made, sold: true })
  const { status, headers, text } = await backend.ask('GET', '/report')
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/csv; charset=utf-8; header=present')
  assert.equal(headers['content-disposition'], 'attachment; filename="report.csv"')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(
    text,
    [
      'name,price,change,weight,note,tags,data,sold,since,made,cost,kind',
      `'=1+1,1.00,0,,'-5,[],,true,,${made},,good`,
      `"a ""b"", c",-12.50,-3,1.5,,"[""x"",""y,z""]","{""a"":[1]}",false,2026-11-29,${made},,good`,
      '',
    ].join('\r\n'),
  )
  assert.equal((await backend.ask('GET', '/report?sold=true&limit=1')).text.split('\r\n').length, 3)
})

test('an empty list is a header, HEAD answers without a body, and other types are not acceptable', async () => {
  await clear()
  assert.match((await backend.ask('GET', '/report')).text, /^name,.*,kind\r\n$/)
  const head = await backend.ask('HEAD', '/report')
  assert.deepEqual([head.status, head.text, head.headers['content-type']], [200, '', 'text/csv; charset=utf-8; header=present'])
  for (const accept of ['text/csv', 'text/*', '*/*', 'application/json, text/csv;q=0.1'])
    assert.equal((await backend.ask('GET', '/report', { headers: { accept } })).status, 200, accept)
  for (const accept of ['application/json', 'text/html', '*/*, text/csv;q=0']) {
    const refused = await backend.ask('GET', '/report', { headers: { accept } })
    assert.deepEqual([refused.status, refused.json.code, refused.json.detail], [406, 'not_acceptable', 'only text/csv is available here'])
  }
  const wrong = await backend.ask('GET', '/report?limit=0', { headers: { accept: 'text/csv' } })
  assert.deepEqual([wrong.status, wrong.json.code], [400, 'validation_failed'])
})

test('a page shows the values of the answer as text', async () => {
  await clear()
  const name = `<script>alert(1)</script>"'&amp;`
  const shown = '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;amp;'
  const id = await product(name, { note: '</textarea><script>', link: 'javascript:alert(1)', tags: ['<b>'] })
  await product('zebra', { link: 'https://example.com/?a=1&b=2' })
  const shop = await backend.ask('GET', `/shop?title=${encodeURIComponent(name)}`)
  assert.equal(shop.status, 200)
  assert.equal(shop.headers['content-type'], 'text/html; charset=utf-8')
  assert.ok(shop.text.includes(`<title>${shown}</title>`))
  assert.ok(shop.text.includes(`<a href="/goods/${id}">${shown}</a> <span class="price">1.00</span>`))
  assert.match(shop.text, /<a class="shop" href="about:invalid">/)
  assert.match(shop.text, /<a class="shop" href="https:\/\/example.com\/\?a=1&amp;b=2">/)
  assert.match(shop.text, /<small>&lt;b&gt;<\/small>/)
  assert.doesNotMatch(shop.text, /<script|javascript:/)
  const page = await backend.ask('GET', `/goods/${id}`)
  assert.match(page.text, /<textarea name="note">&lt;\/textarea&gt;&lt;script&gt;<\/textarea>/)
  assert.ok(page.text.includes(`href="/shop?title=${encodeURIComponent(name).replaceAll("'", '&#39;')}"`))
  assert.ok(page.text.includes(`1 tags &lt;b&gt; of ${shown}`))
})

test('a page runs no scripts and takes the styles of its template alone', async () => {
  const { headers } = await backend.ask('GET', '/shop')
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /^default-src 'none'; .*style-src 'self' 'sha256-[A-Za-z0-9+/]{43}='; /)
  assert.match(policy, /base-uri 'none'; frame-ancestors 'none'$/)
  assert.doesNotMatch(policy, /unsafe|script-src/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['cache-control'], 'no-store')
  // Browsers would send the forms of the page with Origin: null otherwise.
  assert.equal(headers['referrer-policy'], 'same-origin')
})

test('nothing that a client sends chooses a template', async () => {
  const wanted = await backend.ask('GET', '/shop?template=pages/product.html')
  assert.deepEqual([wanted.status, wanted.json.code], [400, 'validation_failed'])
  const headers = { accept: 'text/html', 'x-template': 'pages/product.html' }
  assert.equal((await backend.ask('GET', '/shop', { headers })).text, (await backend.ask('GET', '/shop')).text)
  assert.equal((await backend.ask('GET', '/pages/shop.html')).status, 404)
  for (const title of ['{{products}}', '${7*7}', '<%= 7*7 %>', '{{#each products}}']) {
    const { text } = await backend.ask('GET', `/shop?title=${encodeURIComponent(title)}`)
    assert.ok(text.includes(title.replaceAll('<', '&lt;').replaceAll('>', '&gt;')), title)
  }
})

test('a browser gets failures as pages, and a program as problems', async () => {
  const path = '/goods/018f0000-0000-7000-8000-000000000000'
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  const page = await backend.ask('GET', path, { headers: { accept } })
  assert.deepEqual([page.status, page.headers['content-type']], [404, 'text/html; charset=utf-8'])
  assert.match(page.text, /<h1>Not found<\/h1>/)
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/)
  for (const accepts of [undefined, '*/*', 'application/json, text/html']) {
    const problem = await backend.ask('GET', path, { headers: accepts === undefined ? {} : { accept: accepts } })
    assert.deepEqual(
      [problem.status, problem.headers['content-type'], problem.json.code],
      [404, 'application/problem+json; charset=utf-8', 'not_found'],
    )
  }
  const refused = await backend.ask('GET', '/shop', { headers: { accept: 'application/json' } })
  assert.deepEqual([refused.status, refused.json.code], [406, 'not_acceptable'])
  const hostile = await backend.ask('GET', '/shop?%3Cscript%3E=1', { headers: { accept } })
  assert.equal(hostile.status, 400)
  assert.doesNotMatch(hostile.text, /<script/)
})

async function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}) {
  return backend.ask('POST', path, { body, headers: { ...FORM, ...headers } })
}

test('a form gives inputs their types, and empty fields are not sent', async () => {
  await clear()
  const { status, json } = await post('/goods', 'name=a+b%26c&price=1.50&tags=x&tags=y%20z&sold=true&weight=&note=&change=')
  assert.equal(status, 201)
  assert.deepEqual(
    { ...json, id: null },
    { id: null, name: 'a b&c', price: '1.50', tags: ['x', 'y z'], note: null, sold: true, weight: null },
  )
  const utf8 = await post('/goods', 'name=%E2%82%AC&price=0.10', { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' })
  assert.deepEqual([utf8.status, utf8.json.name], [201, '€'])
})

test('a wrong form is refused with every problem', async () => {
  const wrong = await post('/goods', 'price=dear&colour=red&sold=perhaps')
  assert.deepEqual([wrong.status, wrong.json.code], [400, 'validation_failed'])
  const pointers = (wrong.json.errors as { pointer: string }[]).map(({ pointer }) => pointer)
  assert.deepEqual(pointers.toSorted(), ['/colour', '/name', '/price', '/sold'])
  const twice = await post('/goods', 'name=a&name=b&price=1')
  assert.deepEqual([twice.status, twice.json.errors[0].pointer], [400, '/name'])
  for (const name of ['__proto__', 'constructor', '__proto__[x]', 'toString'])
    assert.equal((await post('/goods', `name=a&price=1&${encodeURIComponent(name)}=1`)).json.code, 'validation_failed', name)
  assert.equal((await post('/goods', 'name=%ff&price=1')).json.code, 'malformed_request')
  assert.equal((await post('/goods', `name=${'a&'.repeat(10_001)}`)).json.code, 'malformed_request')
  assert.equal((await post('/goods', `name=${'a'.repeat(1_100_000)}`)).status, 413)
})

test('an endpoint for forms takes no JSON, and one for JSON no form', async () => {
  const json = await backend.ask('POST', '/goods', { body: { name: 'a', price: '1' } })
  assert.deepEqual([json.status, json.json.detail], [415, 'send the body as application/x-www-form-urlencoded in UTF-8'])
  const latin1 = await post('/goods', 'name=a&price=1', { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' })
  assert.equal(latin1.status, 415)
  assert.equal((await post('/goods', '', { 'content-type': 'multipart/form-data; boundary=x' })).status, 415)
  const form = await post('/api/products', 'name=a&price=1')
  assert.deepEqual([form.status, form.json.detail], [415, 'send the body as application/json in UTF-8'])
  assert.equal((await post('/api/nothing', 'name=a')).status, 404)
})

test('a form with a page, and a repetition with Idempotency-Key', async () => {
  await clear()
  const id = await product('<i>')
  const removed = await post(`/goods/${id}/remove`, '')
  assert.deepEqual([removed.status, removed.text], [200, '<!doctype html>\n<title>Removed</title>\n<p>&lt;i&gt; is removed.</p>\n'])
  const key = { 'idempotency-key': 'one' }
  const first = await post('/rows', 'name=a&price=1', key)
  const again = await post('/rows', 'name=a&price=1', key)
  assert.deepEqual([first.status, first.text, again.text], [200, 'tag\r\n', 'tag\r\n'])
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.headers['content-type'], 'text/csv; charset=utf-8; header=present')
})

test('GraphQL has the same actions with their answers in JSON', async () => {
  await clear()
  await product('=x')
  const { json } = await backend.ask('POST', '/graphql', { body: { query: '{ report { name price } }' } })
  assert.deepEqual(json, { data: { report: [{ name: '=x', price: '1.00' }] } })
})

test('the OpenAPI document has the media types', async () => {
  const { json } = await backend.ask('GET', '/openapi.json')
  const contentOf = (path: string, method: string, status: string) => Object.keys(json.paths[path][method].responses[status].content)
  assert.deepEqual(contentOf('/report', 'get', '200'), ['text/csv'])
  assert.deepEqual(contentOf('/goods/{id}', 'get', '200'), ['text/html'])
  assert.deepEqual(Object.keys(json.paths['/goods'].post.requestBody.content), ['application/x-www-form-urlencoded'])
  assert.deepEqual(contentOf('/goods', 'post', '201'), ['application/json'])
})

test('the plan names the media types of an address and its template', () => {
  const media = plannedActions(model).flatMap((action) => (action.media.length === 0 ? [] : [[action.action, ...action.media]]))
  assert.deepEqual(media, [
    ['Product.page', 'answers text/html from pages/product.html'],
    ['Product.remove', 'answers text/html from pages/removed.html', 'takes a form'],
    ['report', 'answers text/csv'],
    ['shop', 'answers text/html from ./pages/shop.html'],
    ['addProduct', 'takes a form'],
    ['addRow', 'answers text/csv', 'takes a form'],
  ])
})
