import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { anthropic, files, openai } from './model-answers.ts'
import { modelServer } from './model-server.ts'
import { BROKEN, implemented, RIGHT, tallyProject } from './tally.ts'

const KEY = 'key-of-the-test-0123456789'

test('a model writes code: what is wrong goes back to it, and what passes is written', async (t) => {
  const folder = tallyProject(t)
  const answers = [files(BROKEN), files(RIGHT)]
  const { url, received } = await modelServer(t, answers)
  const steps: string[] = []
  const env = { MODEL_URL: `${url}/v1`, MODEL_KEY: KEY, MODEL_PRICES: '3/15' }
  const done = await implemented(folder, { env, yes: true, cost: '0.50', seen: (text) => steps.push(text) })
  assert.deepEqual([done.exit, done.status], [0, 'written'], JSON.stringify(done, null, 2))
  assert.deepEqual(done.wrote, Object.keys(RIGHT))
  for (const [path, text] of Object.entries(RIGHT)) assert.equal(readFileSync(join(folder, path), 'utf8'), text)
  assert.deepEqual(done.used, { turns: 2, sent: 2_000, received: 400, cost: 0.012 })
  assert.deepEqual(
    done.verified.map(({ only, verdict }) => [only, verdict]),
    [
      ['tests', 'holds'],
      ['actions/double', 'holds'],
    ],
  )
  const [first, second] = received
  assert.deepEqual([first?.path, first?.headers.authorization, first?.body.model], ['/v1/chat/completions', `Bearer ${KEY}`, 'tiny'])
  assert.ok(Number(first?.body.max_completion_tokens) > 1_000)
  assert.match(JSON.stringify(first?.body), /run: logic\/double\.ts/, 'the design')
  assert.match(JSON.stringify(first?.body), /The functions of actions/, 'the types')
  assert.match(second?.body.messages.at(-1)?.content ?? '', /logic\/double\.ts: .*Expect/i)
  assert.doesNotMatch(JSON.stringify([received.map(({ body }) => body), done, steps]), new RegExp(KEY))
  assert.deepEqual(
    second?.body.messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'user'],
  )
})

test('code of a model is not run, and nothing is written, before somebody has agreed; the difference can be applied', async (t) => {
  const folder = tallyProject(t)
  const ran = join(folder, 'ran')
  const text = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(ran)}, '')\n${RIGHT['logic/double.ts']}`
  const { url, received } = await modelServer(t, [anthropic(files({ ...RIGHT, 'logic/double.ts': text }))])
  const done = await implemented(folder, { env: { MODEL_API: 'anthropic', MODEL_URL: url, MODEL_KEY: KEY } })
  assert.deepEqual([done.exit, done.status, done.wrote], [1, 'proposed', []], JSON.stringify(done, null, 2))
  assert.match(done.reason?.hint ?? '', /git apply/)
  assert.equal(existsSync(ran), false)
  assert.equal(existsSync(join(folder, 'logic')), false)
  assert.deepEqual(done.used, { turns: 1, sent: 1_000, received: 200, cost: null })
  const [{ path, headers, body } = received[0] as never] = received
  assert.deepEqual([path, headers['x-api-key'], headers['anthropic-version']], ['/v1/messages', KEY, '2023-06-01'])
  assert.match(body.system ?? '', /Answer with files only/)
  execFileSync('git', ['apply', String(done.diff)], { cwd: folder, env: { ...process.env, GIT_CEILING_DIRECTORIES: join(folder, '..') } })
  assert.equal(readFileSync(join(folder, 'logic/double.ts'), 'utf8'), text)
})

test('files outside, files that exist, configurations and hidden characters are refused, and code that never passes ends with a difference', async (t) => {
  const folder = tallyProject(t)
  const bad = [
    files({ ...RIGHT, '../outside.ts': '' }),
    files({ ...RIGHT, '/etc/plinth.ts': '' }),
    files({ ...RIGHT, 'package.json': '{}' }),
    files({ ...RIGHT, 'node_modules/plinth/x.test.ts': '' }),
    files({ ...RIGHT, '.git/hooks/x.test.ts': '' }),
    files({ ...RIGHT, 'logic/x.config.ts': '' }),
    files({ ...RIGHT, 'logic/double.ts': `${RIGHT['logic/double.ts']}// \u202e` }),
    files({ 'logic/double.test.ts': RIGHT['logic/double.test.ts'] ?? '' }),
    'I would begin with the tests.',
    '```ts logic/double.ts\nexport default',
    openai(files(RIGHT), { finish: 'length' }),
    files(BROKEN),
  ]
  const { url, received } = await modelServer(t, bad)
  const done = await implemented(folder, { env: { MODEL_URL: url }, yes: true, turns: String(bad.length) })
  assert.deepEqual([done.exit, done.status, done.wrote, done.used.turns], [1, 'not-passed', [], bad.length])
  const told = received.slice(1).map(({ body }) => body.messages.at(-1)?.content ?? '')
  const wants = [/leads upwards/, /is absolute/, /may not be changed/, /node_modules/, /\.git/, /may not be written/, /direction/]
  for (const [i, want] of [...wants, /double\.ts is missing/, /no file was found/, /has no end/, /was cut/].entries())
    assert.match(told[i] ?? '', want)
  assert.match(done.problems.join(), /logic\/double\.ts: .*Expect/i)
  assert.match(done.reason?.message ?? '', /limit of 12 answers/)
  assert.match(readFileSync(join(folder, String(done.diff)), 'utf8'), /^\+export default \(\(\{ input => /m)
  assert.equal(existsSync(join(folder, 'logic')), false)
})

test('a provider that is busy is asked again when it says, and one that refuses is not', async (t) => {
  const folder = tallyProject(t)
  const busy = { status: 429, headers: { 'retry-after': '1' }, body: { error: { message: 'slow down' } } }
  const cases = [
    {
      replies: [busy, { status: 529, headers: { 'retry-after': '0' }, body: '' }, openai('', { refusal: 'I cannot help with that' })],
      status: 'refused',
      requests: 3,
      says: /I cannot help/,
    },
    { replies: [anthropic('', 'refusal')], api: 'anthropic', status: 'refused', requests: 1, says: /refuses/ },
    { replies: [{ ...busy, headers: { 'retry-after': '3600' } }], status: 'unreachable', requests: 1, says: /wants 3600 s/ },
    {
      replies: [{ status: 401, body: { error: { message: `the key ${KEY} is unknown` } } }],
      status: 'unreachable',
      requests: 1,
      says: /the key <key> is unknown/,
    },
    { replies: [{ status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' }], status: 'unreachable', requests: 1, says: /302/ },
    {
      replies: [{ status: 200, headers: { 'retry-after': '0' }, body: '<html>' }],
      status: 'unreachable',
      requests: 5,
      says: /not the form/,
    },
  ]
  await Promise.all(
    cases.map(async ({ replies, api, status, requests, says }) => {
      const { url, received } = await modelServer(t, replies)
      const began = performance.now()
      const done = await implemented(folder, { env: { MODEL_URL: url, MODEL_KEY: KEY, MODEL_API: api } })
      assert.deepEqual([done.exit, done.status, received.length], [1, status, requests], JSON.stringify(done))
      assert.match(done.reason?.message ?? '', says)
      assert.notEqual(done.reason?.hint, '')
      if (replies[0] === busy) assert.ok(performance.now() - began > 1_000)
    }),
  )
})

test('without a model or a key the command says how to go on, and limits end a run before they are passed', async (t) => {
  const folder = tallyProject(t)
  const { url, received } = await modelServer(t, [files(BROKEN)])
  const unnamed = await implemented(folder, { model: undefined })
  assert.deepEqual([unnamed.exit, unnamed.status], [1, 'no-model'])
  assert.match(unnamed.text, /write logic\/double\.ts[\s\S]+By hand[\s\S]+By an agent[\s\S]+MODEL_KEY/)
  const keyless = await implemented(folder, { env: { MODEL_KEY: undefined, MODEL_URL: undefined } })
  assert.match(keyless.reason?.message ?? '', /MODEL_KEY is not set/)
  const poor = await implemented(folder, { env: { MODEL_URL: url, MODEL_PRICES: '3/15' }, cost: '0.0001' })
  assert.deepEqual([poor.status, received.length], ['not-passed', 0])
  const short = await implemented(folder, { env: { MODEL_URL: url }, tokens: '30000' })
  assert.equal(short.status, 'not-passed')
  assert.ok(short.used.sent + short.used.received <= 30_000)
  for (const [env, cost] of [
    [{ MODEL_URL: 'http://models.example/v1', MODEL_KEY: KEY }, undefined],
    [{ MODEL_API: 'other', MODEL_KEY: KEY }, undefined],
    [{ MODEL_URL: url }, '1'],
  ] as const)
    await assert.rejects(implemented(folder, { env, ...(cost === undefined ? {} : { cost }) }), { name: 'UsageError' })
})
