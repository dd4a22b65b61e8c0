/** F201: texts of callers in the pages that actions answer. */

import type { Action, ActionInput } from '../../model/action.ts'
import { restBase } from '../../model/address/served.ts'
import type { Field, Model } from '../../model/model.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered } from '../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { BROWSER, familyOf, type SecurityProbe } from './probes.ts'

/** A text that ends a value of an attribute and begins a script. */
const MARK = '"\'><script>alert(1)</script>'

/** The claim about all pages. @param more probes of the claim */
export function pages(asking: PlannedWorld, more: readonly SecurityProbe[]): PlannedFamily {
  const { model } = asking.reference
  const found = model.actions.filter((action) => isPage(action) && action.entity === null)
  return familyOf(
    {
      of: 'F201',
      entity: null,
      claim: 'No text of a caller becomes a part of the HTML of a page (OWASP API8).',
      text: 'a script in each input of each page, also where it is refused, and in each text of a row that pages may show; markup in addresses that do not exist, and in what is refused, as a browser asks',
    },
    [
      ...(found.length === 0 ? [] : [...found.map(sentToPage), ...model.entities.flatMap(({ name }) => storedIn(asking, name, found))]),
      ...more,
    ],
  )
}

function isPage({ address, run }: Action): boolean {
  const answersHtml = address.type === 'html' || address.accepts === 'form'
  // Code may do what cannot be put back, and requests that are signed do not come from browsers.
  return answersHtml && run === null && address.signed === null && address.row === null
}

/** The page with the text in all inputs, and in one input at a time. */
function sentToPage(action: Action): SecurityProbe {
  const { name, inputs } = action
  const tries = [inputs, ...inputs.map((one) => [one])]
  return {
    goal: `page-${name}`,
    user: null,
    rows: () => null,
    async ask({ send }) {
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const marked of tries) {
        const sent = requestOf(action, marked)
        const answer = await send({ ...sent, token: null })
        last = { sent, answer }
        const wrong = wrongIn(answer)
        if (wrong !== null) return { wrong, statuses: [200, 400], why: WHY, sent, answer }
      }
      if (last === null) throw new Error('a page is asked at least once')
      return { wrong: null, statuses: [200, 400], why: WHY, ...last }
    },
  }
}

const WHY = 'a text is escaped where a page shows it, and no page may run a script'

function requestOf({ address }: Action, marked: readonly ActionInput[]): SentOverHttp {
  const textFor = ({ type }: ActionInput): string => {
    const max = type.kind === 'value' && type.type.kind === 'scalar' ? Number(type.type.max ?? MARK.length) : MARK.length
    return MARK.slice(0, max)
  }
  const query = marked
    .filter(({ from }) => from.in === 'query')
    .map((input) => `${encodeURIComponent(input.from.name)}=${encodeURIComponent(textFor(input))}`)
  const body = marked.filter(({ from }) => from.in === 'body').map((input) => [input.from.name, textFor(input)] as const)
  const path = address.path.replaceAll(/\{[^{}]+\}/g, encodeURIComponent(MARK))
  const isForm = address.accepts === 'form'
  return {
    method: address.method,
    url: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: { ...BROWSER, ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
    ...(address.method === 'GET'
      ? {}
      : { body: isForm ? new URLSearchParams(body.map(([key, value]) => [key, value])).toString() : Object.fromEntries(body) }),
  }
}

/** Creates a row with the text in each field that takes it, or in one of them, and opens all pages. */
function storedIn(asking: PlannedWorld, entityName: string, found: readonly Action[]): readonly SecurityProbe[] {
  const { model } = asking.reference
  const entity = model.entities.find(({ name }) => name === entityName)
  const usual = entity === undefined ? null : requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const opened = found.filter(({ address }) => address.method === 'GET' && !address.path.includes('{'))
  if (entity === undefined || usual === null || opened.length === 0) return []
  const sent = httpRequestOf(model, usual.request)
  const body = sent.body as Readonly<Record<string, unknown>>
  const taking = entity.fields.filter((field) => takesMark(model, field) && Object.hasOwn(body, field.name)).map(({ name }) => name)
  if (taking.length === 0) return []
  const tries = [taking, ...(taking.length === 1 ? [] : taking.map((name) => [name]))]
  const goal = `stored-${entityName}`
  return [
    {
      goal,
      user: usual.user,
      rows: () => null,
      async ask({ send, tokenOf }) {
        const token = tokenOf(usual.user)
        const outcome = { statuses: [200], why: WHY, sent }
        let created: Answered | null = null
        for (const names of tries) {
          created = await send({ ...sent, body: { ...body, ...Object.fromEntries(names.map((name) => [name, MARK])) }, token })
          if (created.status === 201) break
        }
        if (created === null) throw new Error('a create is tried at least once')
        if (created.status >= 500) return { ...outcome, wrong: `status ${created.status}`, answer: created }
        if (created.status !== 201) return { ...outcome, wrong: null, answer: created, left: { [goal]: NOT_CREATED } }
        let shown = 0
        for (const { address } of opened) {
          const page = { method: 'GET', url: address.path, headers: BROWSER }
          const answer = await send({ ...page, token })
          const wrong = wrongIn(answer)
          if (wrong !== null) return { ...outcome, wrong, sent: page, answer }
          if (answer.status < 300 && isHtml(answer)) shown++
        }
        return { ...outcome, wrong: null, answer: created, ...(shown > 0 ? {} : { left: { [goal]: NOT_SHOWN } }) }
      },
    },
  ]
}

const NOT_CREATED = 'no row could be created that has a script in a text'
const NOT_SHOWN = 'no page without inputs could be opened'

function takesMark({ identity, served }: Model, { name, type }: Field): boolean {
  const isText = type.kind === 'scalar' && type.scalar === 'text' && type.pattern === null
  return (
    served.rest !== null &&
    restBase({ served }) !== '' &&
    isText &&
    Number(type.max ?? MARK.length) >= MARK.length &&
    name !== identity?.login
  )
}

function isHtml({ headers }: Pick<Answered, 'headers'>): boolean {
  return String(headers['content-type'] ?? '').includes('html')
}

function wrongIn({ headers, text, status }: Answered): string | null {
  if (status >= 500) return `status ${status}`
  if (!isHtml({ headers })) return null
  if (text.includes('<script>alert(1)')) return 'the page has the script'
  const policy = String(headers['content-security-policy'] ?? '')
  if (policy === '' || /unsafe-inline|unsafe-eval/.test(policy)) return `the page has the policy ${JSON.stringify(policy)}`
  return headers['x-content-type-options'] === 'nosniff' ? null : 'the page has no X-Content-Type-Options: nosniff'
}
