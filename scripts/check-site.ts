/**
 * Looks at the built documentation site in Chromium: `npm run docs:check`, after `npm run docs:build`.
 * Fails for violations of axe-core, pages that are wider than the screen, requests to other hosts, and a search that finds nothing.
 * `SCREENSHOTS` names a folder for pictures.
 */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const SITE = join(import.meta.dirname, '../site/dist')
const CHROMIUM = '/usr/bin/chromium'
const PAGES = ['index', 'guide/production', 'guide/from-hasura', 'reference/rest', 'reference/settings', 'decisions/0099-deliver']
const VIEWS = [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const
const TYPES: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain' },
  ...{ '.woff2': 'font/woff2', '.json': 'application/json', '.md': 'text/markdown' },
}

/** Serves the files of the site on loopback. */
function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    try {
      const body = readFileSync(join(SITE, path.endsWith('/') ? `${path}index.html` : path))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/html' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function checkPage(browser: Browser, origin: string, name: string): Promise<void> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const folder = process.env.SCREENSHOTS
  for (const [width, colorScheme] of VIEWS) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) elsewhere.push(request.url())
    })
    await page.goto(`${origin}/${name}.html`, { waitUntil: 'networkidle' })
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name.replaceAll('/', '-')}-${width}-${colorScheme}.png`) })
    }
    await page.addScriptTag({ content: axe })
    const violations = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].target} ${nodes[0].html.slice(0, 160)}`))',
    )
    const at = `${name} at ${width}, ${colorScheme}`
    assert.deepEqual(violations, [], at)
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${at} is wider than the screen`)
    assert.deepEqual(elsewhere, [], at)
    await context.close()
  }
}

async function checkSearch(browser: Browser, origin: string): Promise<void> {
  const page = await browser.newPage()
  await page.goto(`${origin}/index.html`, { waitUntil: 'networkidle' })
  await page.keyboard.press('Control+k')
  await page.locator('.search-input').fill('idempotency')
  const first = page.locator('.result').first()
  await first.waitFor({ timeout: 30_000 })
  assert.match((await first.textContent()) ?? '', /[Ii]dempotency/)
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const folder = process.env.SCREENSHOTS
  if (folder !== undefined) await page.screenshot({ path: join(folder, 'search.png') })
  await page.addScriptTag({ content: axe })
  const violations = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`))',
  )
  assert.deepEqual(violations, [], 'the search')
  await page.close()
}

const server = await serve()
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
try {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of PAGES) await checkPage(browser, origin, name)
  await checkSearch(browser, origin)
  console.log(`site: ${PAGES.length} pages in ${VIEWS.length} views, and the search`)
} finally {
  await browser.close()
  server.close()
}
