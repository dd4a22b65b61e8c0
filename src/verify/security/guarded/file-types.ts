/** F201 for files of known types: their first bytes say what they are, at each way to read them, whatever the sender says and appends. */

import { sampleFile } from '../../../base/media/sample-file.ts'
import { fileFieldsOf } from '../../../model/files/file-fields.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeRequest, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { Answered } from '../../expected/answered.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { changeStatuses, fileDoors, isAsked, linkTo, type StoredPlace } from '../files/stored-files.ts'
import { BROWSER, type SecurityProbe } from '../probes.ts'

/** Types whose first bytes are theirs alone. Of two kinds of text, the sender says which one it is. */
const TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'application/zip',
  'audio/mpeg',
  'video/mp4',
] as const

/** What a sender may say. */
const DECLARED = ['text/html', 'image/svg+xml', 'text/xml; charset=utf-8', 'application/xhtml+xml', 'text/html; charset=utf-7'] as const

const MARKUP = '<html><script>alert(1)</script></html>'

/** Room for the first bytes and the markup. */
const LEAST_MAX = 1_000

/** One probe for each field of files that takes one of the types, by a caller who may change and read some row. */
export function fileTypes(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference, world } = asking
  return fileFieldsOf(entity).flatMap((field): readonly SecurityProbe[] => {
    const place = { entity, field }
    const types = TYPES.filter((type) => field.type.accept?.some((one) => one === type || one === `${type.split('/', 1)[0]}/*`) !== false)
    if (!isAsked(asking, place) || field.type.max < LEAST_MAX || types.length === 0) return []
    const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
    for (const user of [...world.accounts, null]) {
      const sight = reference.sightOf(user)
      const row = rows.find((one) => {
        const isRead = sight.sees(entity.name, one) && sight.seesField(entity.name, field.name, one)
        return isRead && changeStatuses(asking, place, { user, row: one }).every((status) => status === 200)
      })
      if (row !== undefined) return [probeOf(asking, place, { user, row, types })]
    }
    return []
  })
}

interface Typed {
  readonly user: string | null
  readonly row: PlainRow
  readonly types: readonly string[]
}

function probeOf({ reference: { model } }: PlannedWorld, place: StoredPlace, { user, row, types }: Typed): SecurityProbe {
  const { field } = place
  const id = String(row.id)
  const put = fileDoors(model, place)
    .find(({ name }) => name.startsWith('file-put-'))
    ?.to(id) ?? { method: 'PUT', url: '' }
  return {
    goal: `file-types-${field.name}`,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'the first bytes of a file say what it is'
      let last = null
      for (const [n, type] of types.entries()) {
        const sample = sampleFile({ accept: [type], max: LEAST_MAX })
        const declared = DECLARED[n % DECLARED.length] ?? 'text/html'
        const body = Buffer.concat([sample?.bytes ?? Buffer.alloc(0), Buffer.from(`\n${MARKUP}`)])
        const sent = { ...put, headers: { 'content-type': declared }, body }
        const stored = await tools.send({ ...sent, token })
        last = { sent, answer: stored }
        if (stored.status >= 500) return { wrong: `status ${stored.status}`, statuses: [200], why, ...last }
        if (stored.status !== 200) continue
        const told: unknown = stored.json?.[field.name]?.type
        if (typeof told === 'string' && told !== type)
          return { wrong: `the row says ${told} of bytes of ${type}`, statuses: [200], why, ...last }
        for (const read of await readsOf(tools, model, place, { id, token })) {
          const answer = await tools.send(read)
          last = { sent: read, answer }
          const wrong = otherType(answer, type)
          if (wrong !== null)
            return { wrong: `${read.method} of bytes of ${type}, sent as ${declared}: ${wrong}`, statuses: [200], why, ...last }
        }
      }
      const { sent, answer } = last ?? { sent: put, answer: await tools.send({ ...put, token }) }
      return { wrong: null, statuses: [200, 415], why, sent, answer }
    },
    // A row with a file has another version.
    rows: () => null,
  }
}

/** Each way to read the file: by the rights of the caller and by a link, whole, in part, its headers alone, and as a browser does. */
async function readsOf(
  tools: ProbeTools,
  model: PlannedWorld['reference']['model'],
  place: StoredPlace,
  { id, token }: { readonly id: string; readonly token: string | null },
): Promise<readonly ProbeRequest[]> {
  const [get] = fileDoors(model, place)
  const link = await linkTo(tools, model, { ...place, id, token })
  const addresses = [{ url: get?.to(id).url ?? '', token }, ...(link === null ? [] : [{ url: link, token: null }])]
  return addresses.flatMap((at) => [
    { method: 'GET', ...at },
    { method: 'HEAD', ...at },
    { method: 'GET', ...at, headers: BROWSER },
    // The part that is markup alone.
    { method: 'GET', ...at, headers: { ...BROWSER, range: `bytes=-${MARKUP.length}` } },
  ])
}

function otherType({ status, headers }: Answered, type: string): string | null {
  if (status >= 400) return `status ${status}`
  const said = String(headers['content-type'] ?? '').split(';', 1)[0]
  if (said !== type) return `the answer is ${said || 'of no type'}`
  return headers['x-content-type-options'] === 'nosniff' ? null : 'the file has no X-Content-Type-Options: nosniff'
}
