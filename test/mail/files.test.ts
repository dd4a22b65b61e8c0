/** The images and attached files of mails: PLN-D644, and what is sent. */

import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { mailsOf } from '../../src/model/reaction.ts'
import { temporaryFolder } from '../support/command-line.ts'

const DESIGN = `name: x
entities:
  User: { fields: { email: { type: email } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
on:
  User.created: [{ email: hello, to: email }]
integrations:
  email:
    from: no-reply@example.com
    templates:
      hello:
        subject: Hello
        blocks: [{ image: { file: FILE, alt: Logo } }]
        attachments: [{ file: terms.pdf }]
`
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

test('files beside the design are read, and others are a finding', async (t) => {
  const outer = temporaryFolder(t)
  const folder = join(outer, 'design')
  mkdirSync(folder)
  writeFileSync(join(outer, 'outside.png'), PNG)
  writeFileSync(join(folder, 'logo.png'), PNG)
  writeFileSync(join(folder, 'logo.svg'), '<svg/>')
  writeFileSync(join(folder, 'large.png'), Buffer.concat([PNG, Buffer.alloc(5 * 1_048_576)]))
  writeFileSync(join(folder, 'terms.pdf'), 'terms')
  symlinkSync('../outside.png', join(folder, 'link.png'))
  const bound = async (file: string) => {
    writeFileSync(join(folder, 'design.yaml'), DESIGN.replace('FILE', file))
    const read = await readDesign(folder)
    assert.ok(read.ok)
    const { model } = resolveDesign(read.design, read.source)
    assert.ok(model !== null)
    return bindCode(model, read.source)
  }
  for (const file of ['none.png', '../outside.png', 'link.png', 'logo.svg', 'large.png', '.']) {
    const { model, diagnostics } = await bound(file)
    assert.deepEqual([model, diagnostics.map(({ code }) => code)], [null, ['PLN-D644']], file)
  }
  writeFileSync(join(folder, 'big.png'), Buffer.concat([PNG, Buffer.alloc(4 * 1_048_576)]))
  writeFileSync(join(folder, 'terms.pdf'), Buffer.alloc(4 * 1_048_576))
  const together = await bound('big.png')
  assert.deepEqual([together.model, together.diagnostics.map(({ code }) => code)], [null, ['PLN-D644']])
  assert.match(String(together.diagnostics[0]?.message), /the files of this mail have/)
  writeFileSync(join(folder, 'terms.pdf'), 'terms')
  const { model, files } = await bound('logo.png')
  const [mail] = model === null ? [] : mailsOf(model)
  const [block, attachment] = [mail?.blocks[0], mail?.attachments[0]]
  assert.deepEqual(block?.kind === 'image' && block.source.kind === 'file' && block.source.file.bytes, PNG)
  assert.deepEqual(attachment?.kind === 'file' && Buffer.from(attachment.file.bytes ?? []).toString(), 'terms')
  assert.deepEqual(files.toSorted(), [join(folder, 'logo.png'), join(folder, 'terms.pdf')])
})
