/** The documents of a backend, as files that need no network. */

import { compile } from '../../compile/compile.ts'
import { wholeView } from '../../compile/rules/whole-view.ts'
import type { Model } from '../../model/model.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { html } from '../../verify/report/page/markup.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import { type DeliveredFile, jsonText } from '../files/delivered-file.ts'
import { documentPage } from '../page/document-page.ts'
import { accessPage } from './access-page.ts'
import { apiPage } from './api-page.ts'
import { architecturePage } from './architecture-page.ts'
import { entityMermaid } from './entity-diagram.ts'
import { type OperationsParts, operationsPage } from './operations-page.ts'

/** What the documents are made of. */
export interface DocumentParts extends OperationsParts {
  readonly written: WrittenDesign
  readonly report: VerifyReport
}

/** Makes the documents, with paths relative to their folder. The same parts give the same bytes. */
export async function documentsOf({ model, written, report, settings, alerts }: DocumentParts): Promise<readonly DeliveredFile[]> {
  const openapi = JSON.parse(compile(model).openapi('all'))
  const { printSchema } = await import('graphql')
  const schema = model.served.graphql ? (await compile(model).graphql()).forView(wholeView(model)).schema : null
  const pages = [
    { path: 'architecture.html', about: 'Architecture: components, entities, workflows, events', content: architecturePage(model) },
    { path: 'access.html', about: 'Who may do what', content: accessPage(model, written, report) },
    {
      path: 'operations.html',
      about: 'Set-up and operations: production, upgrades, backups, alerts, settings',
      content: operationsPage({ model, settings, alerts }),
    },
    { path: 'api.html', about: 'REST API', content: apiPage(openapi) },
  ]
  const data = [
    { path: 'openapi.json', about: 'OpenAPI document of the REST API', content: jsonText(openapi) },
    ...(schema === null ? [] : [{ path: 'schema.graphql', about: 'GraphQL schema', content: `${printSchema(schema)}\n` }]),
    { path: 'entities.mmd', about: 'Entities as a diagram in Mermaid', content: entityMermaid(model) },
  ]
  const all = [...pages, ...data]
  return [{ path: 'index.html', content: contents(model, all) }, ...all.map(({ path, content }) => ({ path, content }))]
}

function contents({ name, description }: Model, all: readonly { readonly path: string; readonly about: string }[]): string {
  return documentPage(
    `${name}: documents`,
    html`<header><p class="kicker"><a href="../index.html">Hand-over</a></p><h1>${name}: documents</h1>${description === null ? null : html`<p>${description}</p>`}</header>
<main><ul>${all.map(({ path, about }) => html`<li><a href="${path}">${about}</a></li>`)}</ul></main>`,
  )
}
