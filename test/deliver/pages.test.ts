/** The pages of a hand-over in Chromium, and the example of docs/reference/deliver.md. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { ROOT } from '../support/command-line.ts'
import { samplePerformance } from '../verify/load/sample-performance.ts'
import { workplace } from './in-process.ts'

const CHROMIUM = '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM) && process.env.CI !== 'true' && `there is no ${CHROMIUM}; apt-get install chromium`
const HOSTILE = '</code><script>alert(1)</script>\u202e'
const isFull = process.env.PLINTH_FULL === '1'
const PAGES = ['index.html', 'docs/index.html', 'docs/architecture.html', 'docs/access.html', 'docs/operations.html', 'docs/api.html']

test('the pages have no violation of axe-core, fit a phone and a screen, light and dark, and run no script', { skip }, async (t) => {
  const place = await workplace(t)
  await place.report({ performance: samplePerformance(HOSTILE) })
  await place.deliver()
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  for (const [i, name] of PAGES.entries()) {
    const path = join(place.folder, 'delivery', name)
    assert.doesNotMatch(readFileSync(path, 'utf8'), /<script|https?:\/\/(?!www\.w3\.org)[^"\s]*\.(js|css)|\u202e/)
    const screens = [
      [1280, 'light'],
      [390, 'dark'],
    ] as const
    // Unless all tests run, the first page is seen on both, and the others are seen on one by turns.
    for (const [width, colorScheme] of i === 0 || isFull ? screens : screens.slice(i % 2, (i % 2) + 1)) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
      const page = await context.newPage()
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      const url = pathToFileURL(path).href
      await page.goto(url)
      await page.addScriptTag({ content: axe })
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`))',
      )
      assert.deepEqual(violations, [], `${name} at ${width}, ${colorScheme}`)
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} is wider than ${width}`)
      assert.deepEqual(requests, [url])
      await context.close()
    }
  }
})

test('the example of the reference says what is written', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/reference/deliver.md'), 'utf8').split('## Example')[1] ?? ''
  const block = (kind: string): string => new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? assert.fail(`no ${kind}`)
  const [, , report, , out] =
    block('sh')
      .trim()
      .match(/--?\w+|\S+/g)
      ?.slice(1) ?? []
  const place = await workplace(t)
  await place.report()
  const outcome = await place.deliver({ report, out: out ?? '' })
  assert.ok(outcome.exit === 0)
  for (const line of block('text').trimEnd().split('\n')) assert.ok(outcome.text.split('\n').includes(line), line)
  const { name, ...shown } = JSON.parse(block('json handover'))
  assert.partialDeepStrictEqual(Object.entries(place.handover().deliverables).find(([part]) => part === name)?.[1], shown)
})
