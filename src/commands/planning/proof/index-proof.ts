/** Makes the index proof of a design, on an available PostgreSQL server. */

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { databasesOf } from '../../../embed/databases.ts'
import type { Model } from '../../../model/model.ts'
import { startEmbedded } from '../../../postgres/embedded/embedded.ts'
import { explainError } from '../../../postgres/sqlstate.ts'
import type { IndexProof } from '../../../verify/indexes/proof.ts'
import { proveIndexes } from '../../../verify/indexes/prove.ts'

/** The proof, or why there is none. */
export type ProofOutcome = ({ readonly kind: 'proved' } & IndexProof) | { readonly kind: 'skipped'; readonly reason: string }

/** The outcome when the user left the proof out. */
export const NOT_ASKED: ProofOutcome = { kind: 'skipped', reason: 'left out with --quick' }

/**
 * Makes the proof on the server at `url`, or on a temporary embedded server when `url` is null. Without a suitable server the proof is
 * skipped; this is not an error.
 */
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

/**
 * The time limit of the proof in milliseconds, because users wait for the plan. A design of a hundred entities has about ten thousand
 * statements.
 */
const WITHIN_MS = 15_000

async function prove(model: Model, url: string): Promise<ProofOutcome> {
  const [system, design] = databasesOf(model)
  if (system === undefined || design === undefined) throw new Error('a design has two schemas')
  const proof = await proveIndexes({ model, url, databases: { system, design }, withinMs: WITHIN_MS })
  return proof === null ? { kind: 'skipped', reason: 'the server is older than PostgreSQL 18' } : { kind: 'proved', ...proof }
}

/** Runs an embedded server in a temporary folder, because a plan must not write to the folder of the project. */
async function onTemporary<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-plan-')).catch((cause: Error) => {
    throw new EnvironmentError(`no temporary folder for a PostgreSQL: ${cause.message}`, 'set TMPDIR to a folder that can be written', {
      cause,
    })
  })
  try {
    // The server may run as another user, which must be able to enter the folder.
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
