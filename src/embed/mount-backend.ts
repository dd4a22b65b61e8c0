/** Mounts a backend in another Fastify app. */

import type { FastifyInstance } from 'fastify'
import type { BackendPluginOptions } from './options.ts'
import { startBackend } from './start-backend.ts'

/** This path stays the host's, because the backend's page at this path is only for its developer. */
const ROOT = '/'

/**
 * Adds a route to the host for each path of the backend. The backend gets a request before the host reads its body.
 *
 * @throws as `createBackend`.
 */
export async function mountBackend(host: FastifyInstance, { design, ...options }: BackendPluginOptions): Promise<void> {
  const { app, paths, preload } = await startBackend(design, options)
  host.addHook('onClose', () => app.close())
  await app.ready()
  host.addHook('onListen', async () => void preload())
  for (const path of paths.filter((path) => path !== ROOT)) {
    host.all(path, {
      onRequest: async (request, reply) => {
        for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
        reply.hijack()
        app.routing(request.raw, reply.raw)
      },
      handler: () => {
        throw new Error('a request of the backend was not handed over')
      },
    })
  }
}
