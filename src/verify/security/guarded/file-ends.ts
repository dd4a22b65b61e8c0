/** F103 for files alone: a link ends when its row gets another file or none, and a ticket when it was used. */

import { setTimeout } from 'node:timers/promises'
import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeRequest, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { Answered } from '../../expected/answered.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { fileDoors, linkTo, type StoredPlace, sampleOf, storedAndRead } from '../files/stored-files.ts'
import type { SecurityProbe } from '../probes.ts'

/** A field with a row of which a caller may read and change the file. */
interface Holding extends StoredPlace {
  readonly user: string | null
  readonly row: PlainRow
}

/** What is asked of each field that holds files. */
export function fileEnds(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return storedAndRead(asking, entity).flatMap(({ storing: { field, by }, row }) => {
    const holding = { entity, field, user: by, row }
    return [
      storyOf(asking, holding, 'file-links', linksEnd),
      storyOf(asking, holding, 'file-tickets', ticketsEnd),
      storyOf(asking, holding, 'file-link-time', linksExpire),
    ]
  })
}

interface Telling {
  /** Sends a request, and says what is wrong with the answer; null if nothing is. */
  readonly ask: (what: string, request: ProbeRequest, statuses: readonly number[]) => Promise<Answered | null>
  readonly tools: ProbeTools
  readonly token: string | null
  readonly model: PlannedWorld['reference']['model']
  readonly holding: Holding
}

/** Ends early where an answer is wrong. */
type Story = (telling: Telling) => Promise<unknown>

const WHY = 'a link leads to one file, and a ticket works once'

function storyOf({ reference: { model } }: PlannedWorld, holding: Holding, name: string, tell: Story): SecurityProbe {
  return {
    goal: `${name}-${holding.field.name}`,
    user: holding.user,
    async ask(tools) {
      const [first] = fileDoors(model, holding)
      let last = {
        sent: { method: 'GET', url: '' } as ProbeRequest,
        answer: { status: 0, headers: {}, text: '', json: undefined } as Answered,
      }
      let wrong: string | null = first === undefined ? 'there is no address' : null
      const ask: Telling['ask'] = async (what, request, statuses) => {
        if (wrong !== null) return null
        const answer = await tools.send(request)
        last = { sent: request, answer }
        if (!statuses.includes(answer.status)) wrong = `${what} is answered ${answer.status}`
        return wrong === null ? answer : null
      }
      await tell({ ask, tools, token: tools.tokenOf(holding.user), model, holding })
      const { token: _, ...sent } = last.sent
      return { wrong, statuses: [200, 204, 403, 404], why: WHY, sent, answer: last.answer }
    },
    // A row with another file has another version.
    rows: () => null,
  }
}

const ENDED = [403, 404]

async function linksEnd({ ask, tools, token, model, holding }: Telling): Promise<void> {
  const id = String(holding.row.id)
  const doors = new Map(fileDoors(model, holding).map(({ name, to }) => [name, { ...to(id), token }]))
  const [put, remove] = ['put', 'delete'].map((verb) => doors.get(`file-${verb}-${holding.field.name}`))
  if (put === undefined || remove === undefined) return
  const ends = [
    { what: 'after another file', request: put, statuses: [200] },
    { what: 'after the file was taken away', request: remove, statuses: [204] },
  ]
  for (const { what, request, statuses } of ends) {
    await ask('a file', put, [200])
    const links = [await linkTo(tools, model, { ...holding, id, token }), await linkTo(tools, model, { ...holding, id, token, n: 1 })]
    const follow = links.flatMap((url) => (url === null ? [] : [{ method: 'GET', url, token: null }]))
    const [used, unused] = follow
    if (used !== undefined) await ask('a link', used, [200])
    await ask(`the request ${what}`, request, statuses)
    for (const link of [used, unused]) {
      if (link === undefined) continue
      await ask(`a link ${what}`, link, ENDED)
      await ask(`HEAD of a link ${what}`, { ...link, method: 'HEAD' }, ENDED)
    }
  }
  await ask('a file that was taken away', { method: 'GET', url: put.url.replace(/\?.*$/, ''), token }, [404])
}

/** Longer than the shortest time of a link, also where clocks count whole seconds. */
const EXPIRED_MS = 2_100

async function linksExpire({ ask, token, model, holding }: Telling): Promise<void> {
  const doors = new Map(fileDoors(model, holding).map(({ name, to }) => [name, { ...to(String(holding.row.id)), token }]))
  const [put, link] = ['put', 'link'].map((verb) => doors.get(`file-${verb}-${holding.field.name}`))
  if (put === undefined || link === undefined) return
  await ask('a file', put, [200])
  const made = await ask('a link for a second', { ...link, body: { expiresIn: 1 } }, [200, 201])
  if (typeof made?.json?.url !== 'string') return
  const { pathname, searchParams } = new URL(made.json.url, 'http://localhost')
  const follow = (parameters: URLSearchParams): ProbeRequest => ({ method: 'GET', url: `${pathname}?${parameters}`, token: null })
  // Each number in the address may be the end.
  for (const [name, value] of searchParams) {
    if (!/^\d{9,}$/.test(value)) continue
    const later = new URLSearchParams(searchParams)
    later.set(name, String(Number(value) + 100_000))
    await ask('a link with a later end', follow(later), ENDED)
  }
  await setTimeout(EXPIRED_MS)
  await ask('a link after its end', follow(searchParams), ENDED)
}

async function ticketsEnd({ ask, token, model, holding }: Telling): Promise<void> {
  const { entity, field, row } = holding
  const { bytes, type } = sampleOf(field)
  const at = `${restBase(model)}/${entity.path}`
  const open = { method: 'POST', url: `${at}/${encodeURIComponent(field.name)}/uploads`, body: {}, token }
  const naming = (ticket: unknown): ProbeRequest => ({
    method: 'PATCH',
    url: `${at}/${encodeURIComponent(String(row.id))}`,
    body: { [field.name]: ticket },
    token,
  })
  const opened = await ask('a ticket', open, [201])
  const { ticket, url } = (opened?.json ?? {}) as { readonly ticket?: string; readonly url?: string }
  const send = { method: 'PUT', url: String(url), headers: { 'content-type': type }, body: bytes, token: null }
  await ask('a ticket without a file', naming(ticket), [400])
  await ask('the file of a ticket', send, [200])
  await ask('a second file of a ticket', send, [404])
  await ask('a ticket with its file', naming(ticket), [200])
  await ask('a ticket that was used', naming(ticket), [400])
  await ask('a file of a ticket that was used', send, [404])
}
