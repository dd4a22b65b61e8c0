/** The resources of the server: the guide of the language, its schema, examples, and the last report of `verify`. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server'
import { designSchema } from '../../design/language/schema.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Project } from './state/project.ts'
import { lastReport } from './tools/failed-check.ts'

const DAY_MS = 86_400_000
const LASTING = { cacheHint: { ttlMs: DAY_MS, cacheScope: 'public' as const } }

/** The folder of the guide and the examples, in the package. */
function folder(): string {
  return join(ownPackage().root, 'templates', 'agent')
}

/** Adds the resources to a server. */
export function addResources(server: McpServer, project: Project): void {
  const guide = { title: 'The language of designs, in one page', mimeType: 'text/markdown', ...LASTING }
  server.registerResource('guide', 'plinth://guide', guide, (uri) =>
    resourceText(uri, 'text/markdown', readFileSync(join(folder(), 'language.md'), 'utf8')),
  )
  const schema = { title: 'JSON Schema of a design', mimeType: 'application/schema+json', ...LASTING }
  server.registerResource('design-schema', 'plinth://schema/design', schema, (uri) =>
    resourceText(uri, 'application/schema+json', JSON.stringify(designSchema)),
  )
  const report = { title: 'The report of the last verify', mimeType: 'application/json' }
  server.registerResource('report', 'plinth://report', report, (uri) => {
    const found = lastReport(project)
    if (found === null) throw new ResourceNotFoundError(uri.href)
    return resourceText(uri, 'application/json', JSON.stringify(found))
  })
  const examples = new ResourceTemplate('plinth://examples/{name}', {
    list: () => ({ resources: exampleNames().map((name) => ({ name, uri: `plinth://examples/${name}`, mimeType: 'application/yaml' })) }),
  })
  server.registerResource('examples', examples, { title: 'Designs to start from', ...LASTING }, (uri, { name }) => {
    if (typeof name !== 'string' || !exampleNames().includes(name)) throw new ResourceNotFoundError(uri.href)
    return resourceText(uri, 'application/yaml', readFileSync(join(folder(), 'examples', `${name}.yaml`), 'utf8'))
  })
}

function exampleNames(): readonly string[] {
  return readdirSync(join(folder(), 'examples'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
}

function resourceText(uri: URL, mimeType: string, text: string) {
  return { contents: [{ uri: uri.href, mimeType, text }] }
}
