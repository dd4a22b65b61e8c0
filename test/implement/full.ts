/**
 * The whole loop of `plinth implement` in a project with TypeScript, in about a minute: types that do not fit, then a test that fails, and
 * then code that passes. `npm run test:implement`.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { files } from './model-answers.ts'
import { modelServer } from './model-server.ts'
import { implemented, RIGHT, tallyProject, UNTYPED, WRONG } from './tally.ts'

test('types that do not fit and a test that fails go back to the model, and what passes is written', async (t) => {
  const folder = tallyProject(t, 'types')
  const { url, received } = await modelServer(t, [files(UNTYPED), files(WRONG), files(RIGHT)])
  const done = await implemented(folder, { env: { MODEL_URL: `${url}/v1` }, yes: true })
  assert.deepEqual([done.exit, done.status], [0, 'written'], JSON.stringify(done, null, 2))
  for (const [path, text] of Object.entries(RIGHT)) assert.equal(readFileSync(join(folder, path), 'utf8'), text)
  assert.deepEqual(
    done.verified.map(({ only, verdict }) => [only, verdict]),
    [
      ['tests', 'holds'],
      ['actions/double', 'holds'],
    ],
  )
  const told = received.slice(1).map(({ body }) => body.messages.at(-1)?.content ?? '')
  assert.match(told[0] ?? '', /logic\/double\.ts\(\d+,\d+\): error TS/)
  assert.match(told[1] ?? '', /a number is doubled/)
})
