/** The index proof of a design, on whatever PostgreSQL can be had. */

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { databasesOf } from '../../embed/databases.ts'
import type { Model } from '../../model/model.ts'
import { startEmbedded } from '../../postgres/embedded/embedded.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import type { IndexProof } from '../../verify/indexes/proof.ts'
import { proveIndexes } from '../../verify/indexes/prove.ts'

/** The proof, or why there is none. */
export type ProofOutcome = ({ readonly kind: 'proved' } & IndexProof) | { readonly kind: 'skipped'; readonly reason: string }

/** Where it was left out by request. */
export const NOT_ASKED: ProofOutcome = { kind: 'skipped', reason: 'left out with --quick' }

/** Proves on the server at `url`; null stands for an embedded one that is started for it and gone afterwards. Never throws for want of a server. */
export async function proveOn(model: Model, url: string | null): Promise<ProofOutcome> {
  try {
    return url === null ? await onTemporary((own) => prove(model, own)) : await prove(model, url)
  } catch (error) {
    if (error instanceof EnvironmentError) return { kind: 'skipped', reason: error.message }
    const { kind, message } = explainError(error)
    if (kind === 'not-allowed' || kind === 'connection-lost' || kind === 'statement-timeout') return { kind: 'skipped', reason: message }
    throw error
  }
}

/** A plan is there to be read; a design of a hundred entities has some ten thousand statements. */
const WITHIN_MS = 15_000

async function prove(model: Model, url: string): Promise<ProofOutcome> {
  const [system, design] = databasesOf(model)
  if (system === undefined || design === undefined) throw new Error('a design has two schemas')
  const proof = await proveIndexes({ model, url, databases: { system, design }, withinMs: WITHIN_MS })
  return proof === null ? { kind: 'skipped', reason: 'the server is older than PostgreSQL 18' } : { kind: 'proved', ...proof }
}

/** Not in the project's folder: a plan leaves nothing there that was not there before. */
async function onTemporary<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-plan-')).catch((cause: Error) => {
    throw new EnvironmentError(`no temporary folder for a PostgreSQL: ${cause.message}`, 'set TMPDIR to a folder that can be written', {
      cause,
    })
  })
  try {
    // The server may run as another user, who has to get through.
    await chmod(folder, 0o755)
    const embedded = await startEmbedded({ folder })
    try {
      return await work(embedded.url)
    } finally {
      await embedded.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
