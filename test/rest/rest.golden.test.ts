/**
 * The stages of a request, as golden files: `<case>.http` as sent, `.intent.json`, `.sql`, `.response.txt`. A review reads the difference
 * in SQL.
 */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { readIntent } from '../../src/server/rest/rest-intent.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const FOLDER = join(import.meta.dirname, '../golden/rest')
const REWRITE = 'if the new text is right: npm run golden'

const ANN = '01900000-0000-7000-8000-00000000000a'
const BOB = '01900000-0000-7000-8000-00000000000b'

interface Sent {
  readonly caller: 'nobody' | 'ann' | 'bob' | 'root'
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** `# caller`, `METHOD url`, headers, an empty line, the body. */
function parse(text: string): Sent {
  const [head = '', ...rest] = text.split('\n\n')
  const [caller = '', request = '', ...headers] = head.trim().split('\n')
  const [method = '', url = ''] = request.split(' ')
  const body = rest.join('\n\n').trim()
  return {
    caller: caller.replace('# ', '') as Sent['caller'],
    method,
    url,
    headers: Object.fromEntries(headers.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])),
    body: body === '' ? undefined : body,
  }
}

/** The garden of the cases: three users with known ids, and their tokens. */
async function plant(t: TestContext): Promise<{ backend: TestBackend; tokens: Record<Sent['caller'], string | undefined> }> {
  let next = 0
  const newId = () => `01900000-0000-7000-8000-0000000001${String(next++ % 100).padStart(2, '0')}`
  const backend = await testBackend(t, modelFrom(blog), { newId })
  const signUp = async (name: string) => {
    const body = { name, email: `${name.toLowerCase()}@example.com`, password: 'Correct-horse-7' }
    return (await backend.ask('POST', '/api/auth/register', { body })).json
  }
  const [ann, bob, root] = [await signUp('Ann'), await signUp('Bob'), await signUp('Root')]
  await backend.sql(
    `update users set id = case name when 'Ann' then '${ANN}'::uuid when 'Bob' then '${BOB}' else id end, role = case name when 'Root' then 'admin' else role end`,
  )
  await backend.sql(
    `update plinth.sessions set user_id = case user_id when '${ann.user.id}' then '${ANN}' when '${bob.user.id}' then '${BOB}' else user_id end`,
  )
  next = 0
  const tokenOf = async (name: string) =>
    (await backend.ask('POST', '/api/auth/login', { body: { email: `${name}@example.com`, password: 'Correct-horse-7' } })).json.token
  return { backend, tokens: { nobody: undefined, ann: await tokenOf('ann'), bob: await tokenOf('bob'), root: root.token } }
}

/** The posts and users before each case. */
async function replant(backend: TestBackend): Promise<void> {
  const first = '2026-01-01T00:00:00Z'
  await backend.sql(
    `update users set name = case id when '${ANN}' then 'Ann' when '${BOB}' then 'Bob' else 'Root' end, role = case when id in ('${ANN}', '${BOB}') then 'user' else 'admin' end, version = 1, created_at = '${first}', updated_at = '${first}'`,
  )
  await backend.sql("update users set email = lower(name) || '@example.com'")
  await backend.sql('delete from posts')
  const posts = [
    ['01900000-0000-7000-8000-0000000000c1', 'Ann in public', ANN, true, '{sql,news}'],
    ['01900000-0000-7000-8000-0000000000c2', 'Ann in private', ANN, false, '{}'],
    ['01900000-0000-7000-8000-0000000000c3', 'Bob in public', BOB, true, '{news}'],
    ['01900000-0000-7000-8000-0000000000c4', 'Bob in private', BOB, false, '{}'],
  ]
  const insert =
    'insert into posts (id, title, body, author_id, published, tags, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7)'
  for (const [i, [id, title, author, published, tags]] of posts.entries()) {
    await backend.sql(insert, [id, title, 'text', author, published, tags, `2026-01-0${i + 2}T00:00:00Z`])
  }
}

const HEADERS = ['allow', 'content-type', 'etag', 'link', 'location', 'preference-applied', 'www-authenticate']

function steady(text: string): string {
  return text
    .replaceAll(/"(updatedAt|createdAt)":"20(?!26-01-0)[^"]+"/g, '"$1":"<now>"')
    .replaceAll(/"traceId":"[0-9a-f]{32}"/g, '"traceId":"<trace>"')
}

function intentOf(backend: TestBackend, sent: Sent): string {
  const [path = '', query = ''] = sent.url.split('?')
  const [, , name, id = null] = path.split('/')
  const entity = backend.model.entities.find((e) => e.path === name)
  if (entity === undefined) return 'none'
  try {
    const body = sent.body === undefined ? undefined : JSON.parse(sent.body)
    const [ifMatch, prefer] = [sent.headers['if-match'] ?? null, sent.headers.prefer ?? null]
    const intent = readIntent({ method: sent.method, entity, id, query, ifMatch, prefer, body })
    return JSON.stringify({ ...intent, entity: entity.name }, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value), 2)
  } catch (error) {
    return String(error)
  }
}

function compare(name: string, kind: string, actual: string): void {
  const file = join(FOLDER, `${name}.${kind}`)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, `${actual}\n`)
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : ''
  assert.equal(`${actual}\n`, expected, `${name}.${kind} differs; ${REWRITE}`)
}

test('requests become the intents, statements and answers of the golden files', async (t) => {
  const { backend, tokens } = await plant(t)
  for (const file of readdirSync(FOLDER)
    .filter((f) => f.endsWith('.http'))
    .sort()) {
    const name = file.replace('.http', '')
    await t.test(name, async () => {
      const sent = parse(readFileSync(join(FOLDER, file), 'utf8'))
      await replant(backend)
      backend.statements.length = 0
      const answer = await backend.ask(sent.method, sent.url, { token: tokens[sent.caller], headers: sent.headers, body: sent.body })
      const headers = HEADERS.filter((h) => answer.headers[h] !== undefined).map(
        (h) => `${h}: ${h === 'etag' ? String(answer.headers[h]).replace(/\..*"/, '.<digest>"') : answer.headers[h]}`,
      )
      const statements = backend.statements.filter((s) => s.name !== 'session.state')
      compare(name, 'intent.json', intentOf(backend, sent))
      compare(name, 'sql', statements.map((s) => `-- ${s.name}\n${readable(s.text)}`).join('\n\n'))
      compare(name, 'response.txt', [`${answer.status}`, ...headers, '', steady(answer.text)].join('\n'))
    })
  }
})

/** Adds line breaks for readers; only white space changes. */
function readable(text: string): string {
  return text
    .replaceAll(/ (from|where|order by|left join|join|returning|limit) /g, '\n$1 ')
    .replaceAll(/, (\w+) as (materialized )?\(/g, ',\n$1 as $2(')
}
