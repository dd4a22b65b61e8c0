/**
 * The pages on moving to Plinth: their files are written into a folder each; what is imported has the fields of the design, programs run,
 * and the tests of the pages are tests of this file.
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parse as parseProgram } from 'acorn'
import { parse, stringify } from 'yaml'
import { importText } from '../../src/import/import.ts'
import { ROOT } from '../support/command-line.ts'

interface Page {
  readonly folder: string
  readonly files: ReadonlyMap<string, string>
  /** The files that the page imports. */
  readonly imported: readonly string[]
}

/** The files of a page, in a new folder until the process ends. Every block is a file, or commands. */
function writePage(name: string): Page {
  const text = readFileSync(join(ROOT, 'docs/guide', `${name}.md`), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', kind = '', code = '']) => ({
    ...{ language, kind, code },
  }))
  assert.equal(blocks.length * 2, text.match(/^```/gm)?.length, 'every block is complete')
  for (const { language, kind } of blocks) assert.ok(kind.includes('.') || language === 'sh', `a block ${language} without a file`)
  const files = new Map(blocks.filter(({ kind }) => kind.includes('.')).map(({ kind, code }) => [kind, code]))
  const folder = mkdtempSync(join(tmpdir(), 'plinth-moving-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/plinth'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [file, code] of files) writeFileSync(join(folder, file), code)
  return {
    ...{ folder, files },
    imported: blocks.filter(({ kind }) => kind === 'import').map(({ code }) => /^plinth import (\S+) --name blog\n$/.exec(code)?.[1] ?? ''),
  }
}

function fileOf({ files }: Page, name: string): string {
  return files.get(name) ?? assert.fail(`the page has no ${name}`)
}

/** The imported skeleton has no field that the design lacks, and each has the type that the design gives it. */
async function checkImport(page: Page): Promise<void> {
  const { entities } = parse(fileOf(page, 'design.yaml'))
  assert.equal(page.imported.length, 1)
  for (const file of page.imported) {
    const { draft } = await importText({ file, text: fileOf(page, file), line: 1 }, { name: 'blog', format: null })
    assert.deepEqual(draft.left, [])
    for (const [entity, { fields }] of Object.entries(draft.design.entities))
      for (const [field, { type }] of Object.entries<{ readonly type: string }>(fields))
        assert.equal(entities[entity]?.fields[field]?.type, type, `${entity}.${field}`)
  }
}

const express = writePage('from-express')
const hasura = writePage('from-hasura')
const pocketbase = writePage('from-pocketbase')

test('the models of Prisma and the tables of Hasura become the entities of the designs', async () => {
  await checkImport(express)
  await checkImport(hasura)
  parseProgram(fileOf(express, 'routes.js'), { ecmaVersion: 'latest', sourceType: 'module' })
  assert.equal(parse(fileOf(hasura, 'public_posts.yaml')).select_permissions.length, 2)
  assert.equal(JSON.parse(fileOf(pocketbase, 'pb_schema.json')).length, 2)
})

// The page adds the link for new passwords to the design.
const [design, reset] = ['design.yaml', 'reset.yaml'].map((name) => parse(fileOf(express, name)))
writeFileSync(join(express.folder, 'design.yaml'), stringify({ ...design, ...reset, entities: { ...design.entities, ...reset.entities } }))
const records = new DatabaseSync(join(pocketbase.folder, 'data.db'))
records.exec(fileOf(pocketbase, 'pocketbase.sql'))
records.close()
writeFileSync(
  join(pocketbase.folder, 'move.sql'),
  execFileSync(process.execPath, ['--no-warnings', 'move.js', 'data.db'], { cwd: pocketbase.folder }),
)
const tests = [express, hasura, pocketbase].flatMap(({ folder, files }) =>
  [...files.keys()].filter((name) => name.endsWith('.test.js')).map((name) => join(folder, name)),
)
assert.equal(tests.length, 4)
for (const file of tests) await import(pathToFileURL(file).href)
