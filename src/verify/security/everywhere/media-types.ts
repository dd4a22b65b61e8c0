/** F201 for media types: no parameter changes what an answer is, and no stored file becomes a page. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { BROWSER, readerOf, type SecurityProbe } from '../probes.ts'

const SCRIPT = '<script>alert(1)</script>'

/** Parameters by which other servers choose the form of an answer. */
const NAMES = [
  ...['callback', 'jsonp', 'cb', 'format', '_format', 'type', 'mime', 'accept', 'content-type', 'contentType', 'alt', 'output'],
  ...['view', 'template', 'pretty', 'debug', 'charset', 'html', 'wt'],
]

const VALUES = ['html', 'text/html', 'alert', SCRIPT, `x${SCRIPT}`, '1']

/** What differs between the headers that say what an answer is. */
function typeOf({ headers }: Answered): string {
  return String(headers['content-type'] ?? '')
}

/** The probe about parameters. @param forms whether addresses without an entity are asked, too */
export function parametersProbe(asking: PlannedWorld, entity: Entity, forms: boolean): SecurityProbe {
  const { model } = asking.reference
  const base = restBase(model)
  const user = readerOf(asking, entity)
  const row = requestAnswered(asking, { entity, verb: 'get', statuses: [200] }, (one) => one.user === user)
  const addresses: readonly SentOverHttp[] = [
    { method: 'GET', url: `${base}/${entity.path}?page[size]=2` },
    ...(row === null ? [] : [httpRequestOf(model, row.request)]),
    ...(forms ? [{ method: 'GET', url: '/openapi.json' }] : []),
    ...(forms && model.identity !== null ? [{ method: 'GET', url: `${base}/auth/me` }] : []),
    ...(forms && model.served.graphql ? [{ method: 'POST', url: '/graphql', body: { query: '{ __typename }' } }] : []),
  ]
  return {
    goal: 'form-parameters',
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'no parameter makes another thing of an answer'
      let last = { sent: addresses[0] as SentOverHttp, answer: await tools.send({ ...(addresses[0] as SentOverHttp), token }) }
      for (const address of addresses) {
        const twin = await tools.send({ ...address, token })
        for (const [i, name] of NAMES.entries()) {
          for (const value of VALUES) {
            const url = `${address.url}${address.url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`
            // Every second parameter is sent as a browser does that opens a page.
            const headers = i % 2 === 0 ? address.headers : { ...address.headers, ...BROWSER }
            const sent = { ...address, url, ...(headers === undefined ? {} : { headers }) }
            const answer = await tools.send({ ...sent, token })
            last = { sent, answer }
            const wrong = otherForm(answer, twin)
            if (wrong !== null) return { wrong: `${name}: ${wrong}`, statuses: [twin.status, 400], why, ...last }
          }
        }
      }
      return { wrong: null, statuses: [400], why, ...last }
    },
  }
}

/** How an answer differs in form from that without the parameter; null for the same one, and for a refusal that is JSON. */
function otherForm(answer: Answered, twin: Answered): string | null {
  if (answer.status >= 500) return `status ${answer.status}`
  if (answer.text !== '' && answer.headers['x-content-type-options'] !== 'nosniff')
    return 'the answer has no X-Content-Type-Options: nosniff'
  if (answer.status >= 400)
    return answer.text === '' || /[/+]json\b/.test(typeOf(answer)) ? null : `a refusal is ${typeOf(answer) || 'of no type'}`
  if (answer.status !== twin.status) return `status ${answer.status}, and ${twin.status} without it`
  if (typeOf(answer) !== typeOf(twin)) return `the answer is ${typeOf(answer)}, and ${typeOf(twin)} without it`
  return answer.text === twin.text ? null : 'the body is another one than without it'
}

/** Contents that a browser would run, and the types that their senders declare. */
const CONTENTS: readonly (readonly [name: string, declared: string, content: string])[] = [
  ['page.png', 'image/png', `<!DOCTYPE html><html><body>${SCRIPT}</body></html>`],
  ['page.html', 'text/html', `<!DOCTYPE html><html><body>${SCRIPT}</body></html>`],
  ['page.txt', 'text/plain', `${SCRIPT}`],
  ['page.xhtml', 'application/xhtml+xml', `<html xmlns="http://www.w3.org/1999/xhtml">${SCRIPT}</html>`],
  ['picture.svg', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${SCRIPT}</svg>`],
  ['picture.png', 'image/png', `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`],
  ['picture.gif', 'text/html', `GIF89a\u0001\u0000\u0001\u0000${SCRIPT}`],
  ['code.js', 'text/javascript', 'alert(1)'],
  ['x.html"; filename="y.png', 'image/png; charset=text/html', `<b>${SCRIPT}`],
]

const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** The probes about files of an entity: each content is sent with its type and then read, by its address and by a link. */
export function filesProbes(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const found = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  if (found?.request.kind !== 'update') return []
  const { user } = found
  const at = `${restBase(model)}/${entity.path}/${encodeURIComponent(found.request.id)}`
  return entity.fields
    .filter(({ type }) => type.kind === 'file')
    .map(
      ({ name }): SecurityProbe => ({
        goal: `file-${name}`,
        user,
        async ask(tools) {
          const token = tools.tokenOf(user)
          const url = `${at}/${encodeURIComponent(name)}`
          const why = 'a stored file is saved, and never run'
          let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
          for (const [file, declared, content] of CONTENTS) {
            const put = {
              method: 'PUT',
              url: `${url}?name=${encodeURIComponent(file)}`,
              headers: { 'content-type': declared },
              body: content,
            }
            const stored = await tools.send({ ...put, token })
            last = { sent: put, answer: stored }
            if (stored.status >= 500) return { wrong: `${declared}: status ${stored.status}`, statuses: [200, 415], why, ...last }
            // A file that was refused leaves the one of before, which is asked again.
            for (const sent of await readsOf(tools, url, token)) {
              const answer = await tools.send(sent)
              const wrong = runnable(answer)
              last = { sent, answer }
              if (wrong !== null) return { wrong: `${file} as ${declared}: ${wrong}`, statuses: [200, 404], why, ...last }
            }
          }
          return { wrong: null, statuses: [200, 404, 415], why, ...(last as NonNullable<typeof last>) }
        },
        // A row with a file has another version.
        rows: () => null,
      }),
    )
}

/** Ways to read a file. */
async function readsOf(tools: ProbeTools, url: string, token: string | null) {
  const link = await tools.send({ method: 'POST', url: `${url}/link`, body: {}, token })
  const linked = typeof link.json?.url === 'string' ? new URL(link.json.url, 'http://localhost') : null
  return [
    { method: 'GET', url, token },
    { method: 'GET', url, headers: BROWSER, token },
    { method: 'HEAD', url, headers: BROWSER, token },
    { method: 'GET', url, headers: { ...BROWSER, range: 'bytes=0-' }, token },
    ...(linked === null ? [] : [{ method: 'GET', url: `${linked.pathname}${linked.search}`, headers: BROWSER, token: null }]),
  ]
}

/** Why a browser could run a file; null if it cannot. */
function runnable(answer: Answered): string | null {
  const { status, headers, text } = answer
  if (status >= 500) return `status ${status}`
  if (status !== 200 && status !== 206) return null
  const [type = ''] = typeOf(answer).split(';')
  if (headers['x-content-type-options'] !== 'nosniff') return 'the file has no X-Content-Type-Options: nosniff'
  const isSaved = /^attachment\b/.test(String(headers['content-disposition'] ?? ''))
  if (!isSaved && !PICTURES.has(type.trim().toLowerCase())) return `the file is shown as ${type || 'nothing'}`
  if (!isSaved && /^\s*</.test(text)) return `a text of markup is shown as ${type}`
  const policy = String(headers['content-security-policy'] ?? '')
  return /\bsandbox\b|default-src 'none'/.test(policy) ? null : 'the file has no policy that allows no scripts'
}
