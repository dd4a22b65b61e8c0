/** F204 for links to files: a made-up link is answered alike for a hidden row with a file, for one without, and for no row. */

import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { differenceOf } from '../alike.ts'
import { fileDoors, linkTo, type StoredAndRead, storedAndRead, storeFiles } from '../files/stored-files.ts'
import type { SecurityProbe } from '../probes.ts'

/** A caller who may not read some rows. */
interface Blind {
  readonly user: string | null
  /** For names of probes. */
  readonly who: string
}

const WHY = 'a link that is not valid is answered alike for every row (docs/reference/files.md)'

/** One probe for each field with files of which some row is hidden from the caller, and another caller may store and link a file there. */
export function madeUpLinks(asking: PlannedWorld, entity: Entity, { user, who }: Blind): readonly SecurityProbe[] {
  const sight = asking.reference.sightOf(user)
  return storedAndRead(asking, entity, (row) => !sight.sees(entity.name, row)).map((stored) => ({
    goal: `file-made-up-link-${stored.storing.field.name}/${who}`,
    user,
    ask: (tools) => askLinks(asking, { stored, user, who }, tools),
    // A row with another file has another version.
    rows: () => null,
  }))
}

interface Asking extends Blind {
  readonly stored: StoredAndRead
}

async function askLinks(asking: PlannedWorld, { stored: { storing, row }, user, who }: Asking, tools: ProbeTools): Promise<ProbeOutcome> {
  const { model } = asking.reference
  const id = String(row.id)
  const absent = absentId(id)
  const doors = new Map(fileDoors(model, storing).map(({ name, to }) => [name, to]))
  const [read, remove] = [doors.get(`file-${storing.field.name}`), doors.get(`file-delete-${storing.field.name}`)]
  const by = tools.tokenOf(storing.by)
  const isStored = (await storeFiles(tools, [storing])).length > 0
  const link = isStored ? await linkTo(tools, model, { ...storing, id, token: by }) : null
  const nothing = { sent: storing.sent, answer: { status: 0, headers: {}, text: '', json: undefined } }
  let last: Pick<ProbeOutcome, 'wrong' | 'sent' | 'answer'> = { wrong: null, ...nothing }
  const outcome = () => ({ ...last, statuses: [400, 403], why: WHY })
  if (link === null || read === undefined || remove === undefined)
    return { ...outcome(), left: { [`file-made-up-link-${storing.field.name}/${who}`]: 'no link to the file of a hidden row was given' } }
  const spoiled = spoiledQueries(new URL(link, 'http://localhost').searchParams)
  for (const state of ['with a file', 'whose file was taken away']) {
    for (const [what, query] of spoiled) {
      for (const method of ['GET', 'HEAD']) {
        const to = (one: string) => ({ method, url: `${read(one).url}?${query}` })
        const token = tools.tokenOf(user)
        const answer = await tools.send({ ...to(id), token })
        const other = await tools.send({ ...to(absent), token })
        const difference = differenceOf(answer, other, [[id, absent]])
        const wrong = difference === null ? null : `${method} of a link with ${what}, for a row ${state}: ${difference}`
        last = { wrong, sent: to(id), answer }
        if (wrong !== null) return outcome()
      }
    }
    await tools.send({ ...remove(id), token: by })
  }
  return outcome()
}

/** The parameters of a link, with each of them changed, emptied and left out. */
function spoiledQueries(parameters: URLSearchParams): readonly (readonly [what: string, query: string])[] {
  return [...parameters].flatMap(([name, value]) => {
    const changed = /^\d+$/.test(value) ? String(Number(value) + 1) : `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`
    const made = (other: string | null): string => {
      const own = new URLSearchParams(parameters)
      if (other === null) own.delete(name)
      else own.set(name, other)
      return String(own)
    }
    return [
      [`another ${name}`, made(changed)],
      [`an empty ${name}`, made('')],
      [`no ${name}`, made(null)],
    ] as const
  })
}
