/**
 * Makes a backend as a Fastify app, for programs that start it themselves. The server is loaded only when a backend is made, because
 * designs import this package too.
 */

import type { FastifyInstance } from 'fastify'
import type { BackendPluginOptions, CreateBackendOptions } from './options.ts'
import type { DesignSource } from './read-model.ts'

/**
 * Makes a backend of a design, on a database that is up to date. `await app.listen({ port })` serves it, `app.inject` sends requests
 * without a port, and `app.close()` finishes requests in progress and closes all connections. Plugins and hooks can be added before the app
 * is ready.
 *
 * @param design what `backend({ … })` returns, or the path or `file:` URL of a design file.
 * @throws DesignError when the design has errors; DatabaseOutdatedError when the database needs a migration that may not run;
 * EnvironmentError when an option is missing or wrong, or the database cannot be used.
 */
export async function createBackend(design: DesignSource, options: CreateBackendOptions = {}): Promise<FastifyInstance> {
  const { startBackend } = await import('./start-backend.ts')
  return (await startBackend(design, options)).app
}

/**
 * A Fastify plugin that serves the paths of a backend in another app: `await host.register(backendPlugin, { design, … })`. The host's
 * `onRequest` hooks run first, and their headers are kept. The parsers and error handlers of the host do not handle requests of the
 * backend, and the backend's do not handle requests of the host. Closing the host closes the backend.
 *
 * @throws Error when it is registered with a prefix, because links and tokens would lack the prefix; otherwise as `createBackend`.
 */
export async function backendPlugin(host: FastifyInstance, options: BackendPluginOptions): Promise<void> {
  if (host.prefix !== '') throw new Error(`backendPlugin takes no prefix (it has ${host.prefix}): links would not have it`)
  const { mountBackend } = await import('./mount-backend.ts')
  await mountBackend(host, options)
}
