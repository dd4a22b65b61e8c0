/** F100 and F104 for uploads that must be refused: in each form, at each door, and nothing of them remains. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import type { ProbeTools, Traces } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { type StoredAndRead, sampleOf, storedAndRead } from '../files/stored-files.ts'
import type { SecurityProbe } from '../probes.ts'

/** A body that must be refused, with its headers. */
interface RefusedUpload {
  readonly label: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Whether it may be taken as well: a receiver may read it either way. */
  readonly isOpen?: true
}

const BOUNDARY = 'part-of-verify'
const FORM = `multipart/form-data; boundary=${BOUNDARY}`
const HEAD = 'content-disposition: form-data; name="file"; filename="x"'
/** Bytes of a head that is longer than any that is read. */
const LONG_HEAD = 9_000
/** A file of more bytes than its field takes is sent only if it is not larger. */
const MOST_BYTES = 8 * 1_024 * 1_024

/** Bodies of forms whose grammar is broken, or that hold no file or two. */
function brokenForms(bytes: Buffer, type: string): readonly RefusedUpload[] {
  const part = (head: string, content: Buffer | string = bytes): Buffer =>
    Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n${head}`), Buffer.from(content as Buffer)])
  const end = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
  const head = `${HEAD}\r\ncontent-type: ${type}\r\n\r\n`
  const whole = Buffer.concat([part(head), end])
  const form = (label: string, body: string | Buffer, headers = FORM): RefusedUpload => ({
    label,
    headers: { 'content-type': headers },
    body,
  })
  const twice = Buffer.concat([part(head), Buffer.from('\r\n'), part(head), end])
  return [
    form('no-boundary', whole, 'multipart/form-data'),
    form('empty-boundary', whole, 'multipart/form-data; boundary='),
    form('long-boundary', whole, `multipart/form-data; boundary=${'b'.repeat(400)}`),
    form('other-boundary', whole, 'multipart/form-data; boundary=another'),
    form('empty', ''),
    form('only-end', `--${BOUNDARY}--\r\n`),
    form('no-parts', 'text'),
    form('head-without-end', `--${BOUNDARY}\r\n${HEAD}`),
    form('no-blank-line', Buffer.concat([part(`${HEAD}\r\ncontent-type: ${type}\r\n`, `\r--${BOUNDARY}--\r\n`)])),
    form('long-head', Buffer.concat([part(`${HEAD}\r\nx-long: ${'x'.repeat(LONG_HEAD)}\r\n\r\n`), end])),
    form('many-heads', Buffer.concat([part(`${HEAD}\r\n${'x: y\r\n'.repeat(LONG_HEAD / 6)}\r\n`), end])),
    form('head-without-colon', Buffer.concat([part('nothing\r\n\r\n'), end])),
    form('no-disposition', Buffer.concat([part(`content-type: ${type}\r\n\r\n`), end])),
    form('two-files', twice),
    form('field-before', Buffer.concat([Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n`), whole])),
    form('cut', whole.subarray(0, whole.length - 12)),
    form('cut-in-file', part(head, bytes.subarray(0, Math.ceil(bytes.length / 2)))),
    { ...form('behind-the-end', Buffer.concat([whole, Buffer.from(`--${BOUNDARY}\r\n${HEAD}\r\n\r\nmore`)])), isOpen: true },
    { ...form('before-the-begin', Buffer.concat([Buffer.from('text\r\n'), whole])), isOpen: true },
    { ...form('bare-line-feeds', whole.toString('latin1').replaceAll('\r\n', '\n')), isOpen: true },
  ]
}

/** Files that must be refused for what they are. */
function refusedFiles({ storing: { field } }: StoredAndRead): readonly RefusedUpload[] {
  const { bytes, type } = sampleOf(field)
  const { max, accept } = field.type
  const plain = (label: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): RefusedUpload => ({
    label,
    headers: { 'content-type': type, ...headers },
    body,
  })
  const isAny = accept === null || accept.some((one) => /^(?:\*|application\/octet-stream|text\/)/.test(one))
  return [
    plain('no-bytes', Buffer.alloc(0)),
    plain('part-of-a-file', bytes, { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length * 2}` }),
    plain('encoded', bytes, { 'content-encoding': 'gzip' }),
    ...(isAny ? [] : [plain('another-type', Buffer.from('only a text'))]),
    ...(max >= MOST_BYTES ? [] : [plain('too-large', Buffer.concat([bytes, Buffer.alloc(max - bytes.length + 1)]))]),
  ]
}

/** `unknown-row` is the address of a row that does not exist. */
type Door = 'address' | 'ticket' | 'unknown-row'

/** The probes of an entity about the forms of uploads. */
export function hostileForms(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return storedAndRead(asking, entity).map((at) => {
    const { bytes, type } = sampleOf(at.storing.field)
    const goal = `file-${at.storing.field.name}/forms`
    return probeOf(asking, at, { goal, uploads: brokenForms(bytes, type), doors: ['address', 'ticket'] })
  })
}

/** Uploads of one caller that may wait at the same time. */
const MOST_WAITING = 100

/** The probes of an entity about what refused uploads leave. */
export function refusedUploads(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return storedAndRead(asking, entity).map((at) =>
    probeOf(asking, at, {
      goal: `file-${at.storing.field.name}/refused`,
      uploads: refusedFiles(at),
      doors: ['address', 'unknown-row', 'ticket'],
    }),
  )
}

interface Refusing {
  readonly goal: string
  readonly uploads: readonly RefusedUpload[]
  readonly doors: readonly Door[]
  /** Sent once more than uploads of a caller may wait: none of them counts. */
  readonly often?: RefusedUpload | undefined
}

const WHY = 'an upload that is refused leaves nothing, and is no error of the server'

function probeOf(
  { reference: { model } }: PlannedWorld,
  { storing, row }: StoredAndRead,
  { goal, uploads, doors, often }: Refusing,
): SecurityProbe {
  const { entity, field, by } = storing
  const at = `${restBase(model)}/${entity.path}`
  const name = encodeURIComponent(field.name)
  const addressOf = async (door: Door, tools: ProbeTools): Promise<string | null> => {
    if (door === 'address') return `${at}/${encodeURIComponent(String(row.id))}/${name}`
    if (door === 'unknown-row') return `${at}/${encodeURIComponent(absentId(String(row.id)))}/${name}`
    const { json } = await tools.send({ method: 'POST', url: `${at}/${name}/uploads`, body: { name: 'x' }, token: tools.tokenOf(by) })
    return typeof json?.url === 'string' ? new URL(json.url, 'http://localhost').pathname : null
  }
  return {
    goal,
    user: by,
    async ask(tools) {
      const outcome = { statuses: [400, 404, 413, 415], why: WHY }
      const first: SentOverHttp = { method: 'PUT', url: `${at}/${encodeURIComponent(String(row.id))}/${name}` }
      let last = { sent: first, answer: await tools.send({ ...first, method: 'HEAD', token: tools.tokenOf(by) }) }
      for (const door of doors) {
        for (const { label, headers, body, isOpen } of uploads) {
          const url = await addressOf(door, tools)
          if (url === null) break
          const traces = await tools.traces()
          const sent: SentOverHttp = { method: 'PUT', url, headers, body }
          // Whoever has the address of a ticket may send to it.
          const answer = await tools.send({ ...sent, token: door === 'ticket' ? null : tools.tokenOf(by) })
          last = { sent: { ...sent, body: `${String(body).slice(0, 200)}…` }, answer }
          const wrong = wrongWith(answer.status, isOpen === true)
          if (wrong !== null) return { ...outcome, ...last, wrong: `${door}: ${label}: ${wrong}` }
          const left = answer.status < 300 ? null : moreThan(traces, await tools.traces())
          if (left !== null) return { ...outcome, ...last, wrong: `${door}: ${label}: ${left}` }
        }
      }
      for (let n = 0; often !== undefined && n <= MOST_WAITING; n++) {
        const sent: SentOverHttp = { method: 'PUT', url: first.url, headers: often.headers, body: often.body }
        last = { sent, answer: await tools.send({ ...sent, token: tools.tokenOf(by) }) }
        const wrong = wrongWith(last.answer.status, false)
        if (wrong !== null || last.answer.status === 429)
          return { ...outcome, ...last, wrong: `${n} refused uploads: status ${last.answer.status}` }
      }
      if (often !== undefined && (await addressOf('ticket', tools)) === null)
        return { ...outcome, ...last, wrong: `after ${MOST_WAITING + 1} refused uploads, no other one may wait` }
      return { ...outcome, ...last, wrong: null }
    },
    ...(uploads.some(({ isOpen }) => isOpen) ? { rows: () => null } : {}),
  }
}

function wrongWith(status: number, isOpen: boolean): string | null {
  const isRefused = status >= 400 && status < 500
  return isRefused || (isOpen && status < 300) ? null : `status ${status}`
}

/** What there is more of in a table of the backend or in its storage. Fewer are none of these requests: what has ended is removed. */
function moreThan(before: Traces, after: Traces): string | null {
  const more = Object.entries(after).find(([name, now]) => Number(now) > Number(before[name] ?? 0))
  return more === undefined ? null : `${more[0]}: ${before[more[0]]} became ${more[1]}`
}
