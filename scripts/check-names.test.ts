import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkNames } from './check-names.ts'

function check(files: Record<string, string>): readonly string[] {
  return checkNames(new Map(Object.entries(files)))
}

const DOCUMENTED = '/** A place. */\nexport interface Place {}\n'

test('a shared name has one meaning', () => {
  const importers = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [`src/server/${name}.ts`, "import type { Place } from '../base/place.ts'\n"]),
  )
  const two = { 'src/base/place.ts': DOCUMENTED, 'src/model/place.ts': DOCUMENTED }
  assert.deepEqual(check({ ...two, ...importers }), [
    'Place has several meanings: src/base/place.ts (imported by 3) and src/model/place.ts (imported by 0); rename all but one',
  ])
})

test('a name that few files import may be in two files', () => {
  const two = { 'src/base/place.ts': DOCUMENTED, 'src/model/place.ts': DOCUMENTED }
  assert.deepEqual(check({ ...two, 'src/server/a.ts': "import { type Place } from '../base/place.ts'\n" }), [])
})

test('every export has a doc comment right above it', () => {
  const says = ['src/base/x.ts:3 exports x without a doc comment']
  assert.deepEqual(check({ 'src/base/x.ts': '/** The file. */\n\nexport const x = 1\n' }), says)
  assert.deepEqual(check({ 'src/base/x.ts': '/** The file. */\n\n// Not a doc comment.\nexport const x = 1\n' }).length, 1)
  assert.deepEqual(check({ 'src/base/x.ts': '/** The file. */\n\n/** One. */\nexport const x = 1\n' }), [])
  assert.deepEqual(check({ 'src/base/x.test.ts': 'export const x = 1\n', 'test/x.ts': 'export const x = 1\n' }), [])
})

test('comments are short lines, files are short and folders small', () => {
  const comment = `// ${'x'.repeat(140)}\n`
  assert.deepEqual(check({ 'test/x.ts': comment }), ['test/x.ts:1 is a comment of 143 columns; the limit is 140'])
  assert.deepEqual(check({ 'src/base/x.ts': '\n'.repeat(301) }), ['src/base/x.ts has 301 lines; the limit is 300'])
  const folder = (path: string) => Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`${path}/${i}.ts`, '']))
  assert.deepEqual(check(folder('test/rest')), ['test/rest/ has 21 files; the limit is 20'])
  assert.deepEqual(check(folder('test/rejects')), [])
})
