/** What every answer of a run must have, whatever was asked: headers that protect browsers, and nothing about how the backend is made. */

import type { Model } from '../../model/model.ts'
import type { FamilyPlan } from '../cases/family-plan.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { refusalProblem } from '../rules/documented-failures.ts'
import { jsonHeadersProblem, strayHeader } from '../rules/documented-headers.ts'
import { challengeProblem, graphqlErrorProblem } from '../rules/told-by-refusals.ts'
import { leakIn } from './leaks.ts'
import { databaseNames } from './probes.ts'

/** An answer, and whether it was to a signed-in caller. */
export interface WatchedAnswer {
  readonly user: string | null
  readonly sent: SentOverHttp
  readonly answer: Answered
}

/** A demand on an answer: what is wrong with it, null if nothing is, or undefined if the demand does not concern it. */
type Demand = (watched: WatchedAnswer) => string | null | undefined

/** The outcome of a demand. */
export interface WatchedOutcome {
  /** `security/headers`. */
  readonly claim: string
  /** `nosniff/404`. */
  readonly goal: string
  readonly wrong: string | null
}

/** Watches answers. */
export interface AnswerWatch {
  readonly judge: (watched: WatchedAnswer) => readonly WatchedOutcome[]
  /** The claims. @param asked the goals that answers have shown, by claim. */
  readonly plans: (asked: (claim: string) => readonly string[]) => readonly FamilyPlan[]
}

const HEADERS = 'security/headers'
const ERRORS = 'security/F209'

const text = (value: unknown): string => String(value ?? '')

/** Demands on headers (ASVS 3.3, 3.4, 4.1 and 14.3). */
const DEMANDS: Readonly<Record<string, Demand>> = {
  nosniff: ({ answer: { headers } }) =>
    headers['x-content-type-options'] === 'nosniff' ? null : 'there is no X-Content-Type-Options: nosniff',
  framing: ({ answer: { headers } }) =>
    /frame-ancestors/.test(text(headers['content-security-policy'])) ? null : 'no Content-Security-Policy says who may show it in a frame',
  referrer: ({ answer: { headers } }) => (headers['referrer-policy'] === undefined ? 'there is no Referrer-Policy' : null),
  caching: ({ user, answer: { status, headers } }) =>
    user === null && status < 400
      ? undefined
      : /no-store|private|no-cache/.test(text(headers['cache-control']))
        ? null
        : `an answer to one caller may be stored for others: Cache-Control ${headers['cache-control']}`,
  'media-type': ({ answer: { headers, text: body } }) => {
    const type = text(headers['content-type'])
    if (body === '') return undefined
    if (type === '') return 'a body without Content-Type'
    return /^text\/|[+/]xml/.test(type) && !/charset=/i.test(type) ? `a text without charset: ${type}` : null
  },
  origins: ({ sent, answer: { headers } }) =>
    sent.headers?.origin !== undefined || headers['access-control-allow-origin'] === undefined
      ? null
      : `Access-Control-Allow-Origin ${headers['access-control-allow-origin']} without a request of another origin`,
  software: ({ answer }) => leakIn({ ...answer, text: '' }, []),
  'request-id': ({ answer }) => traceIdProblem(answer),
  cookies: ({ answer: { headers } }) => {
    const cookies = [headers['set-cookie'] ?? []].flat().map(String)
    return cookies.length === 0 ? undefined : (cookies.map(cookieProblem).find((problem) => problem !== null) ?? null)
  },
}

/** The documented form of the ids by which the log is searched. An id with other signs may say where the backend runs. */
const TRACE_ID = /^[0-9a-f]{32}$/
const NAMED_TRACE = /"traceId"\s*:\s*"([^"]*)"/g

function traceIdProblem({ headers, text: body }: Answered): string | null | undefined {
  const ids = [...[headers['x-request-id'] ?? []].flat().map(String), ...[...body.matchAll(NAMED_TRACE)].map(([, id = '']) => id)]
  if (ids.length === 0) return undefined
  const wrong = ids.find((id) => !TRACE_ID.test(id))
  return wrong === undefined ? null : `a trace id that is not 32 hexadecimal digits: ${wrong.slice(0, 60)}`
}

function cookieProblem(cookie: string): string | null {
  const missing = [/;\s*secure/i, /;\s*httponly/i, /;\s*samesite=(?:strict|lax)/i].find((attribute) => !attribute.test(cookie))
  if (missing !== undefined) return `a cookie without ${missing.source.replace(/^;\\s\*/, '')}`
  return cookie.startsWith('__Host-') ? null : 'a cookie whose name does not begin with __Host-'
}

/** What the answers of one backend may not show, beside what none may. */
export interface Inside {
  /** The texts of the rules of the design, which no refusal shows. */
  readonly rules?: readonly string[]
  /** The name of the machine, which no header and no refusal shows; null if it is not known. */
  readonly machine?: string | null
  /** Whether nothing stands between, such as a proxy with headers of its own. */
  readonly isAlone?: true
}

/** A shorter name could be a word of an answer. */
const NAME_LENGTH = 4

/** Opens a watch for the answers of one backend. */
export function answerWatch(model: Model, { rules = [], machine = null, isAlone }: Inside = {}): AnswerWatch {
  // Code of the design may send any headers at its own addresses.
  const isOfCode = model.routes !== null
  const demands: Readonly<Record<string, Demand>> = {
    ...DEMANDS,
    ...(isOfCode ? {} : { json: ({ answer }) => jsonHeadersProblem(answer) }),
    ...(isOfCode || isAlone !== true ? {} : { known: ({ answer }) => strayHeader(answer) }),
  }
  const isTold = (text: string, sent: string): string | null => {
    const rule = rules.find((one) => [one, JSON.stringify(one).slice(1, -1)].some((form) => text.includes(form)) && !sent.includes(one))
    return rule === undefined ? null : `the answer shows a rule of the design: ${rule.slice(0, 100)}`
  }
  const isHere = (text: string, sent: string): string | null =>
    machine !== null && machine.length >= NAME_LENGTH && machine !== 'localhost' && text.includes(machine) && !sent.includes(machine)
      ? 'the answer shows the name of the machine'
      : null
  const scheme = model.identity?.token.scheme ?? 'Bearer'
  const members = ({ sent, answer }: WatchedAnswer): readonly WatchedOutcome[] => {
    const told = {
      challenge: challengeProblem(answer, scheme),
      words: refusalProblem(model, sent, answer),
      'graphql-members': sent.url.split('?', 1)[0] === '/graphql' ? graphqlErrorProblem(answer) : undefined,
    }
    return Object.entries(told).flatMap(([name, wrong]) =>
      wrong === undefined ? [] : [{ claim: ERRORS, goal: `${name}/${answer.status}`, wrong }],
    )
  }
  const names = databaseNames(model).map((name) => name.replaceAll(/[^\w]/g, '\\$&'))
  const named = names.length === 0 ? null : new RegExp(`\\b(?:${names.join('|')})\\b`)
  return {
    judge(watched) {
      const { status } = watched.answer
      const outcomes = Object.entries(demands).flatMap(([name, demand]): readonly WatchedOutcome[] => {
        const wrong = demand(watched)
        return wrong === undefined ? [] : [{ claim: HEADERS, goal: `${name}/${status}`, wrong }]
      })
      const { sent, answer } = watched
      const [asked, heads] = [askedText(sent), JSON.stringify(answer.headers)]
      const wrong =
        status < 400
          ? (isHere(heads, asked) ?? (DOCUMENT.test(sent.url) ? (namedIn(answer.text, named) ?? isTold(answer.text, asked)) : null))
          : (leakOf(watched, named) ?? isTold(answer.text, asked) ?? isHere(`${heads} ${answer.text}`, asked))
      const all = [...outcomes, ...members(watched)]
      return status < 400 && wrong === null ? all : [...all, { claim: ERRORS, goal: `every-answer/${status}`, wrong }]
    },
    plans: (asked) => [
      planOf(HEADERS, asked(HEADERS), {
        claim: 'Every answer has the headers that protect browsers, and none that names software (ASVS 3.4, 4.1, 14.3).',
        text: 'every answer of all cases, for each status',
      }),
      planOf(ERRORS, asked(ERRORS), {
        claim:
          'No refusal of any case shows paths, stacks, SQL, names of the database or of the machine, a rule of the design, values of rows, or words, members and parameters that no document names (OWASP API8).',
        text: 'every answer of all cases with a status from 400, for each status; WWW-Authenticate, and the errors of GraphQL with any status; title and detail as the reference of errors has them',
      }),
    ],
  }
}

/** Values by which a refusal would tell of rows: ids, and addresses of e-mail. */
const OF_ROWS = /\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b|[\w.+-]+@[\w-]+\.[\w.]+/gi

/** Documents that everybody may read, and health checks. */
const DOCUMENT = /^\/(?:openapi\.json|\.well-known\/|health\/)/

/** How messages say what a value should look like. */
const EXAMPLE = /\blike \\*"[^"]*"/g

/** A name of the database in a text; null for none. */
function namedIn(text: string, named: RegExp | null): string | null {
  const [name] = named?.exec(text) ?? []
  return name === undefined ? null : `the answer names a part of the database: ${name}`
}

/** What a refusal shows that its request did not say itself. */
function leakOf({ sent, answer }: WatchedAnswer, named: RegExp | null): string | null {
  const asked = askedText(sent)
  const value = answer.text
    .replaceAll(EXAMPLE, '')
    .match(OF_ROWS)
    ?.find((one) => !asked.toLowerCase().includes(one.toLowerCase()))
  const shown = leakIn(answer, []) ?? namedIn(answer.text, named)
  if (value !== undefined) return `the answer shows a value that the request does not have: ${value}`
  if (shown === null) return null
  return leakIn({ ...answer, headers: {}, text: asked }, []) !== null || named?.test(asked) === true ? null : shown
}

/** What a request says itself. */
function askedText({ url, body, headers }: SentOverHttp): string {
  return `${decoded(url)} ${typeof body === 'string' ? body : JSON.stringify(body ?? '')} ${JSON.stringify(headers ?? {})}`
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

function planOf(id: string, asked: readonly string[], { claim, text: how }: { readonly claim: string; readonly text: string }): FamilyPlan {
  return {
    id,
    claim,
    path: [],
    oracle: 'what every answer must have, and what none may show',
    text: how,
    what: 'attacks',
    asked,
    impossible: [],
    untested: [],
  }
}
