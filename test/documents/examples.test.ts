import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'

const ROOT = join(import.meta.dirname, '../..')

async function modelOf(example: string): Promise<Model> {
  const read = await readDesign(join(import.meta.dirname, '../../examples', example))
  assert.ok(read.ok, 'it can be read')
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.deepEqual(diagnostics.map(formatDiagnostic), [])
  assert.ok(model !== null)
  return model
}

test('the blog in TypeScript and the blog in YAML are the same model', async () => {
  const [typescript, yaml] = await Promise.all([modelOf('blog'), modelOf('blog-yaml')])
  assert.deepEqual(yaml, typescript)
})

test('every part of the blog is in effect', async () => {
  assert.deepEqual((await modelOf('blog')).pending, [])
})

test('the blog has the tables, paths, relations and indexes that its design asks for', async () => {
  const { entities, identity, claims, targets } = await modelOf('blog')
  const [user, post] = entities
  assert.deepEqual([user?.table, user?.path, post?.table, post?.path], ['users', 'users', 'posts', 'posts'])
  assert.deepEqual(user?.relations, [{ name: 'posts', entity: 'Post', via: 'author' }])
  assert.deepEqual(
    post?.fields.map((field) => field.column),
    ['id', 'title', 'body', 'tags', 'published', 'author_id', 'created_at', 'updated_at', 'version'],
  )
  assert.deepEqual(
    post?.indexes.map((index) => index.method),
    ['btree', 'gin'],
  )
  assert.deepEqual(identity, {
    entity: 'User',
    login: 'email',
    password: 'password',
    role: 'role',
    takenLogin: 'conflict',
    token: { scheme: 'Bearer', lastsSeconds: 900, cookie: null },
  })
  assert.deepEqual(
    claims.map((claim) => claim.name),
    ['id', 'role'],
  )
  assert.deepEqual(targets, {
    rows: new Map([
      ['User', 100_000],
      ['Post', 1_000_000],
    ]),
    p99Ms: 50,
    throughput: 500,
  })
})

/** Every block of a page that is a whole design: it names its entities. A `misspelt` one shows what is found in it. */
function wholeDesigns(page: string): readonly { readonly name: string; readonly code: string }[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```(ts|yaml)(?! misspelt)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, language = '', code = ''], i) =>
    /^export default backend\(|^name: [\s\S]*^entities:$/m.test(code) ? [{ name: `${basename(page, '.md')}-${i}.${language}`, code }] : [],
  )
}

test('the designs of the templates and of the documents have no findings', async (t) => {
  const pages = ['README.md', ...globSync('docs/{guide,reference}/*.md', { cwd: ROOT })]
  const folder = mkdtempSync(join(tmpdir(), 'plinth-designs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const designs = pages.flatMap(wholeDesigns).map(({ name, code }) => {
    const file = join(folder, name)
    writeFileSync(file, code)
    return file
  })
  // A design may name the contract of its page.
  const contracts = pages.flatMap((page) => [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml contract\n([\s\S]*?)^```$/gm)])
  for (const [, contract = ''] of contracts) writeFileSync(join(folder, 'openapi.yml'), contract)
  assert.ok(designs.length > 5)
  const found: string[] = []
  for (const file of [...designs, ...globSync('templates/*/design.{ts,js,yaml,json}', { cwd: ROOT }).map((path) => join(ROOT, path))]) {
    const read = await readDesign(file)
    const all = read.ok ? resolveDesign(read.design, read.source).diagnostics : read.diagnostics
    // A skeleton of `plinth import` is closed until somebody has written its rules.
    const isSkeleton = readFileSync(file, 'utf8').startsWith('# A skeleton, made by plinth import')
    // What is open, and what is a text alone, is shown as such.
    const isShown = /^(requirements|scenarios)-/.test(basename(file))
    const findings = all.filter(({ code }) => !(isSkeleton && code === 'PLN-D401') && !(isShown && ['PLN-D703', 'PLN-D712'].includes(code)))
    found.push(...findings.map((finding) => `${basename(file)} ${formatDiagnostic(finding)}`))
  }
  assert.deepEqual(found, [])
})
