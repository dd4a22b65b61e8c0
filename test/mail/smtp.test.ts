/** Sending by SMTP to real servers: what arrives, which failures may pass, and what cannot get into a header. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Outgoing, openSmtp, readSmtpUrl, type SmtpServer, type Transport } from '../../src/services/mail/smtp.ts'
import { headerOf, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { scriptedSmtp } from './scripted-smtp.ts'

const MAIL: Outgoing = {
  from: { name: 'Blog', address: 'no-reply@example.com' },
  to: 'ann@example.com',
  messageId: '0123@example.com',
  subject: 'Grüße',
  html: '<p>Grüße</p>',
  text: 'Grüße\n',
  attachments: [{ name: 'größe.csv', type: 'text/csv', content: Buffer.from('a,b\r\n'), cid: null }],
}

function server(url: string): SmtpServer {
  const read = readSmtpUrl(url)
  assert.ok(read !== null, url)
  return read
}

function transport(t: TestContext, url: string): Transport {
  const opened = openSmtp(server(url))
  t.after(opened.close)
  return opened
}

const forever = new AbortController().signal

test('a mail arrives as HTML, as text, and with its attachment', async (t) => {
  const smtp = await startSmtp(t)
  assert.deepEqual(await transport(t, smtp.url).send(MAIL, forever), { kind: 'sent' })
  const [mail] = await smtp.received(1)
  assert.deepEqual([mail?.from, mail?.to], ['no-reply@example.com', ['ann@example.com']])
  const mime = readMime(mail?.raw ?? '')
  assert.deepEqual([partOf(mime, 'text/html')?.trim(), partOf(mime, 'text/plain')?.trim()], ['<p>Grüße</p>', 'Grüße'])
  assert.deepEqual(
    [headerOf(mime, 'subject'), headerOf(mime, 'from'), headerOf(mime, 'message-id')],
    ['Grüße', 'Blog <no-reply@example.com>', '<0123@example.com>'],
  )
  assert.equal(headerOf(mime, 'auto-submitted'), 'auto-generated')
  assert.equal(partOf(mime, 'text/csv'), 'a,b\r\n')
})

test('a server that is not there, or that asks to come again, is a failure that may pass', async (t) => {
  const smtp = await startSmtp(t, {
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('mailbox is busy, ann@example.com'), { responseCode: 450 })),
  })
  const busy = await transport(t, smtp.url).send(MAIL, forever)
  assert.deepEqual([busy.kind, 'reason' in busy && busy.reason.includes('ann@')], ['failed', false])
  await smtp.stop()
  assert.equal((await transport(t, smtp.url).send(MAIL, forever)).kind, 'failed')
})

test('a mail that the server refuses for ever is not sent again', async (t) => {
  const refusing = (message: string) => (_: unknown, __: unknown, done: (error: Error) => void) =>
    done(Object.assign(new Error(message), { responseCode: 550 }))
  const noMailbox = await startSmtp(t, { onRcptTo: refusing('no such mailbox') })
  assert.equal((await transport(t, noMailbox.url).send(MAIL, forever)).kind, 'refused')
  const noSpam = await startSmtp(t, {
    onData: (stream, _session, done) => {
      stream.resume()
      stream.on('end', () => done(Object.assign(new Error('looks like spam'), { responseCode: 554 })))
    },
  })
  assert.equal((await transport(t, noSpam.url).send(MAIL, forever)).kind, 'refused')
})

test('a wrong password may be mended', async (t) => {
  const smtp = await startSmtp(t, {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'blog' && password === 'p@ss'
        ? done(null, { user: 'blog' })
        : done(Object.assign(new Error('no'), { responseCode: 535 })),
  })
  const url = (credentials: string): string => smtp.url.replace('//', `//${credentials}@`)
  assert.equal((await transport(t, url('blog:wrong')).send(MAIL, forever)).kind, 'failed')
  assert.deepEqual(await transport(t, url('blog:p%40ss')).send(MAIL, forever), { kind: 'sent' })
})

test('the password stands in no reason, also if the server repeats it', async (t) => {
  const password = 'p@ss w/ord'
  const forms = [
    password,
    encodeURIComponent(password),
    Buffer.from(password).toString('base64'),
    Buffer.from(`\0blog\0${password}`).toString('base64'),
  ]
  const smtp = await startSmtp(t, {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(Object.assign(new Error(`who is ${forms.join(' ')}?`), { responseCode: 535 })),
  })
  const sent = await transport(t, smtp.url.replace('//', `//blog:${encodeURIComponent(password)}@`)).send(MAIL, forever)
  assert.equal(sent.kind, 'failed')
  const reason = 'reason' in sent ? sent.reason : ''
  assert.match(reason, /535.*who is … … … …\?/)
  for (const form of forms) assert.ok(!reason.includes(form), reason)
})

test('a connection that ends in the middle of a mail is a failure that may pass', async (t) => {
  const url = await scriptedSmtp(t, (_message, socket) => socket.destroy())
  assert.equal((await transport(t, url).send(MAIL, forever)).kind, 'failed')
})

test('another machine gets mails and passwords over TLS alone', async (t) => {
  assert.equal(server('smtp://u:p@smtp.example.com').tls, 'required')
  assert.equal(server('smtps://u:p@smtp.example.com').tls, 'implicit')
  assert.deepEqual([server('smtp://smtp.example.com').port, server('smtps://smtp.example.com').port], [587, 465])
  assert.equal(server('smtp://[::1]:25').tls, 'offered')
  for (const wrong of ['', 'smtp.example.com', 'http://a', 'smtp://', 'smtp://a/b', 'smtp://a?tls=false', 'smtp://a#b'])
    assert.equal(readSmtpUrl(wrong), null, wrong)
  for (const wrong of ['smtp://u:100%@a', 'smtp://u%zz@a', 'smtp://u:%ff@a']) assert.equal(readSmtpUrl(wrong), null, wrong)
  const smtp = await startSmtp(t)
  const strict = openSmtp({ ...server(smtp.url), tls: 'required' })
  t.after(strict.close)
  assert.equal((await strict.send(MAIL, forever)).kind, 'failed')
  assert.equal(smtp.mails.length, 0)
})

const HOSTILE = [
  '\r\nBcc: evil@example.com',
  '\nBcc: evil@example.com',
  '\rBcc: evil@example.com',
  '\r\n\r\n<script>alert(1)</script>',
  '\0Bcc: evil@example.com',
  '\u2028Bcc: evil@example.com',
  '\u2029Bcc: evil@example.com',
  '\u0085Bcc: evil@example.com',
  '\r\n.\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<evil@example.com>\r\nDATA\r\n',
  '>\r\nRCPT TO:<evil@example.com>',
  '=?utf-8?q?=0D=0ABcc:_evil@example.com?=',
  '", "Evil" <evil@example.com>, "',
]

test('nothing in a field of a mail becomes a header, a recipient or a command', async (t) => {
  const smtp = await startSmtp(t)
  const { send } = transport(t, smtp.url)
  const fields: readonly ((text: string) => Outgoing)[] = [
    (text) => ({ ...MAIL, subject: `Hi ${text}` }),
    (text) => ({ ...MAIL, from: { ...MAIL.from, name: `Blog ${text}` } }),
    (text) => ({ ...MAIL, text: `Hi ${text}` }),
    (text) => ({ ...MAIL, html: `<p>Hi ${text}</p>` }),
    (text) => ({ ...MAIL, attachments: [{ name: `a${text}.csv`, type: 'text/csv', content: Buffer.from(text), cid: null }] }),
  ]
  for (const field of fields) for (const text of HOSTILE) assert.deepEqual(await send(field(text), forever), { kind: 'sent' })
  const mails = await smtp.received(fields.length * HOSTILE.length)
  assert.equal(mails.length, fields.length * HOSTILE.length)
  for (const { from, to, raw } of mails) {
    assert.deepEqual([from, to], ['no-reply@example.com', ['ann@example.com']])
    const mime = readMime(raw)
    assert.deepEqual([mime.headers.get('bcc'), mime.headers.get('cc')], [undefined, undefined], raw)
    for (const name of ['to', 'from', 'subject', 'message-id']) assert.equal(mime.headers.get(name)?.length, 1, raw)
    assert.equal(headerOf(mime, 'to'), 'ann@example.com')
  }
})
