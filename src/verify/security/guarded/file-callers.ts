/** F206 and F208 for files: no uploads or changes by callers who may not change a row, no file or link for those who may not read it. */

import { capital } from '../../../base/capital.ts'
import { restBase } from '../../../model/address/served.ts'
import { fileFieldsOf } from '../../../model/files/file-fields.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi } from '../../cases/doors.ts'
import type { ProbeOutcome, ProbeTools, Traces } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { differenceOf } from '../alike.ts'
import { changeStatuses, fileDoors, isAsked, type StoredPlace, sampleOf, storeFiles, storingOf } from '../files/stored-files.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'

/** More callers and rows show nothing new. */
const MOST_CALLERS = 6

const REFUSED: ReadonlySet<number> = new Set([401, 403, 404])
const WHY = 'the rules of the row and the field decide about its file, too'

/** A row for which a caller asks, with what the rules allow. */
interface Asking {
  readonly user: string | null
  readonly row: PlainRow
  readonly mayRead: boolean
  readonly mayChange: boolean
}

/** A request that must be refused, or a read that must succeed. */
interface Question {
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The answer must be that about a row that does not exist. */
  readonly twin?: { readonly sent: SentOverHttp; readonly ids: readonly [string, string] }
  readonly judge: (answer: Answered) => string | null
}

/** One probe for each field that holds files. @param who whether accounts ask, or an anonymous caller */
export function fileCallers(asking: PlannedWorld, entity: Entity, who: 'accounts' | 'anonymous'): readonly SecurityProbe[] {
  const users = who === 'anonymous' ? [null] : asking.world.accounts
  return fileFieldsOf(entity).flatMap((field): readonly SecurityProbe[] => {
    const place = { entity, field }
    if (!isAsked(asking, place)) return []
    const all = users.flatMap((user) => rowsFor(asking, place, user)).slice(0, MOST_CALLERS * 2)
    const uploads = users.slice(0, MOST_CALLERS).flatMap((user) => uploadQuestions(asking, place, user))
    const [first] = [...all.flatMap((one) => questionsOf(asking, place, one)), ...uploads]
    return first === undefined ? [] : [probeOf(asking, place, { all, uploads, first })]
  })
}

/** A row that the caller may read and not change, one that it may not read, and one that it may change. */
function rowsFor(asking: PlannedWorld, place: StoredPlace, user: string | null): readonly Asking[] {
  const { reference } = asking
  const { entity, field } = place
  const sight = reference.sightOf(user)
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive).map((row): Asking => {
    const statuses = changeStatuses(asking, place, { user, row })
    const mayRead = sight.sees(entity.name, row) && sight.seesField(entity.name, field.name, row)
    return { user, row, mayRead, mayChange: statuses.some((status) => status < 400) }
  })
  const kinds = [
    rows.find(({ mayRead, mayChange }) => mayRead && !mayChange),
    rows.find(({ mayRead, mayChange }) => !mayRead && !mayChange),
    rows.find(({ mayRead, mayChange }) => mayRead && mayChange),
  ]
  return kinds.filter((one) => one !== undefined)
}

/** The questions about the file of a row. */
function questionsOf(
  { reference: { model } }: PlannedWorld,
  place: StoredPlace,
  { user, row, mayRead, mayChange }: Asking,
): readonly Question[] {
  const id = String(row.id)
  const absent = absentId(id)
  return fileDoors(model, place).flatMap(({ writes, to }): readonly Question[] => {
    const sent = to(id)
    if (writes ? mayChange : mayRead) return []
    const judge = ({ status, text }: Answered): string | null =>
      REFUSED.has(status) ? null : `${sent.method} ${sent.url} is answered ${status}: ${text.slice(0, 100)}`
    return [{ user, sent, judge, ...(mayRead ? {} : { twin: { sent: to(absent), ids: [id, absent] } }) }]
  })
}

/** Uploads by tickets: a caller who may give no row a file gets no ticket, and no ticket is made up. */
function uploadQuestions({ reference }: PlannedWorld, { entity, field }: StoredPlace, user: string | null): readonly Question[] {
  const { model } = reference
  const { kind } = reference.sightOf(user)
  const { bytes, type } = sampleOf(field)
  const at = `${restBase(model)}/${entity.path}/${encodeURIComponent(field.name)}/uploads`
  const judge = (sent: SentOverHttp) => (answer: Answered) =>
    REFUSED.has(answer.status) || (sent.url === '/graphql' && isRefusedAnswer(sent, answer))
      ? null
      : `${sent.method} ${sent.url} is answered ${answer.status}: ${answer.text.slice(0, 100)}`
  const asked = (sent: SentOverHttp): Question => ({ user, sent, judge: judge(sent) })
  const mayUse =
    kind.writable(entity.name).has(field.name) && (kind.mayHold(entity.name, 'create') || kind.mayHold(entity.name, 'update.from'))
  const query = `mutation { open${entity.name}${capital(field.name)}Upload(name: "x", size: 1) { ticket url } }`
  return [
    asked({ method: 'PUT', url: `${at}/upload_${'0'.repeat(43)}`, headers: { 'content-type': type }, body: bytes }),
    ...(mayUse
      ? []
      : [
          asked({ method: 'POST', url: at, body: { name: 'x' } }),
          ...(hasApi(model, 'graphql') ? [asked({ method: 'POST', url: '/graphql', body: { query } })] : []),
        ]),
  ]
}

interface Planned {
  readonly all: readonly Asking[]
  readonly uploads: readonly Question[]
  readonly first: Question
}

function probeOf(asking: PlannedWorld, place: StoredPlace, { all, uploads, first }: Planned): SecurityProbe {
  const goal = `file-${place.field.name}`
  const rows = [...new Map(all.map(({ row }) => [row.id, row])).values()]
  return {
    goal,
    user: first.user,
    async ask(tools) {
      const stored = new Set<unknown>()
      for (const row of rows) {
        const storing = storingOf(asking, place.entity, row).filter(({ field }) => field === place.field)
        if ((await storeFiles(tools, storing)).length > 0) stored.add(row.id)
      }
      const before = await leftNow(tools)
      const questions = [
        ...all.flatMap((one) => questionsOf(asking, place, one)),
        ...uploads,
        ...all.filter(({ row, mayRead }) => mayRead && stored.has(row.id)).flatMap((one) => readsOf(asking, place, one)),
      ]
      const outcome = await askAll(tools, questions, first)
      if (outcome.wrong !== null) return outcome
      return { ...outcome, wrong: changedSince(before, await leftNow(tools)) }
    },
    // Rows get files first, and with them another version. What the refused requests change is compared above.
    rows: () => null,
  }
}

/** Reads of a file by a caller who may read it, by the usual methods. */
function readsOf({ reference: { model } }: PlannedWorld, place: StoredPlace, { user, row }: Asking): readonly Question[] {
  return fileDoors(model, place).flatMap(({ name, writes, to }): readonly Question[] => {
    if (writes || /^file-link-/.test(name)) return []
    const sent = to(String(row.id))
    const judge = ({ status }: Answered): string | null =>
      status === 200 || status === 206 ? null : `${sent.method} ${sent.url} of a caller who may read it is answered ${status}`
    return [{ user, sent, judge }]
  })
}

async function askAll(tools: ProbeTools, questions: readonly Question[], first: Question): Promise<ProbeOutcome> {
  let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
  for (const { user, sent, twin, judge } of questions) {
    const token = tools.tokenOf(user)
    const answer = await tools.send({ ...sent, token })
    last = { sent, answer }
    const wrong =
      judge(answer) ?? (twin === undefined ? null : differenceOf(answer, await tools.send({ ...twin.sent, token }), [[...twin.ids]]))
    if (wrong !== null) return { wrong, statuses: [...REFUSED], why: WHY, ...last }
  }
  const { sent, answer } = last ?? { sent: first.sent, answer: await tools.send({ ...first.sent, token: tools.tokenOf(first.user) }) }
  return { wrong: null, statuses: [answer.status], why: WHY, sent, answer }
}

interface Left {
  readonly rows: string
  readonly traces: Traces
}

async function leftNow(tools: ProbeTools): Promise<Left> {
  return { rows: JSON.stringify([...(await tools.rows())]), traces: await tools.traces() }
}

/** What refused requests have changed. Fewer files are none of theirs: the backend removes those that no row has. */
function changedSince(before: Left, after: Left): string | null {
  if (before.rows !== after.rows) return 'a row was changed'
  const more = Object.entries(after.traces).find(([name, now]) => Number(now) > Number(before.traces[name] ?? 0))
  return more === undefined ? null : `${more[0]}: ${before.traces[more[0]]} became ${more[1]}`
}
