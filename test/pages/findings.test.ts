/** Findings about templates: PLN-D590 to PLN-D594, with file and line. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { temporaryFolder } from '../support/command-line.ts'

const DESIGN = `name: x
entities:
  Post: { fields: { title: { type: text } }, access: { read: 'true', create: 'true', delete: 'true' } }
actions:
  posts:
    allow: 'true'
    endpoint: { at: GET /posts, type: html }
    template: pages/posts.html
    steps: [{ list: Post, limit: 9, as: posts }]
    answer: { posts: { each: p in posts, is: { title: p.title } } }
`

/** Binds the design with what `write` puts into its folder; returns the findings with paths relative to it. */
async function found(t: TestContext, write: (folder: string) => void): Promise<readonly string[]> {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'design/pages'), { recursive: true })
  writeFileSync(join(folder, 'design/design.yaml'), DESIGN)
  write(join(folder, 'design'))
  const read = await readDesign(join(folder, 'design'))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, diagnostics.map(formatDiagnostic).join('\n'))
  const bound = await bindCode(model, read.source)
  assert.equal(bound.model === null, bound.diagnostics.length > 0)
  // Folders of these files are watched, so they exist.
  for (const file of bound.files) assert.ok(existsSync(file), file)
  return bound.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replaceAll(/\S*(?=design\/)/g, ''))
}

const template = (text: string | Buffer) => (folder: string) => writeFileSync(join(folder, 'pages/posts.html'), text)

test('a template without problems is bound', async (t) => {
  assert.deepEqual(await found(t, template('{{#each posts}}<p>{{title}}</p>{{/each}}')), [])
})

test('a template that cannot be read is PLN-D590', async (t) => {
  const begin = 'design/design.yaml:8:5 error PLN-D590 actions.posts.template: '
  const where = (lines: readonly string[]) => lines.map((line) => line.replace(/^design\/design\.yaml:8:\d+/, 'design/design.yaml:8:5'))
  const cases: readonly (readonly [(folder: string) => void, string])[] = [
    [() => {}, 'there is no file pages/posts.html; make it, or correct the path'],
    [template(Buffer.from([0x61, 0xff])), 'pages/posts.html is not UTF-8; save it as UTF-8'],
    [template('x'.repeat(262_145)), 'pages/posts.html has 262145 bytes; at most 262144 are read; make it smaller'],
    [
      (folder) => {
        writeFileSync(join(folder, '../secret.html'), 'secret')
        symlinkSync('../../secret.html', join(folder, 'pages/posts.html'))
      },
      'pages/posts.html is outside the folder of the design; move it into the folder',
    ],
  ]
  for (const [write, expected] of cases) assert.deepEqual(where(await found(t, write)), [begin + expected])
})

test('problems inside of a template have its file and line, in the order of the file', async (t) => {
  const text = '<script>x()</script>\n{{#each posts}}\n<p class={{title}}>{{titel}}</p>\n{{/each}}\n{{{posts}}}\n'
  assert.deepEqual(await found(t, template(text)), [
    'design/pages/posts.html:1:1 error PLN-D594 actions.posts.template: pages have no script element: a page runs no scripts; remove <script>',
    'design/pages/posts.html:3:10 error PLN-D593 actions.posts.template: the value of class has no quotes, so a space in it would begin another attribute; write class="…"',
    'design/pages/posts.html:3:20 error PLN-D592 actions.posts.template: titel: the answer has no "titel" here, did you mean "title"?; there is title',
    'design/pages/posts.html:5:1 error PLN-D591 actions.posts.template: a value without escaping would be markup; write {{name}}: every value is escaped',
  ])
})
