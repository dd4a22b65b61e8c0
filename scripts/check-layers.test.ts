import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCycles, checkLayers } from './check-layers.ts'
import { readImports } from './read-imports.ts'

/** Checks a tree given as paths and texts, with `pg`, `commander` and `fastify` installed. */
function check(files: Record<string, string>): readonly string[] {
  return checkLayers({ files: new Map(Object.entries(files)), packages: new Set(['pg', 'commander', 'fastify', '@clack/prompts']) })
}

const EMPTY = 'export const nothing = 0\n'
const TREE = {
  'src/commands/up.ts': EMPTY,
  'src/testing/open.ts': EMPTY,
  'src/base/sql.ts': EMPTY,
  'src/model/model.ts': EMPTY,
  'src/compile/tables.ts': EMPTY,
  'src/server/app.ts': EMPTY,
}

test('a tree in which all imports point down has no breaches', () => {
  assert.deepEqual(
    check({
      ...TREE,
      'src/server/rest.ts':
        "import { readFile } from 'node:fs/promises'\nimport type { A } from '../model/model.ts'\nimport './app.ts'\nimport 'fastify'\n",
      'src/postgres/connect.ts': "import pg from 'pg'\n",
      'src/index.ts': "export { nothing } from './server/app.ts'\n",
      'src/testing.ts': "export { openTestBackend } from './testing/open.ts'\n",
      'src/testing/open.ts': "import '../embed/open.ts'\nimport '../server/app.ts'\n",
      'src/embed/open.ts': "import '../server/app.ts'\n",
      'src/cli.ts': "import { Command } from 'commander'\nprocess.exitCode = process.argv.length\nawait import('./server/app.ts')\n",
    }),
    [],
  )
})

const BREACHES: readonly { readonly name: string; readonly path: string; readonly text: string; readonly says: RegExp }[] = [
  {
    name: 'an import that points up',
    path: 'src/base/x.ts',
    text: "import '../model/model.ts'",
    says: /^src\/base\/x\.ts:1 .*floor 0.*floor 1/,
  },
  { name: 'siblings that import each other', path: 'src/postgres/x.ts', text: "import '../compile/tables.ts'", says: /floor 2.*floor 2/ },
  { name: 'an import of types that points up', path: 'src/model/x.ts', text: "import type { A } from '../server/app.ts'", says: /floor 4/ },
  {
    name: 'an import over several lines that points up',
    path: 'src/model/x.ts',
    text: "import {\n  a,\n  type B,\n} from '../server/app.ts'",
    says: /floor 4/,
  },
  { name: 'a dynamic import that points up', path: 'src/model/x.ts', text: "const a = await import('../server/app.ts')", says: /floor 4/ },
  { name: 'an import type that points up', path: 'src/model/x.ts', text: "type A = import('../server/app.ts').A", says: /floor 4/ },
  { name: 'the driver outside postgres/', path: 'src/server/x.ts', text: "import pg from 'pg'", says: /imports pg; only src\/postgres\// },
  { name: "the driver's parts outside postgres/", path: 'src/server/x.ts', text: "import 'pg/lib/utils.js'", says: /imports pg/ },
  {
    name: 'an import inside a floor that points up',
    path: 'src/server/http/x.ts',
    text: "import '../app.ts'",
    says: /server\/http\/ \(row 1 of server\/\) may not import server\/ \(row \d+\)/,
  },
  {
    name: 'a subfolder that has no place in the order of its floor',
    path: 'src/server/elsewhere/x.ts',
    text: "import '../app.ts'",
    says: /add server\/elsewhere\/ to ORDER/,
  },
  {
    name: 'an oracle that shares code with the server',
    path: 'src/verify/expected/x.ts',
    text: "import '../../server/app.ts'",
    says: /src\/verify\/expected\/ judges server\/, so it may not import it/,
  },
  { name: 'a package in base/', path: 'src/base/x.ts', text: "import 'fastify'", says: /base\/ imports no package/ },
  { name: 'a package in model/', path: 'src/model/x.ts', text: "import type { F } from 'fastify'", says: /model\/ imports no package/ },
  {
    name: 'a package that is not declared',
    path: 'src/server/x.ts',
    text: "import '@scope/left/pad.js'",
    says: /imports @scope\/left, which/,
  },
  { name: 'the argument parser outside cli.ts', path: 'src/commands/x.ts', text: "import 'commander'", says: /only src\/cli\.ts/ },
  {
    name: 'files read in compile/',
    path: 'src/compile/x.ts',
    text: "import { readFile } from 'node:fs/promises'",
    says: /no input or output/,
  },
  { name: 'a built-in module without node:', path: 'src/server/x.ts', text: "import { join } from 'path'", says: /write node:path/ },
  { name: 'process.argv outside cli.ts', path: 'src/commands/x.ts', text: '\nconst a = process.argv', says: /x\.ts:2 uses process\.argv/ },
  { name: 'process.exit outside cli.ts', path: 'src/server/x.ts', text: 'process.exit(1)', says: /uses process\.exit;/ },
  { name: 'process.exitCode outside cli.ts', path: 'src/server/x.ts', text: 'process.exitCode = 1', says: /uses process\.exitCode/ },
  {
    name: 'commands that import what is for tests',
    path: 'src/commands/x.ts',
    text: "import '../testing/open.ts'",
    says: /commands\/ \(floor 7\) may not import testing\/ \(floor 7\)/,
  },
  {
    name: 'the library that imports commands',
    path: 'src/embed/x.ts',
    text: "import '../commands/up.ts'",
    says: /embed\/ \(floor 5\) may not import commands\/ \(floor 7\)/,
  },
  { name: 'export *', path: 'src/index.ts', text: "export * from './base/sql.ts'", says: /export by name/ },
  { name: 'export * as a name', path: 'src/index.ts', text: "export * as sql from './base/sql.ts'", says: /export by name/ },
  { name: 'a barrel', path: 'src/model/x.ts', text: "export { nothing } from './model.ts'", says: /re-exports \.\/model\.ts/ },
  { name: 'an import of a file directly under src', path: 'src/commands/x.ts', text: "import '../index.ts'", says: /imported by nobody/ },
  { name: 'an import of nothing', path: 'src/model/x.ts', text: "import './gone.ts'", says: /there is no src\/model\/gone\.ts/ },
  { name: 'a folder without a floor', path: 'src/utils/x.ts', text: "import '../base/sql.ts'", says: /src\/utils\/ has no floor/ },
]

for (const { name, path, text, says } of BREACHES) {
  test(`the law forbids ${name}`, () => {
    const breaches = check({ ...TREE, 'src/index.ts': EMPTY, [path]: text })
    assert.equal(breaches.length, 1, breaches.join('\n'))
    assert.match(breaches[0] ?? '', says)
  })
}

test('a cycle is a breach, even of types, and the message names its files', () => {
  const breaches = check({
    'src/model/a.ts': "import type { B } from './b.ts'",
    'src/model/b.ts': "import './c.ts'",
    'src/model/c.ts': "import './a.ts'",
    'src/model/d.ts': "import './a.ts'",
  })
  assert.deepEqual(breaches, ['cycle: src/model/a.ts -> src/model/b.ts -> src/model/c.ts -> src/model/a.ts'])
})

test('bench/ has no import cycle', () => {
  const files = new Map([
    ['bench/a.ts', "import type { B } from './measure/b.ts'"],
    ['bench/measure/b.ts', "import '../a.ts'"],
    ['bench/c.ts', "import './a.ts'"],
  ])
  assert.deepEqual(checkCycles(files), ['cycle: bench/a.ts -> bench/measure/b.ts -> bench/a.ts'])
})

test('comments, strings and regular expressions that look like imports do not count', () => {
  const text = [
    "// import a from 'a'",
    "/* import b from 'b'\n   process.exit(1) */",
    'const c = "import c from \'c\'"',
    "const d = `import d from 'd' ${`${{ e: \"import e from 'e'\" }.e}`} process.argv`",
    "const f = /import f from 'f'/g, g = 4 / 2 / 1",
    'const h = [/[/\'"]/, /`/]',
    "import i from 'i'",
  ].join('\n')
  const { imports, code } = readImports(text)
  assert.deepEqual(imports, [{ kind: 'import', specifier: 'i', line: 8 }])
  assert.doesNotMatch(code, /process/)
  assert.equal(code.length, text.length)
})
