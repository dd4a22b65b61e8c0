/** docs/reference/expressions.md: every example has the stated result, and the tables match the code. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { compilePredicate, compileTerm } from '../../src/design/expression/compile.ts'
import { FUNCTION_NAMES } from '../../src/design/expression/functions.ts'
import { DESIGN_LIMITS, type Limits, REQUEST_LIMITS } from '../../src/design/expression/limits.ts'
import type { ExpressionScope } from '../../src/design/expression/scope.ts'
import { shapeOf } from '../../src/design/expression/shape.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { oracleOf } from '../../src/verify/oracle/oracle.ts'
import type { PlainRow } from '../../src/verify/oracle/oracle-rows.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/reference/expressions.md'), 'utf8')
const RULES = new Map([['staff', 'auth.role in ["admin", "moderator"]']])

/** The lines of the code blocks of one kind, each with the comment at its end. */
function examples(kind: string): readonly (readonly [source: string, comment: string])[] {
  const blocks = [...PAGE.matchAll(new RegExp(`^\`\`\`cel ${kind}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].flatMap(([, code = '']) =>
    code.trim().split('\n'),
  )
  return blocks.map((line) => {
    const [source = '', comment = ''] = line.split(/\s+\/\/ /)
    return [source, comment]
  })
}

async function modelOfPage(): Promise<Model> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-docs-'))
  try {
    const file = join(folder, 'design.yaml')
    writeFileSync(file, /^```yaml design\n([\s\S]*?)^```$/m.exec(PAGE)?.[1] ?? '')
    const read = await readDesign(file)
    if (!read.ok) assert.fail(read.diagnostics.map(formatDiagnostic).join('\n'))
    const resolved = resolveDesign(read.design, read.source)
    assert.ok(resolved.model !== null, resolved.diagnostics.map(formatDiagnostic).join('\n'))
    return resolved.model
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const MODEL = await modelOfPage()

describe('the reference of expressions', () => {
  const scope: ExpressionScope = {
    shape: { ...shapeOf(MODEL), rules: RULES },
    entity: 'Post',
    input: true,
    relations: true,
    auth: true,
    clock: true,
  }

  const problems = (result: ReturnType<typeof compilePredicate> | ReturnType<typeof compileTerm>): readonly string[] =>
    result.ok ? [] : result.problems.map((p) => `${p.code} ${p.message}`)

  for (const [source] of examples('rules'))
    test(`${source} is a rule`, () => assert.deepEqual(problems(compilePredicate(source, scope)), []))
  for (const [source] of examples('values'))
    test(`${source} is a value`, () => assert.deepEqual(problems(compileTerm(source, scope, null)), []))
  for (const [source, code] of examples('refused')) {
    test(`${source} is refused as ${code}`, () =>
      assert.deepEqual(
        problems(compilePredicate(source, scope)).map((p) => p.split(' ')[0]),
        [code],
      ))
  }
  for (const [source, truth] of examples('truth')) {
    test(`${source} is ${truth}`, () => {
      const id = '0190f6e0-1c2a-7000-8000-000000000001'
      const post: PlainRow = { id, title: 'Hello', published: false, tags: ['a'], author: id }
      const rows = new Map<string, readonly PlainRow[]>([
        ['User', [{ id, name: 'Ann', role: 'user' }]],
        ['Post', [post]],
      ])
      const found = oracleOf({ model: MODEL, rules: RULES, rows }).decide({
        source,
        entity: 'Post',
        row: post,
        caller: ANONYMOUS,
        input: {},
        now: new Date(),
      })
      assert.equal(String(found ?? 'unknown'), truth)
      assert.deepEqual(problems(compilePredicate(source, scope)), [])
    })
  }

  test('the table of limits matches the limits', () => {
    const rows: readonly (readonly [string, keyof Limits])[] = [
      ['characters of an expression', 'length'],
      ['conditions, with named rules written out', 'clauses'],
      ['relations in one path, and `exists` or `all` inside of each other', 'relations'],
      ['characters of a text constant', 'text'],
      ['items of a list', 'items'],
    ]
    for (const [words, key] of rows) {
      const row = `| ${words} | ${DESIGN_LIMITS[key].toLocaleString('en')} | ${REQUEST_LIMITS[key].toLocaleString('en')} |`
      assert.ok(PAGE.includes(row), row)
    }
  })

  test('the table of functions matches the functions', () => {
    const table = PAGE.slice(PAGE.indexOf('## Functions'), PAGE.indexOf('A **pattern**'))
    const named = [...table.matchAll(/`(?:\w+\.)?(\w+)\(/g)].map(([, name]) => name ?? '')
    assert.deepEqual([...new Set(named)].sort(), [...FUNCTION_NAMES].sort())
  })
})
