/**
 * A process that uses the embedded PostgreSQL like Plinth, for tests that kill it. The environment variable FOLDER names its project. It
 * sends `{ event }` for each step of the start, and then `{ ready }` or `{ failed }`. It stops after any message.
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
