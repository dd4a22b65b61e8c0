/**
 * Checks the text of the sources: one meaning for each shared name, a doc comment for each export, short comment lines, short files and
 * small folders. `node scripts/check-names.ts` exits 1 and names every breach.
 */

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { lineAt, readImports } from './read-imports.ts'

/** A name that this many files import has one meaning in `src/`. */
const SHARED_BY = 3
const COMMENT_COLUMNS = 140
const FILE_LINES = 300
const FOLDER_FILES = 20

/** Folders of fixtures with one file per case. */
const FIXTURES = /^test\/(golden|rejects)(\/|$)/
/** Entry points of the package, which re-export names of other files. */
const ENTRY_POINTS = new Set(['src/index.ts', 'src/testing.ts'])

/** An exported declaration of a file. */
interface Export {
  readonly path: string
  readonly name: string
  readonly line: number
  readonly documented: boolean
}

/**
 * Checks a tree.
 *
 * @param files text by path, relative to the repository: every TypeScript file of `src/`, `scripts/`, `bench/` and `test/`.
 * @returns one line of text for each breach, in the order of the paths.
 */
export function checkNames(files: ReadonlyMap<string, string>): readonly string[] {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const exported = sorted.flatMap(([path, text]) => (isSource(path) ? exportsOf(path, text) : []))
  return [
    ...exported.filter((one) => !one.documented).map(({ path, line, name }) => `${path}:${line} exports ${name} without a doc comment`),
    ...ambiguousNames(exported, importersOf(sorted)),
    ...sorted.flatMap(([path, text]) => longComments(path, text)),
    ...sorted.flatMap(([path, text]) => longFile(path, text)),
    ...fullFolders([...files.keys()]),
  ]
}

/** A file of `src/` that other files can import. */
function isSource(path: string): boolean {
  return path.startsWith('src/') && !path.endsWith('.test.ts') && !ENTRY_POINTS.has(path)
}

const EXPORT = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) ([\w$]+)/gm

function exportsOf(path: string, text: string): readonly Export[] {
  return [...readImports(text).code.matchAll(EXPORT)].map((match) => ({
    path,
    name: match[1] ?? '',
    line: lineAt(text, match.index),
    documented: /\*\/\n$/.test(text.slice(0, match.index)),
  }))
}

const IMPORT = /\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/g

/** The files that import a name, by `path name` of what they import. */
function importersOf(files: readonly (readonly [string, string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>()
  for (const [path, text] of files) {
    for (const [, names = '', specifier = ''] of text.matchAll(IMPORT)) {
      if (!specifier.startsWith('.')) continue
      const target = normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
      for (const name of names.split(',')) {
        const key = `${target} ${
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0]
        }`
        importers.set(key, (importers.get(key) ?? new Set()).add(path))
      }
    }
  }
  return importers
}

/** Names that several files of `src/` export, at least one of them shared. */
function ambiguousNames(exported: readonly Export[], importers: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const breaches: string[] = []
  for (const [name, all] of Map.groupBy(exported, (one) => one.name)) {
    const files = [...new Map(all.map((one) => [one.path, one])).values()]
    if (files.length < 2) continue
    const counted = files.map(({ path }) => ({ path, by: importers.get(`${path} ${name}`)?.size ?? 0 }))
    if (counted.every(({ by }) => by < SHARED_BY)) continue
    const places = counted.map(({ path, by }) => `${path} (imported by ${by})`).join(' and ')
    breaches.push(`${name} has several meanings: ${places}; rename all but one`)
  }
  return breaches
}

function longComments(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, i) => {
    const isLong = line.length > COMMENT_COLUMNS && /^\s*(\/\*|\*|\/\/)/.test(line)
    return isLong ? [`${path}:${i + 1} is a comment of ${line.length} columns; the limit is ${COMMENT_COLUMNS}`] : []
  })
}

function longFile(path: string, text: string): readonly string[] {
  const { lines } = readImports(text)
  const isLimited = path.startsWith('src/') || path.startsWith('bench/')
  return isLimited && lines > FILE_LINES ? [`${path} has ${lines} lines; the limit is ${FILE_LINES}`] : []
}

function fullFolders(paths: readonly string[]): readonly string[] {
  return [...Map.groupBy(paths, dirname)].flatMap(([folder, own]) =>
    own.length > FOLDER_FILES && !FIXTURES.test(folder) ? [`${folder}/ has ${own.length} files; the limit is ${FOLDER_FILES}`] : [],
  )
}

/** Reads the TypeScript files that are checked, by path relative to the root of the repository. */
export function readSources(root: string): ReadonlyMap<string, string> {
  const paths = globSync(['src/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts', 'bench/{*.ts,!(peers|.work)/**/*.ts}'], {
    cwd: root,
    exclude: ['**/node_modules/**', '**/generated/**'],
  })
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))
}

if (import.meta.main) {
  const files = readSources(dirname(import.meta.dirname))
  const breaches = checkNames(files)
  for (const line of breaches) console.error(line)
  console.log(breaches.length === 0 ? `names: ${files.size} files are in order` : `names: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
