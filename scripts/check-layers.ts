/** The import law of docs/architecture.md, as a checker: `node scripts/check-layers.ts` exits 1 and names every breach. */

import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { type Import, lineAt, readImports, type SourceText } from './read-imports.ts'

/** Imports point to a lower floor or stay in their own folder. Folders on one floor do not import each other. */
const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  model: 1,
  design: 2,
  compile: 2,
  import: 2,
  postgres: 2,
  services: 3,
  server: 4,
  verify: 5,
  embed: 5,
  deliver: 6,
  commands: 7,
  testing: 7,
}
/** Files directly under src/ are entry points. No file imports them. */
const TOP_FLOOR = 8

/**
 * The order of the subfolders of each floor, lowest first; `''` is the floor's folder itself. Imports inside a floor point to a lower row,
 * or stay in their own subfolder. Subfolders in one row do not import each other.
 */
const ORDER: Readonly<Record<string, readonly (readonly string[])[]>> = {
  base: [['waiting'], ['number'], ['texts'], ['failures'], [''], ['sql', 'pattern', 'media']],
  model: [['address', 'broker', 'errors', 'http', 'parts', 'terms', 'webhooks'], [''], ['names', 'files', 'privacy']],
  design: [
    ['expression/pattern'],
    ['expression'],
    ['findings'],
    ['authoring/broker', 'authoring/requirements'],
    ['authoring'],
    ['language'],
    ['read', 'check'],
    ['review/loops'],
    ['review'],
    ['outline'],
    ['types'],
    ['pages'],
    ['logic/shapes'],
    ['logic', 'errors'],
    ['behaviour'],
    ['endpoints'],
    ['contract', 'mail'],
    ['clients', 'requirements', 'privacy'],
    ['resolve'],
    ['code'],
  ],
  compile: [
    ['endpoints'],
    ['rules/shown'],
    ['rules'],
    ['values'],
    ['tables'],
    ['statements/json'],
    ['statements'],
    ['statements/columns', 'statements/write'],
    ['statements/checks'],
    ['actions/rewrite', 'actions/locks', 'actions/parts'],
    ['actions'],
    ['actions/one-statement', 'reactions'],
    ['errors', 'mail'],
    ['openapi', 'code'],
    ['graphql', 'client'],
    [''],
  ],
  import: [
    ['text'],
    ['sketch'],
    ['requirements', 'sql/dialect'],
    ['sql', 'prisma', 'jdl', 'markdown', 'openapi'],
    ['dbml', 'mermaid', 'asyncapi'],
    ['draft'],
    ['questions', 'write', 'bindings'],
    [''],
  ],
  postgres: [[''], ['executor/wire'], ['schema', 'executor', 'embedded'], ['migrate']],
  services: [
    ['', 'outgoing'],
    ['encryption'],
    ['idempotency', 'numbering', 'limits', 'retention', 'events', 'jobs', 'identity/passwords', 'identity/sessions', 'identity/tokens'],
    ['identity/login', 'files'],
    ['identity'],
    ['mail/render', 'http', 'broker'],
    ['mail', 'webhooks', 'backends'],
    ['webhooks/log', 'privacy'],
  ],
  server: [
    ['http/media'],
    ['http'],
    ['http/caller', 'http/response', 'http/uploads'],
    ['plan/recipes'],
    ['plan'],
    ['run'],
    ['read', 'write'],
    ['code'],
    ['actions'],
    ['reactions', 'jobs', 'code-routes'],
    ['rest', 'pages'],
    ['files', 'deliveries'],
    ['auth'],
    ['graphql/documents'],
    ['graphql'],
    [''],
    ['process'],
  ],
  verify: [
    ['', 'oracle', 'indexes'],
    ['expected'],
    ['rules', 'requests'],
    ['fold'],
    ['worlds'],
    ['cases'],
    ['cases/placed'],
    ['security/files'],
    ['security'],
    ['security/doors'],
    ['security/everywhere', 'security/guarded', 'security/limits'],
    ['security/asked', 'messages'],
    ['families/database', 'families/documents', 'families/races', 'families/values'],
    ['families/identity'],
    ['effects', 'scenarios'],
    ['families', 'contract'],
    ['review'],
    ['run'],
    ['against'],
    ['performance/statistics'],
    ['performance/load', 'performance/rows'],
    ['performance/operations'],
    ['performance'],
    ['performance/compare', 'performance/limits'],
    ['performance/measure'],
    ['performance/growth'],
    ['performance/run'],
    ['mutants'],
    ['mutants/rules'],
    ['mutants/plants'],
    ['mutants/run'],
    ['report/schema'],
    ['report'],
    ['report/forms', 'report/load', 'report/page'],
  ],
  embed: [[''], ['throwaway']],
  deliver: [['files'], ['code', 'evidence'], ['handover'], ['page'], ['documents'], ['deployment'], ['']],
  commands: [
    ['terminal'],
    ['setup/settings'],
    ['setup'],
    ['protection/backup'],
    ['protection'],
    ['serving/metrics'],
    [
      'serving',
      'importing',
      'planning/broker',
      'planning/proof',
      'planning/questions',
      'planning/says',
      'verifying/review',
      'verifying/roles',
      'verifying/parts',
    ],
    ['serving/workers', 'settings'],
    ['verifying/backend'],
    ['verifying/messages'],
    ['verifying', 'scaffolding'],
    ['planning', 'verifying/against', 'verifying/load'],
    ['delivering'],
    ['mcp/state'],
    ['mcp/server'],
    ['mcp/tools'],
    ['mcp/work'],
    ['mcp', 'implementing/providers'],
    ['implementing'],
    [''],
  ],
  testing: [['']],
}

/** Folders that import no package at all, and folders that do no input or output. */
const WITHOUT_PACKAGES = new Set(['base', 'model'])
const WITHOUT_IO = new Set(['base', 'model', 'compile'])
const IO_MODULES = /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|readline|repl)(\/|$)/

/** A package that only one folder may import. */
const ONLY_IN: Readonly<Record<string, string>> = {
  pg: 'postgres',
  'libpg-query': 'import',
  nodemailer: 'services',
  undici: 'services',
  '@nats-io/jetstream': 'services',
  '@nats-io/transport-node': 'services',
  '@platformatic/kafka': 'services',
  cockatiel: 'services',
  '@aws-sdk/client-s3': 'services',
  sharp: 'services',
  '@clack/prompts': 'commands',
  '@modelcontextprotocol/server': 'commands',
  commander: '',
}

/** Folders whose files judge the code of other folders, and so import none of it. */
const INDEPENDENT: Readonly<Record<string, readonly string[]>> = {
  'src/verify/oracle/': ['compile', 'server', 'design'],
  'src/verify/expected/': ['compile', 'server', 'design'],
  'src/verify/fold/': ['compile', 'server', 'design'],
}

/** Entry points of the package: they export what other files define. */
const EXPORTING: ReadonlySet<string> = new Set(['src/index.ts', 'src/testing.ts'])

const CLI_ONLY = /\bprocess\s*\.\s*(argv|exitCode|exit\b)/g

export interface Tree {
  /** Text by path, relative to the repository: `src/base/sql.ts`. Tests beside the sources are not among them. */
  readonly files: ReadonlyMap<string, string>
  /** The dependencies in package.json. */
  readonly packages: ReadonlySet<string>
}

/** Checks every file of a tree. Breaches come in the order of the files, cycles last; an empty list means that there are no breaches. */
export function checkLayers(tree: Tree): readonly string[] {
  const breaches: string[] = []
  const graph = new Map<string, readonly string[]>()
  for (const [path, text] of [...tree.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const source = readImports(text)
    for (const found of source.imports) breaches.push(...breachesOf(found, path, tree).map((what) => `${path}:${found.line} ${what}`))
    breaches.push(...breachesOfFile(path, source))
    graph.set(path, targetsOf(path, source))
  }
  for (const cycle of cyclesOf(graph)) breaches.push(`cycle: ${cycle.join(' -> ')}`)
  return breaches
}

/**
 * Checks files without floors, such as those of `bench/`, for import cycles.
 *
 * @param files text by path, relative to the repository.
 */
export function checkCycles(files: Tree['files']): readonly string[] {
  const graph = new Map([...files].map(([path, text]) => [path, targetsOf(path, readImports(text))] as const))
  return cyclesOf(graph).map((cycle) => `cycle: ${cycle.join(' -> ')}`)
}

function breachesOfFile(path: string, source: SourceText): string[] {
  const breaches: string[] = []
  if (path !== 'src/cli.ts') {
    for (const use of source.code.matchAll(CLI_ONLY)) {
      breaches.push(`${path}:${lineAt(source.code, use.index)} uses process.${use[1]}; only src/cli.ts does`)
    }
  }
  return breaches
}

function breachesOf(found: Import, path: string, tree: Tree): string[] {
  const breaches: string[] = []
  if (found.kind === 'export-all') breaches.push('exports everything of a file; export by name')
  if (found.kind === 're-export' && !EXPORTING.has(path)) {
    breaches.push(`re-exports ${found.specifier}; import from the file that defines it (only src/index.ts and src/testing.ts re-export)`)
  }
  const wrong = found.specifier.startsWith('.') ? breachOfPath(found, path, tree) : breachOfPackage(found.specifier, path, tree)
  return wrong === undefined ? breaches : [...breaches, wrong]
}

function breachOfPath(found: Import, path: string, tree: Tree): string | undefined {
  const target = targetOf(path, found)
  if (!tree.files.has(target)) return `imports ${found.specifier}, and there is no ${target}`
  const [from, to] = [folderOf(path), folderOf(target)]
  if (to === '') return `imports ${target}; the files directly under src/ are imported by nobody`
  const independent = Object.keys(INDEPENDENT).find((prefix) => path.startsWith(prefix))
  if (independent !== undefined && INDEPENDENT[independent]?.includes(to) === true)
    return `imports ${target}: ${independent} judges ${to}/, so it may not import it`
  const [fromFloor, toFloor] = [floorOf(from), floorOf(to)]
  if (fromFloor === undefined || toFloor === undefined) return `folder src/${fromFloor === undefined ? from : to}/ has no floor`
  if (from === to) return breachOfOrder(path, target)
  if (fromFloor > toFloor) return undefined
  return `imports ${target}: ${from}/ (floor ${fromFloor}) may not import ${to}/ (floor ${toFloor})`
}

/** Checks an import inside one floor against `ORDER`. */
function breachOfOrder(path: string, target: string): string | undefined {
  const floor = folderOf(path)
  const [from, to] = [subfolderOf(path), subfolderOf(target)]
  if (from === to) return undefined
  const rows = ORDER[floor] ?? []
  const [fromRow, toRow] = [from, to].map((folder) => rows.findIndex((row) => row.includes(folder)))
  const missing = fromRow === -1 ? from : toRow === -1 ? to : undefined
  if (missing !== undefined) return `imports ${target}: add ${join(floor, missing)}/ to ORDER in scripts/check-layers.ts`
  if (fromRow === undefined || toRow === undefined || fromRow > toRow) return undefined
  return `imports ${target}: ${join(floor, from)}/ (row ${fromRow} of ${floor}/) may not import ${join(floor, to)}/ (row ${toRow})`
}

/** The folder of a file, relative to the folder of its floor; empty for a file directly in it. */
function subfolderOf(path: string): string {
  return path.split('/').slice(2, -1).join('/')
}

function breachOfPackage(specifier: string, path: string, tree: Tree): string | undefined {
  const folder = folderOf(path)
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return `imports ${specifier}; write node:${specifier}`
    return WITHOUT_IO.has(folder) && IO_MODULES.test(specifier) ? `imports ${specifier}; ${folder}/ does no input or output` : undefined
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (WITHOUT_PACKAGES.has(folder)) return `imports ${name}; ${folder}/ imports no package`
  const only = ONLY_IN[name]
  if (only !== undefined && folder !== only) return `imports ${name}; only src/${only === '' ? 'cli.ts' : `${only}/`} does`
  return tree.packages.has(name) ? undefined : `imports ${name}, which is not among the dependencies in package.json`
}

/** The files that a file imports by a relative path. */
function targetsOf(path: string, { imports }: SourceText): readonly string[] {
  return imports.filter((i) => i.specifier.startsWith('.')).map((i) => targetOf(path, i))
}

function targetOf(path: string, found: Import): string {
  return normalize(join(dirname(path), found.specifier)).replaceAll('\\', '/')
}

/** The folder right under src/; empty for a file directly in it. */
function folderOf(path: string): string {
  const [, folder = '', rest] = path.split('/')
  return rest === undefined ? '' : folder
}

function floorOf(folder: string): number | undefined {
  return folder === '' ? TOP_FLOOR : FLOORS[folder]
}

/** The cycles: one for each back edge of a depth-first search, as a list of files that begins and ends with the same file. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path])
    if (start >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return cycles
}

/** Reads the tree of a repository from disk. */
export function readTree(root: string): Tree {
  const files = readFiles(root, 'src/**/*.ts')
  const manifest: { dependencies?: object; optionalDependencies?: object; peerDependencies?: object } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest
  return { files, packages: new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) }
}

/** Reads the files of a pattern from disk, tests left out. @returns text by path, relative to `root`. */
function readFiles(root: string, pattern: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const path of globSync(pattern, { cwd: root })) {
    if (!path.endsWith('.test.ts')) files.set(path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8'))
  }
  return files
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname)
  const tree = readTree(root)
  const breaches = [...checkLayers(tree), ...checkCycles(readFiles(root, 'bench/{*.ts,!(peers|.work)/**/*.ts}'))]
  for (const line of breaches) console.error(line)
  console.log(breaches.length === 0 ? `layers: ${tree.files.size} files keep the law` : `layers: ${breaches.length} breaches`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
