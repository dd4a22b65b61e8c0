/**
 * Checks the map of the code: the paths and names in the tables of docs/architecture.md, and the paths of the repository in the other
 * documents. `node scripts/check-map.ts` exits 1 and names every breach.
 */

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

const MAP = 'docs/architecture.md'
/** Paths of other documents begin with one of these folders; every other text in code style is ignored. */
const REPOSITORY_PATH = /^(?:src|scripts|test|bench|docs|examples|templates)\/[\w./*-]*$/
const NAME = /^[A-Za-z]\w*(?:\.\w+)*$/

/** What the check reads of a repository. */
export interface Repository {
  /** The documents: text by path. */
  readonly documents: ReadonlyMap<string, string>
  /** The files and folders of the repository: paths. Those of folders end with a slash. */
  readonly paths: ReadonlySet<string>
  /** The text of a file. */
  readonly read: (path: string) => string
}

/** Checks a repository. Returns a line for each breach, in the order of the documents and their lines. */
export function checkMap(repository: Repository): readonly string[] {
  return [...repository.documents].flatMap(([path, text]) => {
    const lines = text.split('\n').map((line, i) => ({ line, at: `${path}:${i + 1}` }))
    if (path !== MAP) return lines.flatMap(({ line, at }) => missingPaths(repository, line, at))
    const found = lines.flatMap(({ line, at }) =>
      cellsOf(line).length === 0 ? sentenceBreaches(repository, line, at) : rowBreaches(repository, cellsOf(line), at),
    )
    return lines.some(({ line }) => cellsOf(line).length === 2) ? found : [...found, `${path} has no table with two columns`]
  })
}

/** The cells of a row of a table; none for a line that is no row, and for the line below the heads. */
function cellsOf(line: string): readonly string[] {
  return /^\| [^-]/.test(line) || line.startsWith('| |') ? line.split('|').slice(1, -1) : []
}

/** A row with two cells is a concern and its place; the second cell of a longer row is a folder, and the others lie in it. */
function rowBreaches(repository: Repository, cells: readonly string[], at: string): readonly string[] {
  const [, second = '', ...others] = cells
  if (cells.length === 2) return placeBreaches(repository, spansOf(second), at)
  return [second, ...others.slice(1)].flatMap((cell) => placeBreaches(repository, [...spansOf(second), ...spansOf(cell)], at))
}

/** Checks the paths of a line outside of tables, and the name in each "`name` of `path`". */
function sentenceBreaches(repository: Repository, line: string, at: string): readonly string[] {
  const paths = spansOf(line).filter((span) => isPath(span) && existing(repository, span).length === 0)
  const named = [...line.matchAll(/`(\w+)` of (`[^`]+`)/g)].map(([, name = '', path = '']) => [...spansOf(path), name])
  return [...paths.map((span) => [span]), ...named].flatMap((spans) => placeBreaches(repository, spans, at))
}

/** Checks the paths of a cell, and that each name is declared in one of its files. */
function placeBreaches(repository: Repository, spans: readonly string[], at: string): readonly string[] {
  const breaches: string[] = []
  const files: string[] = []
  for (const span of spans.filter(isPath)) {
    const matches = pathsOf(repository, span, files.at(-1) ?? 'src/')
    if (matches.length === 0) breaches.push(`${at} names ${span}, which does not exist`)
    files.push(...matches)
  }
  const texts = files.filter((file) => file.endsWith('.ts')).map(repository.read)
  for (const name of spans.filter((span) => !isPath(span) && NAME.test(span)))
    if (!texts.some((text) => declares(text, name))) breaches.push(`${at} names ${name}, which none of its files declares`)
  return breaches
}

function isPath(span: string): boolean {
  return /^[\w./*-]+$/.test(span) && (span.endsWith('.ts') || span.endsWith('/'))
}

/** What a path in the map means: a path below `src/`, or relative to the folder of the path before it or a folder around that. */
function pathsOf(repository: Repository, span: string, before: string): readonly string[] {
  let folder = before.endsWith('/') ? before.slice(0, -1) : dirname(before)
  const folders = ['src']
  for (; folder !== '.' && folder !== 'src'; folder = dirname(folder)) folders.push(folder)
  return folders.map((one) => existing(repository, join(one, span))).find((found) => found.length > 0) ?? []
}

/** The files and folders of a path, in which `*` stands for any characters but a slash; a folder ends with a slash. */
function existing({ paths }: Repository, path: string): readonly string[] {
  if (!path.includes('*')) return paths.has(path) ? [path] : []
  const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
  return [...paths].filter((one) => pattern.test(one))
}

/** Whether a text declares a name: as a declaration, as a member, or as a part of a SQL statement. */
function declares(text: string, name: string): boolean {
  const last = name.split('.').at(-1) ?? ''
  if (!text.includes(last)) return false
  return new RegExp(
    `\\b(?:function\\*?|const|class|interface|type) ${last}\\b|^\\s*(?:readonly )?${last}\\??[:(]|\\b${last} as (?:materialized )?\\(`,
    'm',
  ).test(text)
}

function missingPaths(repository: Repository, line: string, at: string): readonly string[] {
  return spansOf(line)
    .filter((span) => REPOSITORY_PATH.test(span))
    .filter((span) => existing(repository, span).length === 0 && existing(repository, `${span}/`).length === 0)
    .map((span) => `${at} names ${span}, which does not exist`)
}

/** The texts in code style of a line. */
function spansOf(line: string): readonly string[] {
  return [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

/** The paths of files, and of the folders in which they are. */
export function withFolders(files: readonly string[]): ReadonlySet<string> {
  const paths = new Set(files)
  for (const file of files)
    for (let folder = dirname(file); folder !== '.' && !paths.has(`${folder}/`); folder = dirname(folder)) paths.add(`${folder}/`)
  return paths
}

/** Reads a repository from disk. A file is read once. */
export function readRepository(root: string): Repository {
  const find = (patterns: readonly string[]) =>
    globSync([...patterns], { cwd: root, exclude: ['**/node_modules/**', '**/.work/**'] }).map((path) => path.replaceAll('\\', '/'))
  const texts = new Map<string, string>()
  const read = (path: string): string => {
    const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8')
    texts.set(path, text)
    return text
  }
  const documents = find(['*.md', 'docs/**/*.md']).toSorted()
  return {
    documents: new Map(documents.map((path) => [path, read(path)])),
    paths: withFolders(find(['{src,scripts,test,bench,docs,examples,templates}/**/*.*'])),
    read,
  }
}

if (import.meta.main) {
  const repository = readRepository(dirname(import.meta.dirname.replaceAll('\\', '/')))
  const breaches = checkMap(repository)
  for (const line of breaches) console.error(line)
  console.log(breaches.length === 0 ? `map: the paths of ${repository.documents.size} documents exist` : `map: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
