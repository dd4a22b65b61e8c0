/** F201 for names of files: whatever the sender calls a file, the header of its answers has one name, which is that of the row. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeRequest } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { Answered } from '../../expected/answered.ts'
import { fileDoors, formOf, linkTo, type Storing, sampleOf, storedAndRead } from '../files/stored-files.ts'
import type { SecurityProbe } from '../probes.ts'

/** Names that end a quoted text, begin a parameter or a line, are encoded, or change the direction of writing. */
const NAMES = [
  ...[
    'a"; filename="b.html',
    'a.png"; x="',
    '"',
    'a;b=c.png',
    "a'b.png",
    "UTF-8''b.html",
    'a\\".html',
    'a\\',
    '50%.png',
    '%22; filename=b.html',
  ],
  ...[
    'a%0d%0aset-cookie: a=b',
    'a\r\nset-cookie: a=b\r\n\r\n<script>',
    'a\nb',
    'ä€😀.png',
    '\u202egnp.exe',
    '..%2f..%2fb',
    '../../b',
    '<script>.html',
  ],
  ...['a,b=c', ' a ', '.', 'x'.repeat(300)],
]

/** RFC 6266 with RFC 8187: a type, `filename` as a quoted text, and `filename*`, each at most once. */
const DISPOSITION =
  /^(?:inline|attachment)(?:; filename="((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*)")?(?:; filename\*=UTF-8''((?:[\w!#$&+.^`|~-]|%[0-9A-F]{2})*))?$/

/** One probe for each field that holds files, by a caller who may change and read the file of some row. */
export function fileNames(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return storedAndRead(asking, entity).map(({ storing, row }) => probeOf(asking, storing, String(row.id)))
}

function probeOf({ reference: { model } }: PlannedWorld, storing: Storing, id: string): SecurityProbe {
  const { entity, field, by } = storing
  const [get] = fileDoors(model, storing)
  const at = get?.to(id).url ?? ''
  return {
    goal: `file-names-${field.name}`,
    user: by,
    async ask(tools) {
      const token = tools.tokenOf(by)
      const why = 'the name of a file is a text, and no part of the header'
      let last: { readonly sent: ProbeRequest; readonly answer: Answered } | null = null
      for (const [n, name] of NAMES.entries()) {
        const put = sendingAs(name, n, { at, token, ...sampleOf(field) })
        const stored = await tools.send(put)
        last = { sent: put, answer: stored }
        if (stored.status >= 500) return outcomeOf(`${JSON.stringify(name)}: status ${stored.status}`, why, last)
        if (stored.status !== 200) continue
        const row = await tools.send({ method: 'GET', url: `${restBase(model)}/${entity.path}/${encodeURIComponent(id)}`, token })
        const link = n % 4 === 0 ? await linkTo(tools, model, { entity, field, id, token }) : null
        const reads: readonly ProbeRequest[] = [
          { method: 'GET', url: at, token },
          { method: 'HEAD', url: `${at}?download=true`, token },
          ...(link === null ? [] : [{ method: 'GET', url: link, token: null }]),
        ]
        for (const sent of reads) {
          const answer = await tools.send(sent)
          last = { sent, answer }
          const wrong = otherName(answer, row.json?.[field.name]?.name)
          if (wrong !== null) return outcomeOf(`the name ${JSON.stringify(name.slice(0, 40))}: ${wrong}`, why, last)
        }
      }
      return outcomeOf(
        null,
        why,
        last ?? { sent: { method: 'GET', url: at, token }, answer: await tools.send({ method: 'GET', url: at, token }) },
      )
    },
    // A row with a file has another version.
    rows: () => null,
  }
}

function outcomeOf(wrong: string | null, why: string, { sent: { token: _, ...sent }, answer }: { sent: ProbeRequest; answer: Answered }) {
  return { wrong, statuses: [200, 400], why, sent, answer }
}

interface Sending {
  readonly at: string
  readonly token: string | null
  readonly bytes: Buffer
  readonly type: string
}

/** The file with a name in the query, the header, or a form, in turn. */
function sendingAs(name: string, n: number, { at, token, bytes, type }: Sending): ProbeRequest {
  const quoted = name.replaceAll(/["\\]/g, '\\$&')
  const isPlain = /^[\x20-\x7e]*$/.test(name)
  if (n % 3 === 1 && isPlain)
    return {
      method: 'PUT',
      url: at,
      headers: { 'content-type': type, 'content-disposition': `attachment; filename="${quoted}"` },
      body: bytes,
      token,
    }
  if (n % 3 === 2 && !/[\r\n]/.test(name)) return { method: 'PUT', url: at, ...formOf(bytes, type, quoted), token }
  return { method: 'PUT', url: `${at}?name=${encodeURIComponent(name)}`, headers: { 'content-type': type }, body: bytes, token }
}

/** What is wrong with the header of an answer about a file. @param shown the name that the row has */
function otherName({ status, headers }: Answered, shown: unknown): string | null {
  if (status !== 200) return `status ${status}`
  const said = String(headers['content-disposition'] ?? '')
  const found = DISPOSITION.exec(said)
  if (found === null) return `Content-Disposition is ${said}`
  if (headers['set-cookie'] !== undefined) return 'the answer sets a cookie'
  const [, plain, extended] = found
  const name = extended === undefined ? plain?.replaceAll(/\\(.)/g, '$1') : decodeURIComponent(extended)
  return name === shown ? null : `Content-Disposition names ${name}, and the row ${shown}`
}
