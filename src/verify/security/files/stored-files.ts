/** Files of rows in questions of security: who may store them, the ways to reach them, and links to them. */

import { sampleFile } from '../../../base/media/sample-file.ts'
import { restBase } from '../../../model/address/served.ts'
import { fileFieldsOf, type HeldFile } from '../../../model/files/file-fields.ts'
import { type Entity, hasHooksFor, type Model } from '../../../model/model.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { ALL, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isLive } from '../../expected/reference.ts'
import { ACCESS_RULES, ruleOf } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'

/** A field that holds a file, and its entity. */
export interface StoredPlace {
  readonly entity: Entity
  readonly field: HeldFile
}

/** A way to ask for the file of a row, or to change it. */
export interface FileDoor {
  readonly name: string
  /** Whether it changes the file. */
  readonly writes: boolean
  readonly to: (id: string) => SentOverHttp
}

/** The bytes that are sent in questions about a field, and their media type; a text where nothing is known to be accepted. */
export function sampleOf({ type }: HeldFile): { readonly bytes: Buffer; readonly type: string } {
  return sampleFile(type) ?? { bytes: Buffer.from('x'), type: 'text/plain' }
}

/** The ways to the files of a field. */
export function fileDoors(model: Model, { entity, field }: StoredPlace): readonly FileDoor[] {
  const { bytes, type } = sampleOf(field)
  const at = (id: string, more = ''): string =>
    `${restBase(model)}/${entity.path}/${encodeURIComponent(id)}/${encodeURIComponent(field.name)}${more}`
  const read = (name: string, method: string, headers?: Readonly<Record<string, string>>): FileDoor => ({
    name: `${name}-${field.name}`,
    writes: false,
    to: (id) => ({ method, url: at(id), ...(headers === undefined ? {} : { headers }) }),
  })
  const form = formOf(bytes, type)
  return [
    read('file', 'GET'),
    read('file-head', 'HEAD'),
    read('file-range', 'GET', { range: 'bytes=0-0' }),
    { name: `file-link-${field.name}`, writes: false, to: (id) => ({ method: 'POST', url: at(id, '/link'), body: {} }) },
    {
      name: `file-put-${field.name}`,
      writes: true,
      to: (id) => ({ method: 'PUT', url: at(id, '?name=x'), headers: { 'content-type': type }, body: bytes }),
    },
    { name: `file-form-${field.name}`, writes: true, to: (id) => ({ method: 'PUT', url: at(id), ...form }) },
    { name: `file-delete-${field.name}`, writes: true, to: (id) => ({ method: 'DELETE', url: at(id) }) },
  ]
}

/** A form with one file (RFC 7578). @param name as it stands between quotes */
export function formOf(bytes: Buffer, type: string, name = 'x'): Pick<SentOverHttp, 'headers' | 'body'> {
  const boundary = 'part-of-verify'
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}

/** A file of a row, and the caller whose rights suffice to store it. */
export interface Storing extends StoredPlace {
  readonly by: string | null
  readonly sent: SentOverHttp
}

/**
 * Requests that give a row a file in each field that takes one. None where no caller may, where hooks may refuse it, or where rules ask for
 * the file or for what a write changes: the reference does not know these values.
 */
export function storingOf(asking: PlannedWorld, entity: Entity, row: PlainRow): readonly Storing[] {
  const { model } = asking.reference
  if (hasHooksFor(entity.hooks, 'update') || asksForVersions(asking, entity)) return []
  return fileFieldsOf(entity).flatMap((field): readonly Storing[] => {
    if (!isAsked(asking, { entity, field }) || sampleFile(field.type) === null) return []
    const by = [...asking.world.accounts, null].find((user) => mayStore(asking, { entity, field }, { user, row }))
    const put = fileDoors(model, { entity, field }).find(({ name }) => name.startsWith('file-put-'))
    return by === undefined || put === undefined ? [] : [{ entity, field, by, sent: put.to(String(row.id)) }]
  })
}

/** A field with the first row whose file some caller may change and read. */
export interface StoredAndRead {
  readonly storing: Storing
  readonly row: PlainRow
}

/**
 * For each field that holds files, a row whose file the same caller may change and read. Fields without such a row are left out.
 *
 * @param isMeant which rows are looked at; all unless given
 */
export function storedAndRead(
  asking: PlannedWorld,
  entity: Entity,
  isMeant: (row: PlainRow) => boolean = () => true,
): readonly StoredAndRead[] {
  const { reference } = asking
  const rows = (reference.rows().get(entity.name) ?? []).filter((row) => isLive(row) && isMeant(row))
  return fileFieldsOf(entity).flatMap((field): readonly StoredAndRead[] => {
    for (const row of rows) {
      const storing = storingOf(asking, entity, row).find((one) => one.field === field)
      const sight = storing === undefined ? null : reference.sightOf(storing.by)
      const isRead = sight?.sees(entity.name, row) === true && sight.seesField(entity.name, field.name, row)
      if (storing !== undefined && isRead) return [{ storing, row }]
    }
    return []
  })
}

/** Whether questions about a field have an answer that is known: it may be missing and changed, and no rule asks for it. */
export function isAsked({ reference: { design } }: PlannedWorld, { entity, field }: StoredPlace): boolean {
  const own = design.entities[entity.name]
  const texts = [...ACCESS_RULES.map((rule) => ruleOf(own, rule)), own?.fields[field.name]?.read, own?.fields[field.name]?.write]
  const all = [...texts, ...Object.values(design.rules ?? {})].join(' ')
  return field.optional && !field.immutable && !new RegExp(`\\b${field.name}\\b`).test(all)
}

/** Whether a rule reads what every write changes. */
function asksForVersions({ reference: { design } }: PlannedWorld, { name }: Entity): boolean {
  const own = design.entities[name]
  const fields = Object.values(own?.fields ?? {}).flatMap(({ read, write }) => [read, write])
  const all = [...ACCESS_RULES.map((rule) => ruleOf(own, rule)), ...fields, ...Object.values(design.rules ?? {})].join(' ')
  return /\b(?:version|updatedAt|now|today)\b/.test(all)
}

/** A caller and a row. */
export interface AtRow {
  readonly user: string | null
  readonly row: PlainRow
}

/** The statuses by which a change of the file of a row must be answered, as the rules say. */
export function changeStatuses({ reference }: PlannedWorld, { entity, field }: StoredPlace, { user, row }: AtRow): readonly number[] {
  const change = { kind: 'update', entity: entity.name, mode: 'patch', id: String(row.id), body: { [field.name]: null } } as const
  return expectationOf(reference, user, { ...change, version: null, selected: ALL }).statuses
}

function mayStore(asking: PlannedWorld, place: StoredPlace, at: AtRow): boolean {
  return changeStatuses(asking, place, at).every((status) => status === 200)
}

/** Stores a file in each field of a row. @returns those that were taken. */
export async function storeFiles(tools: ProbeTools, all: readonly Storing[]): Promise<readonly Storing[]> {
  const taken: Storing[] = []
  for (const one of all) {
    const { status } = await tools.send({ ...one.sent, token: tools.tokenOf(one.by) })
    if (status === 200) taken.push(one)
  }
  return taken
}

/** A new link to the file of a row, by a caller who may read it; null where none is given. @param n makes links different */
export async function linkTo(
  tools: ProbeTools,
  model: Model,
  { entity, field, id, token, n = 0 }: StoredPlace & { readonly id: string; readonly token: string | null; readonly n?: number },
): Promise<string | null> {
  const link = fileDoors(model, { entity, field }).find(({ name }) => name.startsWith('file-link-'))
  const answer = link === undefined ? null : await tools.send({ ...link.to(id), body: { expiresIn: 3_600 - n }, token })
  if (typeof answer?.json?.url !== 'string') return null
  const { pathname, search } = new URL(answer.json.url, 'http://localhost')
  return `${pathname}${search}`
}
