/** The mailbox of a backend in development: the mails that were sent, at `/dev/mail`. */

import { isIP } from 'node:net'
import { escapeHtml } from '../../base/texts/html-text.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { KeptMail, Mailbox } from '../../services/mail/mailbox.ts'
import type { TextAnswer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'

/**
 * The policy of the page: no scripts and nothing from other hosts, except images that a mail links to. The frame with a mail has the same
 * policy, because its document is a part of the page (`srcdoc`, HTML "navigation params policy container").
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data: https: http:',
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Whether no other party can have chosen the name in the header `Host`. A page of the web can make its own name lead to this machine (DNS
 * rebinding); then its scripts would read the links in the mails. It cannot take an IP address, `localhost`, or a name without a dot.
 */
function isOwnHost(host: string | undefined): boolean {
  const url = `http://${host ?? ''}`
  const name = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '.'
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost')
}

/** The list of mails, or with `?mail=3` the list and that mail. 403 at a name that another party could have chosen. */
export function mailboxPage(mailbox: Mailbox | null, { url, headers }: Pick<HttpRequest, 'url' | 'headers'>): TextAnswer {
  if (!isOwnHost(headers.host))
    return {
      status: 403,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: 'Mails are shown at localhost, at an IP address, or at a name without a dot.\n',
    }
  const number = /[?&]mail=(\d{1,9})(?:&|$)/.exec(url)?.[1]
  const mails = mailbox?.all() ?? []
  const open = number === undefined ? mails[0] : mailbox?.at(Number(number))
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY, 'cache-control': 'no-store' },
    body: pageOf(mails, { open: open ?? null, asked: number !== undefined }),
  }
}

interface Opened {
  /** Null for none, or for one that is not kept any more. */
  readonly open: KeptMail | null
  readonly asked: boolean
}

function pageOf(mails: readonly KeptMail[], { open, asked }: Opened): string {
  const count = mails.length === 0 ? '' : `<p>the last ${mails.length === 1 ? 'one' : mails.length}, times in UTC</p>`
  const list = `<nav aria-label="Mails">${mails.map((mail) => itemOf(mail, { isOpen: mail === open, asked })).join('')}</nav>`
  const shown = open !== null ? mailHtmlOf(open) : mails.length === 0 ? NONE : GONE
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mails · Plinth</title>
<style>${STYLE}</style>
<header><h1>Mails</h1>${count}<a href="/dev/mail">Refresh</a></header>
<main${mails.length === 0 ? ' class="alone"' : ''}>
${mails.length === 0 ? '' : list}
${shown}
</main>
</html>
`
}

const NONE = `<div class="nothing"><h2>No mails yet</h2>
<p>The mails that this backend sends are shown here. Do what sends one, such as registering an account, and refresh the page.</p></div>`
const GONE = '<div class="nothing"><h2>This mail is not kept any more</h2><p>The page keeps the last 200 until the backend ends.</p></div>'

/** An entry of the list. The one that was asked for has the focus, so that a long list shows it. */
function itemOf(mail: KeptMail, { isOpen, asked }: { readonly isOpen: boolean; readonly asked: boolean }): string {
  const { number, to, subject, at } = mail
  const state = mail.sent === null || mail.sent.kind === 'sent' ? '' : ` <span class="bad">${escapeHtml(mail.sent.kind)}</span>`
  const label = `<b>${escapeHtml(subject)}</b><span class="to">${escapeHtml(to)}</span><time>${timeOf(at)}</time>${state}`
  const focus = isOpen && asked ? ' autofocus' : ''
  return `<a href="/dev/mail?mail=${number}"${isOpen ? ' aria-current="page"' : ''}${focus} title="${escapeHtml(subject)}">${label}</a>`
}

function mailHtmlOf(mail: KeptMail): string {
  const { subject, html, text, attachments } = mail
  const files = attachments.filter(({ cid }) => cid === null).map((file) => `<li>${fileOf(file)}</li>`)
  return `<article>
<h2>${escapeHtml(subject)}</h2>
<dl>${headersOf(mail)
    .map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('')}</dl>
${files.length === 0 ? '' : `<h3>Attachments</h3><ul>${files.join('')}</ul>`}
<h3>HTML</h3>
<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" style="height:${heightOf(mail)}rem" srcdoc="${escapeHtml(previewOf(html, mail))}"></iframe>
<h3>Text</h3>
<pre>${escapeHtml(text)}</pre>
</article>`
}

/** A larger attachment is named only: the page contains those that can be saved. */
const MOST_SAVED_BYTES = 1_048_576

function fileOf({ name, type, content }: KeptMail['attachments'][number]): string {
  const bytes = content.length < 10_000 ? `${content.length} bytes` : `${Math.round(content.length / 1_024)} KB`
  const about = ` <small>${escapeHtml(type)}, ${bytes}</small>`
  if (content.length > MOST_SAVED_BYTES) return `${escapeHtml(name)}${about}`
  // A type that no browser shows, so that the link saves the file.
  const link = `data:application/octet-stream;base64,${Buffer.from(content).toString('base64')}`
  return `<a download="${escapeHtml(name)}" href="${link}">${escapeHtml(name)}</a>${about}`
}

/** A height in rem that most mails of this length need; a page without scripts cannot ask the frame. */
function heightOf({ text, attachments }: KeptMail): number {
  const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0)
  const images = attachments.filter(({ cid }) => cid !== null).length
  return Math.min(44, Math.round(10 + lines * 1.4 + images * 8))
}

function headersOf({ from, to, messageId, at, sent }: KeptMail): readonly (readonly [string, string])[] {
  return [
    ['From', from.name === '' ? from.address : `${from.name} <${from.address}>`],
    ['To', to],
    ['Message-ID', `<${messageId}>`],
    ['Date', new Date(at).toUTCString()],
    ['Status', statusOf(sent)],
  ]
}

function statusOf(sent: KeptMail['sent']): string {
  if (sent === null) return 'kept here only, because SMTP_URL is not set'
  switch (sent.kind) {
    case 'sent':
      return 'the SMTP server has taken it'
    case 'failed':
      return `not sent yet: ${sent.reason}`
    case 'refused':
      return `refused: ${sent.reason}`
    default:
      return unreachable(sent)
  }
}

/** The HTML with its own images in it, and with links that open another tab. */
function previewOf(html: string, { attachments }: KeptMail): string {
  const images = new Map(attachments.flatMap((file) => (file.cid === null ? [] : [[file.cid, file] as const])))
  const shown = html.replaceAll(/"cid:([^"]+)"/g, (whole, cid: string) => {
    const image = images.get(cid)
    return image === undefined ? whole : `"data:${image.type};base64,${Buffer.from(image.content).toString('base64')}"`
  })
  return shown.replace('<head>', '<head><base target="_blank">')
}

function timeOf(at: number): string {
  const [, , day, month, , time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(at).toUTCString()) ?? []
  return `${Number(day)} ${month}, ${time}`
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --sub: #57606a; --page: #f4f5f7; --card: #fff; --line: #d8dee4; --link: #0a58a6; --here: #e4eefb; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --sub: #a4adb6; --page: #16181a; --card: #1f2326; --line: #3a4047; --link: #7ab8f5; --here: #24384d; --bad: #ff8a80 }
}
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page) }
header { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; padding: .8rem 1rem; border-bottom: 1px solid var(--line); background: var(--card) }
h1 { font-size: 1.2rem; margin: 0 } header p { margin: 0; color: var(--sub) } a { color: var(--link) }
header a { margin-left: auto; padding: .15rem .8rem; border: 1px solid var(--line); border-radius: 6px; text-decoration: none }
main { display: grid; grid-template-columns: minmax(14rem, 24rem) minmax(0, 1fr); gap: 1rem; padding: 1rem; align-items: start; max-width: 90rem; margin: 0 auto }
main.alone { grid-template-columns: minmax(0, 34rem); justify-content: center; padding-top: 4rem; text-align: center }
nav { display: grid; gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 6px; overflow: auto; max-height: calc(100vh - 6rem) }
nav a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .6rem; padding: .6rem .8rem; background: var(--card); color: inherit; text-decoration: none }
nav a:hover, nav a[aria-current] { background: var(--here) } nav a:focus-visible { outline: 2px solid var(--link); outline-offset: -2px }
nav b { grid-column: 1 / 3; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere }
nav .to { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--sub) }
nav time { color: var(--sub); font-size: .85rem; font-variant-numeric: tabular-nums } nav .bad { grid-column: 1 / 3; color: var(--bad) }
article, .nothing { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 0 }
.nothing p { margin: 0; color: var(--sub) }
h2 { font-size: 1.15rem; line-height: 1.35; margin: 0 0 .6rem; overflow-wrap: anywhere } h3 { font-size: .95rem; margin: 1.2rem 0 .4rem; color: var(--sub) }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; margin: 0 } dt { color: var(--sub) }
dd { margin: 0; overflow-wrap: anywhere }
iframe { display: block; width: 100%; border: 1px solid var(--line); border-radius: 6px; background: var(--page); resize: vertical }
pre { margin: 0; padding: .8rem; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
ul { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere } small { color: var(--sub) }
@media (max-width: 50rem) {
  main { grid-template-columns: minmax(0, 1fr) } nav { max-height: 13.5rem } dl { gap: .1rem .6rem } main.alone { padding-top: 1rem }
}
`
