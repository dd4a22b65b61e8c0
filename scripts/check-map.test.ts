import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { checkMap, readRepository, withFolders } from './check-map.ts'

const FILES: Readonly<Record<string, string>> = {
  'src/server/read/read.ts': 'export async function runRead() {}\n',
  'src/server/write/run-write.ts': 'export interface Written {\n  readonly after: () => void\n}\n',
  'src/server/write/judge-write.ts': 'const done = sql`done as (insert)`\n',
}

function check(rows: readonly string[], others: Readonly<Record<string, string>> = {}): readonly string[] {
  const map = ['| concern | file and function |', '| --- | --- |', ...rows].join('\n')
  return checkMap({
    documents: new Map(Object.entries({ 'docs/architecture.md': map, ...others })),
    paths: withFolders(Object.keys(FILES)),
    read: (path) => FILES[path] ?? '',
  })
}

test('paths and names that exist are no breach: files, folders, patterns, files beside the one before, declarations, members', () => {
  assert.deepEqual(
    check([
      '| a read | `server/read/read.ts` `runRead` |',
      '| a write | `server/write/run-write.ts` `Written.after`; `judge-write.ts` has `done`, `read/read.ts` the reads |',
      '| all writes | `server/write/*.ts` in `server/write/` |',
      '| 4 | `server/` | requests | `read/`, `write/` | `read/read.ts` |',
    ]),
    [],
  )
})

test('a path that does not exist is named with its line', () => {
  const missing = (span: string) => [`docs/architecture.md:3 names ${span}, which does not exist`]
  for (const span of ['server/read/reads.ts', 'server/reads/', 'server/reads/*.ts', 'run-write.ts'])
    assert.deepEqual(check([`| a read | \`${span}\` |`]), missing(span))
  assert.deepEqual(check(['| 4 | `server/` | requests | `reads/` | `read/read.ts` |']), missing('reads/'))
})

test('a name that no file of its row declares is named with its line', () => {
  const rows = ['| a read | `server/read/read.ts` `runReads` |', '| a write | `server/write/run-write.ts` `Written.before` |']
  assert.deepEqual(check(rows), [
    'docs/architecture.md:3 names runReads, which none of its files declares',
    'docs/architecture.md:4 names Written.before, which none of its files declares',
  ])
})

test('sentences outside of tables are checked, too', () => {
  assert.deepEqual(check(['', 'Only `server/read/read.ts` reads, by `runRead` of `server/read/read.ts`; tests are in `src/server/`.']), [])
  assert.deepEqual(check(['', 'Only `server/read/none.ts` reads.']), [
    'docs/architecture.md:4 names server/read/none.ts, which does not exist',
  ])
  assert.deepEqual(check(['', 'It goes through `runReads` of `server/read/read.ts`.']), [
    'docs/architecture.md:4 names runReads, which none of its files declares',
  ])
})

test('paths of the repository in other documents exist', () => {
  const text = 'See `src/server/read/read.ts`, `src/server/` and `test/none.ts`; `write/none.ts` is no path of the repository.'
  assert.deepEqual(check([], { 'CONTRIBUTING.md': text }), ['CONTRIBUTING.md:1 names test/none.ts, which does not exist'])
})

test('a map without its table is a breach', () => {
  const repository = { documents: new Map([['docs/architecture.md', '# Architecture']]), paths: withFolders([]), read: () => '' }
  assert.deepEqual(checkMap(repository), ['docs/architecture.md has no table with two columns'])
})

test('the map of this repository is right, and a wrong file in any of its rows is found', () => {
  const repository = readRepository(dirname(import.meta.dirname))
  assert.deepEqual(checkMap(repository), [])
  const rows = (repository.documents.get('docs/architecture.md') ?? '').split('\n').filter((line) => line.startsWith('|'))
  const spans = rows.flatMap((row) => [...row.matchAll(/`[\w./-]+\.ts`/g)].map(({ index, 0: span }) => ({ row, index, span })))
  assert.ok(spans.length > 50)
  for (const { row, index, span } of spans) {
    const wrong = `| a | b |\n${row.slice(0, index)}\`no-such-file.ts\`${row.slice(index + span.length)}`
    assert.ok(checkMap({ ...repository, documents: new Map([['docs/architecture.md', wrong]]) }).length > 0, row)
  }
})
