/**
 * Checks the codes that clients and authors rely on: each is documented, each appears in a test, and none has two meanings. `node
 * --conditions=source scripts/check-catalogue.ts` exits 1 and names every breach.
 */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stalePages } from './reference.ts'

export interface Catalogue {
  /** File of the table, for the report. */
  readonly file: string
  readonly codes: readonly string[]
  /** The page that explains the codes. */
  readonly page: { readonly path: string; readonly text: string }
}

export interface Tests {
  readonly path: string
  readonly text: string
}

/** Checks catalogues against their pages and the tests. Returns a line for each breach. */
export function checkCatalogues(catalogues: readonly Catalogue[], tests: readonly Tests[]): readonly string[] {
  const tested = tests.map(({ text }) => text).join('\n')
  const owners = new Map<string, string>()
  const breaches: string[] = []
  for (const { file, codes, page } of catalogues) {
    if (codes.length === 0) breaches.push(`${file} has no codes`)
    for (const code of codes) {
      const owner = owners.get(code)
      if (owner !== undefined) breaches.push(`${code} is in ${owner} and in ${file}`)
      owners.set(code, file)
      if (!hasWord(page.text, code)) breaches.push(`${code} (${file}) is not explained in ${page.path}`)
      if (!hasWord(tested, code)) breaches.push(`${code} (${file}) appears in no test`)
    }
  }
  return breaches
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text)
}

const TABLES = [
  { file: 'src/base/failures/failure-catalogue.ts', table: 'FAILURES', page: 'docs/reference/errors.md' },
  { file: 'src/design/findings/catalogue.ts', table: 'CATALOGUE', page: 'docs/reference/diagnostics.md' },
  { file: 'src/commands/mcp/state/tool-error.ts', table: 'TOOL_ERRORS', page: 'docs/reference/mcp.md' },
] as const

/**
 * Matches the rows of the tables in the source text. When tables are spread into one, a second row with the same code silently replaces the
 * first.
 */
const ROW = /^\s+'?([a-z]+(?:_[a-z]+)*|PLN-D\d+)'?: \{/gm
const ROW_FILES = [
  'src/base/failures/failure-catalogue.ts',
  'src/design/findings/catalogue-*.ts',
  'src/design/expression/catalogue.ts',
] as const

/** The files that test codes: tests, and the texts that tests compare with. */
const TESTS = ['src/**/*.test.ts', 'test/**/*.ts', 'test/rejects/**/*', 'test/golden/**/*']

async function readCatalogues(root: string): Promise<readonly Catalogue[]> {
  return Promise.all(
    TABLES.map(async ({ file, table, page }) => {
      const module: Record<string, object> = await import(join(root, file))
      const codes = Object.keys(module[table] ?? {})
      return { file, codes, page: { path: page, text: readText(join(root, page)) } }
    }),
  )
}

/** Codes that are written more than once. */
export function reusedCodes(texts: readonly string[]): readonly string[] {
  const rows = texts.flatMap((text) => [...text.matchAll(ROW)].map(([, code = '']) => code))
  return [...new Set(rows.filter((code, i) => rows.indexOf(code) !== i))].map((code) => `${code} is written twice`)
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname)
  const catalogues = await readCatalogues(root)
  const files = globSync(TESTS, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())
  const tests = files.map((entry) => join(entry.parentPath, entry.name)).map((path) => ({ path, text: readText(path) }))
  const breaches = [
    ...checkCatalogues(catalogues, tests),
    ...reusedCodes(globSync(ROW_FILES, { cwd: root }).map((file) => readText(join(root, file)))),
    ...stalePages(root).map((path) => `${path} is out of date; run: npm run reference`),
  ]
  for (const line of breaches) console.error(line)
  const total = catalogues.reduce((sum, { codes }) => sum + codes.length, 0)
  console.log(breaches.length === 0 ? `catalogue: ${total} codes documented and tested` : `catalogue: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
