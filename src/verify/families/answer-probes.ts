/** Probes of the family `answers`: HEAD, OPTIONS, unchanged rows, answers without a body, wrong methods, and keys that are used again. */

import { randomUUID } from 'node:crypto'
import { restBase } from '../../model/address/served.ts'
import type { Entity } from '../../model/model.ts'
import { absentId } from '../cases/absent-id.ts'
import { answerMismatch, askOnce, type ProbeCase } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { endsCaller, type RowVerb, type UsualRequest } from '../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { changeMismatch } from '../expected/compare.ts'
import { expectationOf } from '../expected/expectation.ts'
import { answersAlike } from '../expected/written-design.ts'
import { rowHeaders } from './answer-headers.ts'
import { probeOf, refusals, withHeader } from './answer-refusals.ts'

const LONG_ID = 'x'.repeat(600)

/** An operation with a request that succeeds. */
export interface Further {
  /** The claim: `answers/Post.update`. */
  readonly id: string
  readonly verb: RowVerb
  readonly usual: UsualRequest
  readonly entity: Entity
}

/**
 * Answers of single operations that need other requests than the reference makes: not changed, without a body in the answer, an address
 * that is too long, HEAD and OPTIONS.
 */
export function furtherAnswers(asking: PlannedWorld, { id, entity, verb, usual }: Further): readonly ProbeCase[] {
  const { model } = asking.reference
  const sent = httpRequestOf(model, usual.request)
  const at = `${restBase(model)}/${entity.path}`
  const { user } = usual
  const one = (label: string, claim: string, ask: ProbeCase['ask'], rows?: ProbeCase['rows']): ProbeCase =>
    probeOf(`${claim}/${label}`, { claim, user, goals: [label.split('-')[0] ?? label], ask, ...(rows === undefined ? {} : { rows }) })
  const allows =
    (url: string, methods: readonly string[]): ProbeCase['ask'] =>
    (tools) =>
      askOnce(
        tools,
        { method: 'OPTIONS', url, token: tools.tokenOf(user) },
        { statuses: [204], why: 'OPTIONS lists the methods of an address', check: (answer) => allowMismatch(answer, methods) },
      )
  switch (verb) {
    case 'list':
      return [
        one('200', `answers/${entity.name}.head-list`, headOf(sent, user)),
        ...refusals(asking, { id: `answers/${entity.name}.head-list`, user, sent: { ...sent, method: 'HEAD' } }),
        one('204', `answers/${entity.name}.options-list`, allows(at, ['GET', 'HEAD', 'OPTIONS'])),
        one('405', id, wrongMethod('DELETE', at, user)),
      ]
    case 'get':
      return [
        rowHeaders({ id, user, sent }, 200),
        one('304', id, unchanged(sent, user)),
        one('200', `answers/${entity.name}.head`, headOf(sent, user)),
        ...refusals(asking, { id: `answers/${entity.name}.head`, user, sent: { ...sent, method: 'HEAD' } }),
        one('304', `answers/${entity.name}.head`, unchanged({ ...sent, method: 'HEAD' }, user)),
        one(
          '404',
          `answers/${entity.name}.head`,
          headOf({ ...sent, url: `${at}/${absentId(sent.url.split('/').at(-1) ?? '')}` }, user, 404),
        ),
        one('414', `answers/${entity.name}.head`, tooLong(at, { ...sent, method: 'HEAD' }, user)),
        one('204', `answers/${entity.name}.options`, allows(sent.url, ['GET', 'HEAD', 'OPTIONS'])),
        one('405', id, wrongMethod('POST', sent.url, user)),
        one('414', id, tooLong(at, sent, user)),
      ]
    case 'create':
      return [
        rowHeaders({ id, user, sent, rows: writtenRows(usual) }, 201),
        one('201-minimal', id, minimal(sent, { user, status: 201 }), writtenRows(usual)),
        ...(answersAlike(asking.reference.design.entities[entity.name])
          ? []
          : [one('422', id, otherRequest(sent, user), writtenRows(usual))]),
        ...(answersAlike(asking.reference.design.entities[entity.name])
          ? []
          : refusals(asking, { id: `answers/${entity.name}.create-many`, user, sent: { ...sent, url: `${at}/bulk`, body: [sent.body] } })),
      ]
    case 'update':
    case 'replace':
      return [
        rowHeaders({ id, user, sent, rows: writtenRows(usual) }, 200),
        one('204-minimal', id, minimal(sent, { user, status: 204 }), writtenRows(usual)),
        one('414', id, tooLong(at, sent, user)),
        one('422', id, otherRequest(sent, user), writtenRows(usual)),
      ]
    case 'delete':
      return [
        one('414', id, tooLong(at, sent, user)),
        ...(endsCaller(asking, usual) ? [] : [one('422', id, otherRequest(sent, user), writtenRows(usual))]),
      ]
  }
}

function allowMismatch({ headers, text }: Answered, methods: readonly string[]): string | null {
  const named = String(headers.allow ?? '')
    .split(',')
    .map((name) => name.trim())
  const missing = methods.filter((method) => !named.includes(method))
  if (missing.length > 0) return `Allow is ${headers.allow}, without ${missing.join(', ')}`
  return text === '' ? null : 'the answer to OPTIONS has a body'
}

/** A key with one request, and then with another one. */
function otherRequest(sent: SentOverHttp, user: string | null): ProbeCase['ask'] {
  return async (tools) => {
    const keyed = withHeader(sent, 'idempotency-key', randomUUID())
    const token = tools.tokenOf(user)
    const first = await tools.send({ ...keyed, token })
    const other = withHeader(keyed, sent.method === 'POST' ? 'prefer' : 'if-match', sent.method === 'POST' ? 'return=minimal' : '"999999"')
    const why = 'the key belongs to another request'
    const answer = await tools.send({ ...other, token })
    const wrong =
      first.status < 300
        ? answerMismatch(answer, { statuses: [422], code: 'idempotency_mismatch', why })
        : `the first request is answered ${first.status}`
    return { wrong, statuses: [422], why, sent: other, answer }
  }
}

/** HEAD has the status of GET and no body. */
function headOf(sent: SentOverHttp, user: string | null, status = 200): ProbeCase['ask'] {
  return (tools) =>
    askOnce(
      tools,
      { ...sent, method: 'HEAD', token: tools.tokenOf(user) },
      {
        statuses: [status],
        why: 'HEAD is answered as GET, without the body',
        check: ({ text }) => (text === '' ? null : 'HEAD has a body'),
      },
    )
}

function wrongMethod(method: string, url: string, user: string | null): ProbeCase['ask'] {
  return (tools) =>
    askOnce(
      tools,
      { method, url, token: tools.tokenOf(user) },
      {
        statuses: [405],
        code: 'method_not_allowed',
        why: 'the address has no such method',
        check: ({ headers }) => (String(headers.allow ?? '').includes('OPTIONS') ? null : `Allow is ${headers.allow}`),
      },
    )
}

function tooLong(at: string, sent: SentOverHttp, user: string | null): ProbeCase['ask'] {
  return (tools) =>
    askOnce(
      tools,
      { ...sent, url: `${at}/${LONG_ID}`, token: tools.tokenOf(user) },
      { statuses: [414], code: 'uri_too_long', why: 'no id has 600 characters' },
    )
}

/** A row that was read, asked again with its ETag, and with another one. */
function unchanged(sent: SentOverHttp, user: string | null): ProbeCase['ask'] {
  return async (tools) => {
    const token = tools.tokenOf(user)
    const first = await tools.send({ ...sent, token })
    const etag = String(first.headers.etag ?? '')
    const why = 'the row has not changed since this ETag'
    const again = await tools.send({ ...withHeader(sent, 'if-none-match', etag), token })
    const other = await tools.send({ ...withHeader(sent, 'if-none-match', '"999999.other"'), token })
    const wrong =
      first.status !== 200 || etag === ''
        ? `status ${first.status} with ETag ${etag}, expected 200 with one`
        : (answerMismatch(again, { statuses: [304], why, check: ({ text }) => (text === '' ? null : '304 has a body') }) ??
          (other.status === 200 && (sent.method === 'HEAD' || other.text === first.text)
            ? null
            : `with another ETag status ${other.status}, expected 200 with the row`))
    return { wrong, statuses: [304], why, sent: withHeader(sent, 'if-none-match', etag), answer: again }
  }
}

function minimal(sent: SentOverHttp, { user, status }: { readonly user: string | null; readonly status: number }): ProbeCase['ask'] {
  return (tools) =>
    askOnce(
      tools,
      { ...withHeader(sent, 'prefer', 'return=minimal'), token: tools.tokenOf(user) },
      {
        // An account whose login may be taken is answered in the same way whether it is or not.
        statuses: status === 201 ? [201, 202] : [status],
        why: '`Prefer: return=minimal` leaves the body out',
        check: ({ status: given, headers, text }) => {
          if (text !== '') return 'the answer has a body'
          const said = headers['preference-applied']
          return given === 202 || said === 'return=minimal' ? null : `Preference-Applied is ${said}`
        },
      },
    )
}

/** The rows that the request must lead to, judged on the rows of the run. */
function writtenRows({ user, request }: UsualRequest): NonNullable<ProbeCase['rows']> {
  return (reference, after) => changeMismatch(reference, expectationOf(reference, user, request).change, after)
}
