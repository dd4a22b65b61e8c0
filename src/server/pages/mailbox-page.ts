/** The mailbox of a backend in development: the mails that were sent, at `/dev/mail`. */

import { escapeHtml } from '../../base/texts/html-text.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { KeptMail, Mailbox } from '../../services/mail/mailbox.ts'
import type { TextAnswer } from '../http/answer.ts'

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

/** The list of mails, or with `?mail=3` the list and that mail. */
export function mailboxPage(mailbox: Mailbox | null, url: string): TextAnswer {
  const number = /[?&]mail=(\d{1,9})(?:&|$)/.exec(url)?.[1]
  const mails = mailbox?.all() ?? []
  const open = number === undefined ? mails[0] : mailbox?.at(Number(number))
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY, 'cache-control': 'no-store' },
    body: pageOf(mails, open ?? null),
  }
}

function pageOf(mails: readonly KeptMail[], open: KeptMail | null): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mails · Plinth</title>
<style>${STYLE}</style>
<header><h1>Mails</h1><p>${mails.length === 0 ? 'none yet' : `the last ${mails.length}, newest first`}</p><a href="/dev/mail">Refresh</a></header>
<main>
<nav aria-label="Mails">${mails.map((mail) => itemOf(mail, mail === open)).join('')}</nav>
${open === null ? NOTHING : mailHtmlOf(open)}
</main>
</html>
`
}

const NOTHING = '<p class="nothing">Mails that the backend sends are shown here. Do what sends one, and refresh the page.</p>'

function itemOf(mail: KeptMail, isOpen: boolean): string {
  const { number, to, subject, at } = mail
  const state = mail.sent === null || mail.sent.kind === 'sent' ? '' : ` <span class="bad">${escapeHtml(mail.sent.kind)}</span>`
  const label = `<b>${escapeHtml(subject)}</b><span>${escapeHtml(to)}</span><time>${timeOf(at)}</time>${state}`
  return `<a href="/dev/mail?mail=${number}"${isOpen ? ' aria-current="page"' : ''}>${label}</a>`
}

function mailHtmlOf(mail: KeptMail): string {
  const { subject, html, text, attachments } = mail
  const files = attachments.filter(({ cid }) => cid === null)
  const sizes = files.map(
    ({ name, type, content }) => `<li>${escapeHtml(name)} <small>${escapeHtml(type)}, ${content.length} bytes</small></li>`,
  )
  return `<article>
<h2>${escapeHtml(subject)}</h2>
<dl>${headersOf(mail)
    .map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('')}</dl>
${files.length === 0 ? '' : `<h3>Attachments</h3><ul>${sizes.join('')}</ul>`}
<h3>HTML</h3>
<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(previewOf(html, mail))}"></iframe>
<h3>Text</h3>
<pre>${escapeHtml(text)}</pre>
</article>`
}

function headersOf({ from, to, subject, messageId, at, sent }: KeptMail): readonly (readonly [string, string])[] {
  return [
    ['From', from.name === '' ? from.address : `${from.name} <${from.address}>`],
    ['To', to],
    ['Subject', subject],
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
  return `${new Date(at).toISOString().slice(11, 19)} UTC`
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --sub: #57606a; --page: #f4f5f7; --card: #fff; --line: #d8dee4; --link: #0a58a6; --here: #e4eefb; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --sub: #a4adb6; --page: #16181a; --card: #1f2326; --line: #3a4047; --link: #7ab8f5; --here: #24384d; --bad: #ff8a80 }
}
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page) }
header { display: flex; gap: 1rem; align-items: baseline; padding: .8rem 1rem; border-bottom: 1px solid var(--line); background: var(--card) }
h1 { font-size: 1.2rem; margin: 0 } header p { margin: 0; color: var(--sub); flex: 1 } a { color: var(--link) }
main { display: grid; grid-template-columns: minmax(14rem, 20rem) minmax(0, 1fr); gap: 1rem; padding: 1rem; align-items: start }
nav { display: grid; gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 6px; overflow: auto; max-height: 85vh }
nav:empty { display: none }
nav a { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; padding: .6rem .8rem; background: var(--card); color: inherit; text-decoration: none }
nav a[aria-current] { background: var(--here) } nav b { grid-column: 1 / 3; overflow-wrap: anywhere } nav span { color: var(--sub); overflow-wrap: anywhere }
nav time { color: var(--sub); font-variant-numeric: tabular-nums } nav .bad { grid-column: 1 / 3; color: var(--bad) }
article, .nothing { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 0 0 .6rem; overflow-wrap: anywhere } h3 { font-size: .95rem; margin: 1.2rem 0 .4rem; color: var(--sub) }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; margin: 0 } dt { color: var(--sub) }
dd { margin: 0; overflow-wrap: anywhere }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: 6px; background: #f4f5f7 }
pre { margin: 0; padding: .8rem; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
ul { margin: 0; padding-left: 1.2rem } small { color: var(--sub) }
@media (max-width: 50rem) { main { grid-template-columns: minmax(0, 1fr) } nav { max-height: 40vh } dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
`
