/** Forms of requests about the file of a row: what the reference of files refuses, and what it answers (docs/reference/files.md). */

import { restBase } from '../../../model/address/served.ts'
import type { Model } from '../../../model/model.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { type StoredPlace, sampleOf } from '../../security/files/stored-files.ts'

/** A request about a file, and its answer. */
export interface FileForm {
  readonly goal: string
  readonly sent: SentOverHttp
  readonly status: number
  readonly code?: string
  /** What is wrong with the answer; null if nothing is. */
  readonly check?: (answer: Answered) => string | null
}

const HOUR = 3_600
/** A link lives for a week at most. */
const WEEK = 604_800
/** By how many seconds clocks and busy machines may differ. */
const NEAR = 60
/** A larger file takes too long to send. */
const MOST_BYTES = 10_485_760

/** The forms for a row with a file. */
export function fileForms(model: Model, place: StoredPlace, id: string): readonly FileForm[] {
  const { entity, field } = place
  const row = `${restBase(model)}/${entity.path}/${encodeURIComponent(id)}`
  const at = `${row}/${encodeURIComponent(field.name)}`
  const uploads = `${restBase(model)}/${entity.path}/${encodeURIComponent(field.name)}/uploads`
  const { bytes, type } = sampleOf(field)
  const { max } = field.type
  const json = (goal: string, url: string, body: unknown): FileForm => ({
    ...{ goal, sent: { method: 'POST', url, body: JSON.stringify(body) }, status: 400, code: 'validation_failed' },
  })
  const get = (goal: string, query: string, status: number, code?: string): FileForm => ({
    ...{ goal, sent: { method: 'GET', url: `${at}?${query}` }, status },
    ...(code === undefined ? {} : { code }),
  })
  const put = (
    goal: string,
    [status, code]: readonly [number, string],
    more: Partial<SentOverHttp> & { readonly query?: string },
  ): FileForm => ({
    ...{ goal, status, code },
    sent: {
      method: 'PUT',
      url: `${at}?${more.query ?? 'name=x'}`,
      headers: { 'content-type': type, ...more.headers },
      body: more.body ?? bytes,
    },
  })
  const lives = (goal: string, body: unknown, seconds: number): FileForm => ({
    ...{ goal, sent: { method: 'POST', url: `${at}/link`, ...(body === undefined ? {} : { body }) }, status: 200 },
    check: ({ json: said }) => {
      const left = (Date.parse(said?.expiresAt) - Date.now()) / 1_000
      return Math.abs(left - seconds) <= NEAR ? null : `the link ends in ${Math.round(left)} seconds, expected ${seconds}`
    },
  })
  return [
    ...(model.identity === null
      ? []
      : [
          ...[
            [],
            'x',
            { expiresIn: 0 },
            { expiresIn: -1 },
            { expiresIn: WEEK + 1 },
            { expiresIn: 1.5 },
            { expiresIn: '600' },
            { expiresIn: null },
          ].map((body, i) => json(`link-${i}`, `${at}/link`, body)),
          json('link-unknown-member', `${at}/link`, { nothing: 1 }),
          lives('link-of-an-hour', undefined, HOUR),
          lives('link-of-a-week', { expiresIn: WEEK }, WEEK),
          lives('link-of-ten-minutes', { expiresIn: 600 }, 600),
        ]),
    ...[[], 'x', { size: -1 }, { size: 1.5 }, { size: '1' }, { size: null }, { name: 1 }].map((body, i) =>
      json(`ticket-${i}`, uploads, body),
    ),
    json('ticket-unknown-member', uploads, { nothing: 1 }),
    { goal: 'ticket-too-large', sent: { method: 'POST', url: uploads, body: { size: max + 1 } }, status: 413, code: 'file_too_large' },
    {
      ...{ goal: 'ticket-of-the-limit', sent: { method: 'POST', url: uploads, body: { size: max } }, status: 201 },
      check: ({ json: said }) =>
        said?.maxBytes === max && said?.method === 'PUT' ? null : `the ticket says ${said?.maxBytes}, ${said?.method}`,
    },
    get('download-unknown', 'download=yes', 400, 'invalid_parameter'),
    get('download-twice', 'download=true&download=true', 400, 'invalid_parameter'),
    get('unknown-parameter', 'nothing=1', 400, 'unknown_parameter'),
    get('link-without-signature', 'expires=9999999999', 403, 'invalid_link'),
    get('link-without-end', 'signature=x', 403, 'invalid_link'),
    get('link-made-up', 'expires=9999999999&signature=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 403, 'invalid_link'),
    get('link-with-another-end', 'expires=soon&signature=x', 403, 'invalid_link'),
    {
      ...get('saved', 'download=true', 200),
      check: ({ headers }) => {
        const said = String(headers['content-disposition'])
        return said.startsWith('attachment') ? null : `Content-Disposition is ${said}`
      },
    },
    put('part', [400, 'partial_upload'], { headers: { 'content-range': 'bytes 0-1/10' } }),
    put('compressed', [415, 'encoded_upload'], { headers: { 'content-encoding': 'gzip' } }),
    put('empty', [400, 'empty_file'], { body: Buffer.alloc(0) }),
    put('name-twice', [400, 'invalid_parameter'], { query: 'name=a&name=b' }),
    put('put-unknown-parameter', [400, 'unknown_parameter'], { query: 'nothing=1' }),
    ...(max > MOST_BYTES
      ? []
      : [put('too-large', [413, 'file_too_large'], { body: Buffer.concat([bytes, Buffer.alloc(max + 1 - bytes.length)]) })]),
    {
      ...{ goal: 'unknown-ticket', status: 404, code: 'unknown_upload' },
      sent: { method: 'PUT', url: `${uploads}/upload_nothingOfThisName`, headers: { 'content-type': type }, body: bytes },
    },
    ...['upload_nothingOfThisName', 1, {}, 'x.png'].map((value, i) => ({
      ...{ goal: `value-${i}`, status: 400, code: 'validation_failed' },
      sent: { method: 'PATCH', url: row, body: { [field.name]: value } },
    })),
  ]
}
