/**
 * A process that uses the embedded PostgreSQL as Plinth does, for tests that kill it. Forked with FOLDER in its environment, it sends
 * `{ event }` for each step of the start and `{ ready }` or `{ failed }` at its end; on any message it stops.
 */
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'

const send = (message: object) => process.send?.(message)
try {
  const embedded = await startEmbedded({ folder: process.env.FOLDER ?? '', onProgress: (event) => send({ event }) })
  process.once('message', async () => {
    await embedded.stop()
    process.disconnect?.()
  })
  send({ ready: { url: embedded.url, pid: embedded.pid, shared: embedded.shared } })
} catch (error) {
  send({ failed: (error as Error).message })
  process.disconnect?.()
}
