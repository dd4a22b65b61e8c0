/** The official client. A package that it needs publishes its TypeScript under the condition `source`, which Node does not run there. */

import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    /^eventsource\b/.test(specifier)
      ? next(specifier, { ...context, conditions: context.conditions.filter((condition) => condition !== 'source') })
      : next(specifier, context),
})

export const { Client } = await import('@modelcontextprotocol/client')
export const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
export const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
