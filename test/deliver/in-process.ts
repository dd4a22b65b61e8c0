/** Deliveries of a design in this process, with a small file in place of the packed Plinth. */

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type DeliverInput, deliver } from '../../src/commands/delivering/deliver.ts'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import type { Io, Outcome } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import type { Handover } from '../../src/deliver/handover/handover.ts'
import { ownPackage } from '../../src/embed/own-package.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { type SampleReport, sampleReport } from './sample-report.ts'

/** A copy of the blog, where a test may change files, and the folder of a report about it. */
export interface Workplace {
  readonly folder: string
  /** Writes the report about the files as they are now. */
  readonly report: (of?: SampleReport) => Promise<void>
  readonly deliver: (given?: Partial<DeliverInput>) => Promise<Outcome>
  readonly handover: (out?: string) => Handover
}

/** @param design in the folder of the workplace. */
export async function workplace(t: TestContext, example = 'blog', design = 'project'): Promise<Workplace> {
  const folder = temporaryFolder(t)
  cpSync(join(ROOT, 'examples', example), join(folder, 'project'), { recursive: true })
  const io: Io = {
    ...{ cwd: folder, env: process.env, style: PLAIN, terminal: 'plain', observe: () => {}, stop: new AbortController().signal },
    self: { command: [process.execPath], supervisor: null },
  }
  const pack = async () => ({ path: `vendor/plinth-${ownPackage().version}.tgz`, content: gzipSync('in place of Plinth') })
  return {
    folder,
    report: async (of) => {
      const report = sampleReport(await loadDesign(design, folder), of)
      mkdirSync(join(folder, 'verify'), { recursive: true })
      writeFileSync(join(folder, 'verify/report.json'), JSON.stringify(report))
    },
    deliver: (given) =>
      deliver({ design, out: 'delivery', report: 'verify', mode: 'quick', mutants: false, ...given }, io, {
        verify: () => Promise.reject(new Error('a report was given')),
        pack,
      }),
    handover: (out = 'delivery') => JSON.parse(readFileSync(join(folder, out, 'handover.json'), 'utf8')),
  }
}

/** The bytes of all files below a folder, by their paths. */
export function bytesIn(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  assert.ok(files.length > 0)
  return new Map(
    files
      .map((one) => join(one.parentPath, one.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path).toString('base64')]),
  )
}
