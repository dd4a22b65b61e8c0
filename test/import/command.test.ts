/** `plinth import` as a process: files, exit codes and the list. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { UsageError } from '../../src/commands/terminal/usage-error.ts'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { importHere } from './imported.ts'

const SQL = 'CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL);\nCREATE VIEW v AS SELECT 1;\n'

test('the design is written once, accepted by plan, and replaced only with --force', async (t) => {
  const cwd = temporaryFolder(t)
  writeFileSync(join(cwd, 'notes.sql'), SQL)
  const first = await run(t, [...PLINTH, 'import', 'notes.sql', '--json'], { cwd })
  assert.equal(first.code, 0, first.stderr)
  const data = JSON.parse(first.stdout)
  assert.deepEqual(data.objects, { total: 5, carried: 4, left: 1 })
  assert.equal(data.design, 'design.yaml')
  assert.deepEqual(data.sources['entities.Note.fields.text'], { file: 'notes.sql', line: 1 })
  assert.deepEqual(data.left, [
    {
      kind: 'view',
      name: 'v',
      at: { file: 'notes.sql', line: 2 },
      why: 'a list with a filter, a computed field or an action answers it',
    },
  ])
  assert.equal(data.questions.length + data.furtherQuestions.length, 5)

  writeFileSync(join(cwd, 'design.yaml'), `${readFileSync(join(cwd, 'design.yaml'), 'utf8')}# mine\n`)
  await assert.rejects(importHere(cwd, 'notes.sql', { format: 'ts' }), /design\.yaml exists/)
  assert.match(readFileSync(join(cwd, 'design.yaml'), 'utf8'), /# mine/)
  assert.ok(!existsSync(join(cwd, 'design.ts')))

  const forced = await importHere(cwd, 'notes.sql', { existing: 'replace' })
  const text = 'text' in forced ? forced.text : ''
  assert.match(text, /^Wrote design\.yaml from notes\.sql: 4 of 5 objects carried over \(1 entity, 2 fields, 1 key\)\n/)
  assert.match(text, /notes\.sql:2 {2}view v: a list/)
  assert.match(text, /Questions \(5 of 5; without an answer, the first option holds\):/)
  assert.doesNotMatch(readFileSync(join(cwd, 'design.yaml'), 'utf8'), /# mine/)
  const { model, diagnostics } = await loadDesign(undefined, cwd)
  assert.ok(model !== null, JSON.stringify(diagnostics))
})

test('a design in TypeScript says the same', async (t) => {
  const cwd = temporaryFolder(t)
  writeFileSync(join(cwd, 'notes.sql'), SQL)
  await importHere(cwd, 'notes.sql', { format: 'ts', name: 'my-notes' })
  assert.equal(
    readFileSync(join(cwd, 'design.ts'), 'utf8').split('\n').slice(2).join('\n'),
    `import { backend, text } from 'plinth'

export default backend({
  name: 'my-notes',
  entities: {
    Note: { // notes.sql:1
      fields: {
        text: text(), // notes.sql:1
      },
    },
  },
})
`,
  )
})

test('a file that cannot be imported is a wrong call, with the line', async (t) => {
  const cwd = temporaryFolder(t)
  writeFileSync(join(cwd, 'bytes.sql'), Buffer.from([0xff, 0xfe, 0x00]))
  writeFileSync(join(cwd, 'what.txt'), 'hello\n')
  for (const [path, message, name] of [
    ['gone.sql', /there is no file "gone\.sql"/],
    ['bytes.sql', /holds no text in UTF-8/],
    ['what.txt', /what\.txt:1: the file is of no format that can be imported/],
    ['.', /is no file/],
    ['what.txt', /"Not a name" cannot be the name/, 'Not a name'],
  ] as const) {
    await assert.rejects(importHere(cwd, path, { name }), (error: unknown) => error instanceof UsageError && message.test(error.message))
    assert.ok(!existsSync(join(cwd, 'design.yaml')))
  }
})
