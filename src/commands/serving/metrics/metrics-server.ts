/** Serves metrics on a port of their own, so that the port of the API never shows them. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EnvironmentError } from '../../../base/environment-error.ts'
import type { Metrics } from './metrics.ts'

/** A running server of metrics. */
export interface MetricsServer {
  readonly url: string
  readonly close: () => Promise<void>
}

const PATH = '/metrics'
/** A scraper sends small requests, and few at a time. */
const LIMITS = { maxHeaderSize: 8_192, requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 65_000 } as const
const MOST_CONNECTIONS = 32

/** Starts to serve. @throws EnvironmentError when the address cannot be used. */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  metrics: Pick<Metrics, 'text'>,
): Promise<MetricsServer> {
  const server = createServer({ ...LIMITS }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (request.url?.split('?', 1)[0] !== PATH) return void response.writeHead(404).end()
    if (!isRead) return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
    metrics.text().then(
      ({ type, body }) => {
        const fields = {
          'content-type': type,
          'content-length': Buffer.byteLength(body),
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        }
        response.writeHead(200, fields).end(request.method === 'HEAD' ? undefined : body)
      },
      () => response.writeHead(500).end(),
    )
  })
  server.maxConnections = MOST_CONNECTIONS
  await listening(server, host, port)
  const { port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${host}]` : host}:${taken}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        code === 'EADDRINUSE'
          ? new EnvironmentError(`METRICS_PORT ${port} is in use`, 'choose another one, or 0 for a free one')
          : new EnvironmentError(
              `metrics cannot be served at ${host}:${port}: ${code}`,
              'set METRICS_HOST and METRICS_PORT to an address of this machine',
            ),
      ),
    )
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
