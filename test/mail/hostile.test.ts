/**
 * What callers send in all fields that reach a mail: header injection (line breaks, NUL, separators of Unicode) and template injection,
 * against a real SMTP server.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { headerOf, type MimePart, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

/** The place of a mail that shows a field. */
type Place = 'subject' | 'file' | 'csv' | 'txt' | 'ics' | 'json' | 'heading' | 'text' | 'label' | 'query' | 'path' | 'alt'

const PLACES: readonly Place[] = [
  ...(['subject', 'subject', 'subject', 'subject', 'subject', 'subject'] as const),
  ...(['file', 'file', 'file', 'file', 'file', 'file', 'csv', 'txt', 'ics', 'json'] as const),
  ...(['heading', 'heading', 'heading', 'text', 'text', 'text', 'text'] as const),
  ...(['label', 'label', 'label', 'query', 'query', 'path', 'alt'] as const),
]
const FIELDS = PLACES.map((place, i) => ({ name: `f${i}`, place }))
const shownAt = (...places: readonly Place[]): readonly string[] =>
  FIELDS.filter(({ place }) => places.includes(place)).map(({ name }) => name)

const DESIGN = {
  name: 'hostile',
  entities: {
    Note: {
      fields: {
        address: { type: 'email' },
        language: { type: 'text', max: 2000 },
        ...Object.fromEntries(FIELDS.map(({ name }) => [name, { type: 'text', max: 2000, optional: true }])),
      },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
  },
  on: { 'Note.created': [{ email: 'note', to: 'address' }] },
  integrations: {
    email: {
      from: 'Notes <notes@example.com>',
      language: 'language',
      limit: { mails: 1000, within: '1h' },
      templates: {
        note: {
          subject: {
            en: shownAt('subject')
              .map((name) => `{${name}}`)
              .join(' '),
            de: '{f0}',
          },
          blocks: [
            ...shownAt('heading').map((name) => ({ heading: `{${name}}` })),
            ...shownAt('text').map((name) => ({ text: `{${name}}` })),
            ...shownAt('label').map((name) => ({ button: { label: `{${name}}`, link: 'https://example.com/' } })),
            ...shownAt('query').map((name) => ({ button: { label: 'q', link: `https://example.com/?a={${name}}#b` } })),
            ...shownAt('path').map((name) => ({ button: { label: 'p', link: `https://example.com/{${name}}/x` } })),
            ...shownAt('alt').map((name) => ({ image: { link: 'https://example.com/a.png', alt: `{${name}}` } })),
          ],
          attachments: [
            ...shownAt('file').map((name) => ({ name: `{${name}}.csv`, content: 'x' })),
            ...(['csv', 'txt', 'ics', 'json'] as const).flatMap((type) =>
              shownAt(type).map((name) => ({ name: `a.${type}`, content: type === 'json' ? `{{"a": "{${name}}"}}` : `{${name}}` })),
            ),
          ],
        },
      },
    },
  },
}

const BCC = 'Bcc: evil@example.com'
const INJECTIONS = [
  ...['\r\n', '\n', '\r', '\u2028', '\u2029', '\u0085', '\v', '\f', '\r\n\t'].map((end) => `${end}${BCC}`),
  '\r\n\r\n.\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<evil@example.com>\r\nDATA\r\n',
  `=?utf-8?q?=0D=0A${BCC.replace(' ', '_')}?=`,
  '"; filename="evil.html',
]
const TEMPLATES = [
  ...['<%= 7*7 %>', '{{7*7}}', '${7*7}', '{7*7}', '#{7*7}', '{% 7*7 %}', '[[7*7]]', '*{7*7}', '@(7*7)'],
  ...['{f1}', '{address}', '{{=7*7}}', '<img src=x onerror=alert(1)>', '</td><script>alert(1)</script>'],
]

const HEADERS = new Set(['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type', 'auto-submitted'])
const OF_PARTS = new Set(['content-type', 'content-transfer-encoding', 'content-disposition'])

/** No part of a message has another header field, and none has one twice. */
function checkHeaders(mime: MimePart, known: ReadonlySet<string>, raw: string): void {
  for (const [name, values] of mime.headers) assert.ok(known.has(name) && values.length === 1, `${name}\n${raw}`)
  for (const part of mime.parts) checkHeaders(part, OF_PARTS, raw)
}

test('what callers send in 30 fields becomes no header, no recipient, no command and no template', async (t) => {
  const model = modelFrom(DESIGN)
  const smtp = await startSmtp(t)
  const { ask, sql } = await testBackend(t, model, { mail: mailTo(model, smtp.url) })
  const status = async (body: object): Promise<number> =>
    (await ask('POST', '/api/notes', { body: { address: 'ann@example.com', language: 'en', ...body } })).status
  const all = (text: string) => Object.fromEntries(FIELDS.map(({ name }) => [name, text]))
  const everything = [...INJECTIONS, ...TEMPLATES].join(' ')
  assert.equal(FIELDS.length, 30)

  for (const { name } of [...FIELDS, { name: 'language' }]) {
    assert.equal(await status({ [name]: `\0${BCC}` }), 400)
    assert.equal(await status({ [name]: everything }), 201)
  }
  for (const text of INJECTIONS) {
    assert.equal(await status(all(text)), 201)
    assert.equal(await status({ address: `ann@example.com${text}` }), 400)
  }
  assert.equal(await status(all(TEMPLATES.join(' '))), 201)
  // Plain SQL is not checked by the API. The address is refused when the mail is made.
  await sql(
    `insert into notes (id, created_at, updated_at, version, address, language) values (gen_random_uuid(), now(), now(), 1, $1, 'en')`,
    ['ann@example.com\r\nrcpt to:<evil@example.com>'],
  )
  const sent = FIELDS.length + 1 + INJECTIONS.length + 1
  const mails = await smtp.received(sent)
  let literally = 0
  for (const { from, to, raw } of mails) {
    assert.deepEqual([from, to], ['notes@example.com', ['ann@example.com']])
    const mime = readMime(raw)
    checkHeaders(mime, HEADERS, raw)
    assert.deepEqual(mime.headers.get('to'), ['ann@example.com'])
    const [html = '', text = ''] = [partOf(mime, 'text/html'), partOf(mime, 'text/plain')]
    const shown = [headerOf(mime, 'subject'), html, text, partOf(mime, 'text/csv')].join('\n')
    assert.ok(!/\b49\b/.test(shown), shown)
    assert.ok(!/<img src=x|<script|<%/.test(html), html)
    if (TEMPLATES.every((one) => text.includes(one))) literally++
  }
  // In headings, texts, labels and descriptions of images, alone and together.
  assert.equal(literally, shownAt('heading', 'text', 'label', 'alt').length + 1)
  assert.equal(smtp.mails.length, sent)
})
