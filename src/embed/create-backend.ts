/**
 * A backend as a Fastify app, for programs that start it themselves. Loads the server only when one is made:
 * designs import this package too.
 */

import type { FastifyInstance } from 'fastify'
import type { BackendPluginOptions, CreateBackendOptions } from './options.ts'
import type { DesignSource } from './read-model.ts'

/**
 * Makes a backend of a design, on a database that is up to date. `await app.listen({ port })` serves it, `app.inject` sends requests
 * without a port, and `app.close()` finishes requests under way and closes all connections. Until then plugins and hooks can be added.
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
 * A Fastify plugin that answers the addresses of a backend within another app: `await host.register(backendPlugin, { design, … })`. The
 * host's `onRequest` hooks run first, and the headers that they set are kept; parsers and error handlers of the host do not touch these
 * requests, nor those of the backend the host's. Closing the host closes the backend.
 *
 * @throws Error when it is registered with a prefix, because links and tokens would not have it; and as `createBackend`.
 */
export async function backendPlugin(host: FastifyInstance, options: BackendPluginOptions): Promise<void> {
  if (host.prefix !== '') throw new Error(`backendPlugin takes no prefix (it has ${host.prefix}): links would not have it`)
  const { mountBackend } = await import('./mount-backend.ts')
  await mountBackend(host, options)
}
