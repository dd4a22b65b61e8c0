/** The headers that REST promises for rows: where a new row is, and its version. */

import type { ProbeCase } from '../cases/probe.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { probeOf } from './answer-refusals.ts'

/** A request that is answered with rows. */
export interface Rowed {
  /** The claim. */
  readonly id: string
  readonly user: string | null
  readonly sent: SentOverHttp
  /** What may be written is judged elsewhere, unless given. */
  readonly rows?: ProbeCase['rows']
}

/** The ETag of one row: its version and what the rest of the answer decides. */
const ROW_TAG = /^"(\d+)(?:\.[\w-]+)?"$/

/** One row: its answer has an ETag that begins with its version; of a new row, also its address, at which it is read. */
export function rowHeaders({ id, user, sent, rows }: Rowed, status: number): ProbeCase {
  return probeOf(`${id}/${status}-headers`, {
    ...{ claim: id, user, goals: [String(status)] },
    async ask(tools) {
      const token = tools.tokenOf(user)
      const answer = await tools.send({ ...sent, token })
      const why = 'an answer with a row names its version, and that with a new row its address'
      const told = { statuses: [status], why, sent, answer }
      // A new account may be answered in the same way whether it was made or not.
      if (answer.status === 202) return { ...told, wrong: null }
      if (answer.status !== status) return { ...told, wrong: `status ${answer.status}` }
      const wrong = wrongTag(answer) ?? (status === 201 ? wrongAddress(answer, sent) : null)
      if (wrong !== null || status !== 201 || answer.json?.version === undefined) return { ...told, wrong }
      const there = await tools.send({ method: 'GET', url: String(answer.headers.location), token })
      return { ...told, wrong: there.text === answer.text ? null : `the row is not at its address, which is answered ${there.status}` }
    },
    ...(rows === undefined ? {} : { rows }),
  })
}

function wrongTag({ headers, json }: Answered): string | null {
  const [, version] = ROW_TAG.exec(String(headers.etag ?? '')) ?? []
  if (version === undefined) return `ETag is ${headers.etag}`
  return json?.version === undefined || Number(version) === json.version ? null : `ETag is ${headers.etag} of version ${json.version}`
}

function wrongAddress({ headers, json }: Answered, { url }: SentOverHttp): string | null {
  const due = `${url.split('?', 1)[0]}/${encodeURIComponent(String(json?.id))}`
  return headers.location === due ? null : `Location is ${headers.location}, expected ${due}`
}
