/** Reads the OpenAPI documents of the HTTP services of a model. */

import { join, relative } from 'node:path'
import type { HttpService } from '../../model/http/http-service.ts'
import { readClient } from '../clients/read-client.ts'
import type { Report } from '../findings/report.ts'
import { loadBytes } from '../read/load-beside.ts'
import { locatedDocument } from '../read/located.ts'
import { MAX_FILE_BYTES, parseFile } from '../read/parse-file.ts'
import { diagnosticsOf, type Finding } from '../read/read-findings.ts'

interface Binding {
  readonly folder: string
  readonly report: Report
  /** Gets the absolute paths of the files that were read. */
  readonly files: Set<string>
}

/** The services with the operations of their documents. A document that cannot be used is a finding in `report`. */
export function bindClients(services: readonly HttpService[], binding: Binding): readonly HttpService[] {
  return services.map((service) =>
    service.document === null ? service : { ...service, client: clientOf(service, service.document, binding) },
  )
}

function clientOf({ name }: HttpService, document: string, { folder, report, files }: Binding): HttpService['client'] {
  const loaded = loadBytes(folder, document, MAX_FILE_BYTES)
  if (loaded.path !== null) files.add(loaded.path)
  if (loaded.kind === 'unusable') {
    report.add('PLN-D679', ['integrations', 'http', name, 'openapi'], loaded.why, loaded.hint)
    return null
  }
  const findings: Finding[] = []
  const file = join(relative('', folder), document)
  const root = parseFile(loaded.path, { file, holds: 'contract' }, findings)
  report.include(diagnosticsOf(findings))
  return root === null || findings.length > 0 ? null : readClient({ document: locatedDocument(root, file), report })
}
