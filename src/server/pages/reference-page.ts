/** The interactive API reference of a backend in development: a page at `/docs` and its one script. They load nothing from other hosts. */

import { hash } from 'node:crypto'
import type { ApiReferenceConfiguration } from '@scalar/fastify-api-reference'
import fastify from 'fastify'
import { PAGE_ENDPOINTS } from '../../compile/endpoints/page-endpoints.ts'
import { SERVICE_ENDPOINTS } from '../../compile/endpoints/service-endpoints.ts'
import type { TextAnswer } from '../http/answer.ts'

/** The interactive reference. */
export interface DocsPage {
  /** The page, at `/docs`. */
  readonly page: () => Promise<TextAnswer>
  /** Its script, at `/docs/scalar.js`. */
  readonly script: () => Promise<TextAnswer>
}

/** The reference of the document at `/openapi.json`. The first request loads its script, which has several megabytes. */
export function openDocsPage(title: string): DocsPage {
  let made: Promise<Record<'page' | 'script', TextAnswer>> | null = null
  const make = () => {
    made ??= render(title)
    return made
  }
  return { page: async () => (await make()).page, script: async () => (await make()).script }
}

/** Turns off every feature of the page that would call another host. The content security policy also blocks such calls. */
function configurationOf(title: string): Partial<ApiReferenceConfiguration> {
  return {
    pageTitle: title,
    url: SERVICE_ENDPOINTS.getOpenApi.path,
    cdn: PAGE_ENDPOINTS.getDocsScript.path,
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: 'never',
    persistAuth: false,
    documentDownloadType: 'json',
    orderSchemaPropertiesBy: 'preserve',
    operationTitleSource: 'summary',
  }
}

/** Renders the page and the script once, with the plugin in a separate app that never listens. */
async function render(title: string): Promise<Record<'page' | 'script', TextAnswer>> {
  const { default: reference } = await import('@scalar/fastify-api-reference')
  const app = fastify({ logger: false })
  await app.register(reference, { routePrefix: '/', configuration: configurationOf(title) })
  const page = await app.inject('/')
  const script = await app.inject('/js/scalar.js')
  await app.close()
  if (page.statusCode !== 200 || script.statusCode !== 200) throw new Error('the API reference could not be rendered')
  return {
    page: {
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyOf(page.body) },
      body: page.body,
    },
    script: {
      status: 200,
      headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'private, max-age=3600' },
      body: script.body,
    },
  }
}

/**
 * The policy of the page (CSP level 3): scripts of this host and the inline ones by their hash, connections to this host only. The script
 * writes styles at run time, so inline styles are allowed.
 */
function policyOf(page: string): string {
  const inline = [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '')
  const hashes = inline.map((source) => `'sha256-${hash('sha256', source, 'base64')}'`)
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
