/** F201: a browser that opens an address which does not exist, or sends what is refused, gets nothing of its request as a page. */

import { restBase } from '../../../model/address/served.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { BROWSER, type SecurityProbe } from '../probes.ts'

/** Markup as a browser would run it, and the same in an address. */
const MARKUP = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'<svg/onload=alert(1)>"]
const SIGNS = /<script>alert|<img src=x|<svg\/onload/i
const put = encodeURIComponent
/** More bytes than an address may have. */
const LONG = 40_000

/** The probes: addresses that do not exist, methods that an address does not have, addresses that are too long or broken. */
export function refusedPages({ reference: { model } }: PlannedWorld): readonly SecurityProbe[] {
  const base = model.served.rest === null ? '' : restBase(model)
  const lists = model.served.rest === null ? [] : model.entities.slice(0, 1).map(({ path }) => `${base}/${path}`)
  const below = ['', base, ...lists, `${base}/auth`, `${base}/actions`, '/graphql', '/openapi.json', '/health', '/.well-known']
  const texts = MARKUP.flatMap((text) => [text.replaceAll(' ', '%20'), put(text), put(put(text))])
  const get = (url: string): SentOverHttp => ({ method: 'GET', url })
  const known = [...lists, ...(model.served.graphql ? ['/graphql'] : []), '/openapi.json']
  const asked: Readonly<Record<string, readonly SentOverHttp[]>> = {
    'no-address': [...new Set(below)].flatMap((at) =>
      texts.flatMap((text) => [get(`${at}/${text}`), get(`${at}/none?a=${text}&${text}=1`)]),
    ),
    'no-method': known.flatMap((at) =>
      texts.flatMap((text) => (['DELETE', 'PROPFIND'] as const).map((method) => ({ method, url: `${at}?${text}=${text}` }))),
    ),
    malformed: known.flatMap((at) => MARKUP.map((text) => get(`${at}?a=%zz${put(text)}&${put(text)}`))),
    'too-long': MARKUP.map((text) => get(`${lists[0] ?? '/none'}?${put(text)}=${put(text).repeat(Math.ceil(LONG / put(text).length))}`)),
  }
  return Object.entries(asked).map(([goal, requests]) => probeOf(`refused-pages/${goal}`, requests))
}

function probeOf(goal: string, requests: readonly SentOverHttp[]): SecurityProbe {
  return {
    goal,
    user: null,
    async ask({ send }) {
      const why = 'a text of a request is no markup of the answer'
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const request of requests) {
        const sent = { ...request, headers: { ...BROWSER } }
        const answer = await send({ ...sent, token: null })
        last = { sent, answer }
        const wrong = wrongIn(answer)
        if (wrong !== null) return { wrong, statuses: [400, 404, 405, 414], why, ...last }
      }
      if (last === null) throw new Error(`${goal} sends nothing`)
      return { wrong: null, statuses: [400, 404, 405, 414], why, ...last }
    },
  }
}

function wrongIn({ status, headers, text }: Answered): string | null {
  if (status >= 500) return `status ${status}`
  const type = String(headers['content-type'] ?? '')
  if (text !== '' && !/html|xml|svg/.test(type) && /json|text\/plain/.test(type)) return null
  if (text === '') return null
  if (SIGNS.test(text)) return `the answer is ${type || 'of no type'} and has the markup of the request`
  const policy = String(headers['content-security-policy'] ?? '')
  return policy === '' || /unsafe-inline|unsafe-eval/.test(policy) ? `a page has the policy ${JSON.stringify(policy)}` : null
}
