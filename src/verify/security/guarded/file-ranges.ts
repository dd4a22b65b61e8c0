/**
 * F100 for parts of files: whatever `Range` says, a file is answered whole, in part or not at all, and never with other bytes. What a range
 * means is that of RFC 9110, section 14; nothing here is shared with the reader of the header.
 */

import type { Entity } from '../../../model/model.ts'
import type { ProbeOutcome, ProbeRequest, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { Answered } from '../../expected/answered.ts'
import { fileDoors, linkTo, type Storing, sampleOf, storedAndRead } from '../files/stored-files.ts'
import type { SecurityProbe } from '../probes.ts'

const WHY = 'a part of a file has the bytes that were asked for, and no range is an error of the server'

/** The part that must be sent, or a status; null where the file may be sent whole, in part, or not. */
type Due = readonly [first: number, last: number] | 200 | 304 | 416 | null

/** Headers, and what they lead to. */
interface AskedPart {
  readonly headers: Readonly<Record<string, string>>
  readonly due: Due
}

/** Ranges of a file of `n` bytes of which one part, or none, is meant. */
function clearRanges(n: number): readonly (readonly [range: string, due: Due])[] {
  const last = n - 1
  return [
    ['0-', [0, last]],
    ['0-0', [0, 0]],
    ['1-2', [1, 2]],
    [`${last}-`, [last, last]],
    [`${last}-${last}`, [last, last]],
    [`${last - 1}-${n}`, [last - 1, last]],
    [`0-${'9'.repeat(15)}`, [0, last]],
    ['-1', [last, last]],
    [`-${last}`, [1, last]],
    [`-${n}`, [0, last]],
    [`-${n + 1}`, [0, last]],
    [`-${'9'.repeat(15)}`, [0, last]],
    [`${n}-`, 416],
    [`${n}-${n}`, 416],
    [`${n + 1}-`, 416],
    [`${'9'.repeat(15)}-`, 416],
    ['-0', 416],
  ]
}

/** Ranges with a mistake, with several parts, or of more digits than any file has bytes. */
const UNCLEAR = [
  ...['bytes=5-2', 'bytes=', 'bytes', 'bytes=-', 'bytes=a-b', 'bytes=--1', 'bytes=0-1-2', 'bytes=0x0-1', 'bytes=1e0-2', 'bytes=0.5-1'],
  ...['bytes=0-0,-1', 'bytes=0-0, 2-3', 'bytes=0-,0-,0-', 'bytes=0-0,99999999-', 'bytes=,', 'bytes=0-0,', `bytes=${'0-0,'.repeat(200)}0-0`],
  ...[`bytes=${'9'.repeat(16)}-`, `bytes=${'9'.repeat(40)}-`, `bytes=0-${'9'.repeat(40)}`, `bytes=-${'9'.repeat(40)}`, `bytes=-${2 ** 53}`],
  ...[
    'items=0-1',
    'BYTES=0-0',
    'bytes = 0 - 0',
    '0-1',
    '=',
    '',
    'bytes=NaN-',
    'bytes=-Infinity',
    'bytes=null',
    `bytes=0-${'0'.repeat(120)}1`,
  ],
]

/** What is asked of a file of `n` bytes with this tag. */
function partsOf(n: number, tag: string): readonly AskedPart[] {
  const part: Due = [1, 2]
  const asked = (due: Due, headers: Readonly<Record<string, string>>): AskedPart => ({ headers: { range: 'bytes=1-2', ...headers }, due })
  return [
    ...clearRanges(n).map(([range, due]) => asked(due, { range: `bytes=${range}` })),
    ...UNCLEAR.map((range) => asked(null, { range })),
    asked(part, { 'if-range': tag }),
    asked(416, { 'if-range': tag, range: `bytes=${n}-` }),
    // A part of another version would not fit the part that the client has (RFC 9110, section 13.1.5).
    ...['"another"', `W/${tag}`, tag.replaceAll('"', ''), 'Thu, 01 Jan 1970 00:00:00 GMT'].map((one) => asked(200, { 'if-range': one })),
    asked(304, { 'if-none-match': tag }),
    asked(304, { 'if-none-match': `W/${tag}`, range: `bytes=${n}-` }),
    asked(part, { 'if-none-match': '"another"' }),
  ]
}

/** One probe for each field that holds files, by a caller who may change and read the file of some row. */
export function fileRanges(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return storedAndRead(asking, entity)
    .filter(({ storing }) => sampleOf(storing.field).bytes.length >= LEAST_BYTES)
    .map(({ storing, row }) => probeOf(asking, storing, String(row.id)))
}

const AT_ONCE = 4
/** A file with a first part, a middle and a last byte. */
const LEAST_BYTES = 4

function probeOf({ reference: { model } }: PlannedWorld, storing: Storing, id: string): SecurityProbe {
  const { field, by } = storing
  const { bytes } = sampleOf(field)
  const [get] = fileDoors(model, storing)
  const at = get?.to(id).url ?? ''
  return {
    goal: `file-ranges-${field.name}`,
    user: by,
    async ask(tools) {
      const token = tools.tokenOf(by)
      const ask = (request: ProbeRequest, due: Due): Promise<ProbeOutcome> => askPart(tools, request, { bytes, due })
      const { token: _, ...put } = { ...storing.sent, token }
      const stored = await tools.send({ ...put, token })
      if (stored.status !== 200) return { wrong: `status ${stored.status}`, statuses: [200], why: WHY, sent: put, answer: stored }
      const link = await linkTo(tools, model, { ...storing, id, token })
      const whole = { method: 'GET', url: at, token }
      const first = await tools.send(whole)
      const parts = partsOf(bytes.length, String(first.headers.etag))
      const ways = [{ url: at, token }, ...(link === null ? [] : [{ url: link, token: null }])]
      const requests = ways.flatMap((way) =>
        ['GET', 'HEAD'].flatMap((method) => parts.map(({ headers, due }) => ({ request: { method, ...way, headers }, due }))),
      )
      let last = await ask(whole, 200)
      for (let i = 0; i < requests.length && last.wrong === null; i += AT_ONCE) {
        const group = requests.slice(i, i + AT_ONCE)
        const outcomes = await Promise.all(group.map(({ request, due }) => ask(request, due)))
        last = outcomes.find(({ wrong }) => wrong !== null) ?? last
      }
      return last.wrong === null ? ask(whole, 200) : last
    },
    // A row with a file has another version.
    rows: () => null,
  }
}

async function askPart(
  tools: ProbeTools,
  request: ProbeRequest,
  { bytes, due }: { readonly bytes: Buffer; readonly due: Due },
): Promise<ProbeOutcome> {
  const answer = await tools.send(request)
  const { token: _, ...sent } = request
  const wrong = request.method === 'HEAD' ? wrongHead(answer, due) : wrongPart(answer, bytes, due)
  const named = `${request.method} with ${JSON.stringify(request.headers ?? {}).slice(0, 200)}: ${wrong}`
  return { wrong: wrong === null ? null : named, statuses: statusesOf(due), why: WHY, sent, answer }
}

function statusesOf(due: Due): readonly number[] {
  if (due === null) return [200, 206, 416]
  return typeof due === 'number' ? [due] : [206]
}

/** A range is defined for GET alone, so HEAD may also answer as without one. */
function wrongHead({ status, text }: Answered, due: Due): string | null {
  if (text !== '') return 'HEAD has a body'
  return [200, ...statusesOf(due)].includes(status) ? null : `status ${status}`
}

/** The bytes come as a text, so they are compared with those of the file as a text. */
function wrongPart({ status, headers, text }: Answered, bytes: Buffer, due: Due): string | null {
  if (!statusesOf(due).includes(status)) return `status ${status}, expected ${statusesOf(due).join(', ')}`
  const said = String(headers['content-range'] ?? '')
  if (status === 304) return text === '' ? null : '304 has a body'
  if (status === 416) return said === `bytes */${bytes.length}` ? null : `Content-Range is ${said}, expected bytes */${bytes.length}`
  const named = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(said)
  const [, first = 0, last = bytes.length - 1, size = bytes.length] = (named ?? []).map(Number)
  if (status === 200 ? said !== '' : named === null) return `Content-Range is ${JSON.stringify(said)}`
  const isDue = Array.isArray(due) ? first === due[0] && last === due[1] : true
  if (!isDue || size !== bytes.length || last >= size || first > last) return `Content-Range is ${said}, expected ${due} of ${bytes.length}`
  const part = bytes.subarray(first, last + 1)
  if (headers['content-length'] !== undefined && Number(headers['content-length']) !== part.length)
    return `Content-Length is ${headers['content-length']}, expected ${part.length}`
  return text === part.toString('utf8') ? null : `other bytes than those from ${first} to ${last}`
}
