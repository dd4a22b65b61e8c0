import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootRow, scalarType } from '../../../model/expression.ts'
import type { Mail, MailBlock, MailText, MailValue } from '../../../model/mail.ts'
import { renderMail } from './render-mail.ts'

const PAYLOADS = ['<%= 7*7 %>', '{{7*7}}', '${7*7}', '#{7*7}', '{name}', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>']

const value = (scalar: Parameters<typeof scalarType>[0]): MailValue => {
  const type = scalarType(scalar)
  return { kind: 'term', term: { kind: 'null', type }, type }
}
const text = (...pieces: readonly (string | number)[]): MailText => [
  {
    language: null,
    pieces: pieces.map((piece) => (typeof piece === 'string' ? { kind: 'text', text: piece } : { kind: 'value', number: piece })),
  },
]

function mail(blocks: readonly MailBlock[], values: readonly MailValue[], subject: MailText = text('Hello')): Mail {
  const to = { kind: 'null', type: scalarType('email') } as const
  const plain = {
    at: [],
    entity: 'User',
    happening: 'created',
    template: 'x',
    to,
    toSource: 'null',
    recipient: null,
    language: null,
    attachments: [],
  }
  return { ...plain, subject, blocks, values }
}

const secretOf = (stored: string): string => `secret of ${stored}`
const render = (of: Mail, values: readonly unknown[], language: string | null = null, tables: readonly string[][][] = []) =>
  renderMail(of, { language, values, tables: tables.map((rows) => [rows, 0]) }, secretOf)

test('values are escaped where they stand, and nothing in them is a template', () => {
  const of = mail(
    [
      { kind: 'heading', text: text(0) },
      { kind: 'text', text: text('Dear ', 0, '!') },
      { kind: 'button', label: text(0), link: text('https://example.com/?q=', 0) },
      { kind: 'image', source: { kind: 'link', link: text('https://example.com/', 0, '.png') }, alt: text(0), width: null },
    ],
    [value('text')],
    text(0),
  )
  for (const payload of PAYLOADS) {
    const { html, text: plain, subject } = render(of, [payload])
    const escaped = payload.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    assert.ok(html.includes(`Dear ${escaped}!`), html)
    assert.ok(html.includes(`alt="${escaped}"`))
    assert.ok(html.includes(`?q=${encodeURIComponent(payload).replaceAll("'", '&#39;')}"`))
    assert.ok(!/<script|<img src=x|49/.test(html))
    assert.equal(subject, payload)
    assert.ok(plain.includes(`Dear ${payload}!`))
  }
})

test('a text keeps its paragraphs and lines, and loses control characters', () => {
  const { html, text: plain } = render(mail([{ kind: 'text', text: text(0) }], [value('text')]), ['a\r\nb\u0007\n\n \nc'])
  assert.ok(html.includes('>a<br>b</p><p'), html)
  assert.ok(html.includes('>c</p>'))
  assert.equal(plain, 'a\nb\n\n \nc\n')
})

test('a subject is one line', () => {
  assert.equal(render(mail([], [value('text')], text('Re: ', 0)), ['a\r\nBcc: x@y\u2028z']).subject, 'Re: a Bcc: x@y z')
  const long = render(mail([], [value('text')], text(0)), ['🍵'.repeat(300)]).subject
  assert.deepEqual([long.length, long.isWellFormed(), long.at(-1)], [249, true, '…'])
})

test('a link that values make leads nowhere else', () => {
  const of = mail([{ kind: 'button', label: text('Open'), link: text(0) }], [value('url')])
  for (const link of ['javascript:alert(1)', ' https://a', 'data:text/html,x', '/relative', 'java\nscript:x', 'https://a b'])
    assert.ok(!render(of, [link]).html.includes('href'), link)
  assert.ok(render(of, ['https://example.com/a?b=c&d']).html.includes('href="https://example.com/a?b=c&amp;d"'))
})

test('the language is that of the recipient, a near one, or the first', () => {
  const subject: MailText = [
    {
      language: 'en',
      pieces: [
        { kind: 'text', text: 'Due ' },
        { kind: 'value', number: 0 },
      ],
    },
    {
      language: 'de',
      pieces: [
        { kind: 'text', text: 'Fällig ' },
        { kind: 'value', number: 0 },
      ],
    },
    {
      language: 'pt-BR',
      pieces: [
        { kind: 'text', text: 'Vence ' },
        { kind: 'value', number: 0 },
      ],
    },
  ]
  const of = mail([], [value('date')], subject)
  const dated = (language: string | null) => render(of, ['2026-11-29'], language).subject
  assert.deepEqual(
    [dated('de'), dated('de-AT'), dated('DE_at'), dated('pt')],
    ['Fällig 29. November 2026', 'Fällig 29. November 2026', 'Fällig 29. November 2026', 'Vence 29 de novembro de 2026'],
  )
  assert.deepEqual([dated(null), dated('fr'), dated('')], Array(3).fill('Due November 29, 2026'))
})

test('values have the form of their type', () => {
  const types = ['timestamp', 'time', 'integer', 'decimal', 'boolean', 'json'] as const
  const of = mail([{ kind: 'text', text: text(0, '|', 1, '|', 2, '|', 3, '|', 4, '|', 5) }], types.map(value))
  const shown = ['2026-11-29T10:05:00.000Z', '09:30:00', 12345, '12.50', true, { a: 1 }]
  assert.equal(render(of, shown).text, 'November 29, 2026 at 10:05 AM UTC|09:30|12345|12.50|true|{"a":1}\n')
  assert.equal(render(of, Array(6).fill(null)).text, '|||||\n')
})

test('a table has a row for each row, in both forms', () => {
  const columns = [
    { heading: text('Article'), value: text(0), align: 'left' },
    { heading: text('Price'), value: text(1, ' €'), align: 'right' },
  ] as const
  const values = [value('text'), value('decimal')]
  const over = { of: rootRow('Order'), relation: 'lines', entity: 'Line', via: 'order' }
  const of = mail([{ kind: 'table', table: { as: 'each.l', over, columns, values } }], [])
  const { html, text: plain } = render(of, [], null, [
    [
      ['Pears <b>', '2.50'],
      ['Tea', '12.00'],
    ],
  ])
  assert.ok(html.includes('>Pears &lt;b&gt;</td>') && html.includes('align="right"'))
  assert.equal(plain, ['Article      Price', '---------  -------', 'Pears <b>   2.50 €', 'Tea        12.00 €', ''].join('\n'))
})

test('a table that is cut ends with the number of the other rows, in both forms and both widths', () => {
  const over = { of: rootRow('Order'), relation: 'lines', entity: 'Line', via: 'order' }
  for (const [heading, lines] of [
    ['Article', ['Article', '-------', 'Pears', '… + 34']],
    ['A'.repeat(80), [`${'A'.repeat(80)}: Pears`, '', '… + 34']],
  ] as const) {
    const columns = [{ heading: text(heading), value: text(0), align: 'left' }] as const
    const of = mail([{ kind: 'table', table: { as: 'each.l', over, columns, values: [value('text')] } }], [])
    const { html, text: plain } = renderMail(of, { language: null, values: [], tables: [[[['Pears']], 34]] }, secretOf)
    assert.equal(plain, `${lines.join('\n')}\n`)
    assert.match(html, /Pears<\/td><\/tr><tr><td [^>]*colspan="1"[^>]*>… \+ 34<\/td><\/tr><\/table>/)
  }
})

test('a token is shown as its secret', () => {
  const token: MailValue = { kind: 'token', row: rootRow('Invitation'), field: 'token' }
  const of = mail([{ kind: 'button', label: text('Join'), link: text('https://example.com/join?token=', 0) }], [token])
  assert.ok(render(of, ['ab12']).text.includes('https://example.com/join?token=secret%20of%20ab12'))
})

test('attachments are written for their type', () => {
  const of: Mail = {
    ...mail([], [value('text')]),
    attachments: [
      { kind: 'content', name: text('../', 0, '\r\n.csv'), content: text('name\n', 0, '\n') },
      { kind: 'content', name: text('event.ics'), content: text('SUMMARY:', 0) },
      { kind: 'file', name: text('terms.pdf'), file: { path: 'terms.pdf', bytes: new Uint8Array([1, 2]) } },
    ],
  }
  const { attachments } = render(of, ['=1;"a",\nb'])
  const [csv, ics, pdf] = attachments.map(({ name, type, content }) => [name, type, Buffer.from(content).toString()])
  assert.deepEqual(csv, ['=1;_a_, b .csv', 'text/csv', 'name\n"\'=1;""a"",\nb"\n'])
  assert.deepEqual(ics, ['event.ics', 'text/calendar', 'SUMMARY:=1\\;"a"\\,\\nb'])
  assert.deepEqual(pdf?.slice(0, 2), ['terms.pdf', 'application/pdf'])
})

test('the name of an attachment has the whole of a value, and neither it nor a subject has characters that turn its direction', () => {
  const named = (name: MailText, given: string) => {
    const of: Mail = { ...mail([], [value('text')], text('For ', 0)), attachments: [{ kind: 'content', name, content: text('x') }] }
    const { subject, attachments } = render(of, [given])
    return [attachments[0]?.name, subject]
  }
  assert.deepEqual(named(text('loan-', 0, '.csv'), "=cmd|'/C calc'!A0"), ["loan-=cmd_'_C calc'!A0.csv", "For =cmd|'/C calc'!A0"])
  assert.equal(named(text('loan-', 0, '.csv'), '..\\..\\a/b')[0], 'loan-.._.._a_b.csv')
  assert.equal(named(text('reports/loan-', 0, '.csv'), '4/5')[0], 'loan-4_5.csv', 'folders of the design are left out')
  for (const turned of ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'])
    assert.deepEqual(named(text(0, '.txt'), `a${turned}fdp.exe`), ['a_fdp.exe.txt', 'For a fdp.exe'])
  assert.deepEqual(named(text(0, '.txt'), 'a\u0007\u0000b'), ['a b.txt', 'For a b'])
})

test('an image of the design is sent with the mail', () => {
  const file = { path: 'images/logo.png', bytes: new Uint8Array([0x89]) }
  const of = mail([{ kind: 'image', source: { kind: 'file', file }, alt: text('Logo'), width: 120 }], [])
  const { html, attachments, text: plain } = render(of, [])
  assert.ok(html.includes('<img src="cid:image-1@plinth" alt="Logo" width="120"'))
  assert.deepEqual(
    attachments.map(({ name, cid, type }) => [name, cid, type]),
    [['logo.png', 'image-1@plinth', 'image/png']],
  )
  assert.equal(plain, '[Logo]\n')
})
