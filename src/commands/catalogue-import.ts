/** The part of the table of commands about designs that begin as something else. */

import { FORMAT_NAMES } from '../import/formats.ts'
import type { CommandFacts } from './terminal/command.ts'

/** `plinth import`. */
export const IMPORT_COMMAND: CommandFacts = {
  name: 'import',
  summary: 'make a skeleton of a design from a file of another format: what is stored; access stays closed',
  arguments: [
    {
      name: 'path',
      required: true,
      meaning:
        'the file: SQL, a Prisma schema, DBML, JHipster JDL, OpenAPI 3, AsyncAPI 2 or 3, or Markdown with such blocks, Mermaid diagrams and requirements',
    },
  ],
  options: [
    { name: 'out', takes: 'value', value: 'file', meaning: 'the design to write; design.yaml or design.ts in this folder unless given' },
    { name: 'format', takes: 'value', value: 'format', choices: ['ts', 'yaml'], meaning: 'the format of the design; yaml unless given' },
    {
      name: 'from',
      takes: 'value',
      value: 'format',
      choices: [...FORMAT_NAMES],
      meaning: 'the format of the file, if its name does not say it',
    },
    { name: 'name', takes: 'value', value: 'name', meaning: 'the name of the backend; that of the file or its folder unless given' },
    { name: 'force', takes: 'flag', meaning: 'replace the design if it exists' },
  ],
  examples: [
    {
      line: 'plinth import schema.sql',
      does: 'writes design.yaml: tables as entities, with the line of each part, and asks who may do what',
    },
    { line: 'plinth import openapi.yaml', does: 'keeps the document as the contract, with an action for each operation that is plain' },
    {
      line: 'plinth import architecture.md',
      does: 'reads the requirements of a document and its fenced blocks: Mermaid diagrams, SQL, Prisma, DBML, JDL',
    },
    { line: 'plinth import schema.sql --format ts --out shop/design.ts', does: 'writes it in TypeScript, elsewhere' },
    { line: 'plinth import schema.sql --json', does: 'prints as JSON what was carried over, what was not and why, and the questions' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { importDesign } = await import('./importing/import-design.ts')
    return (call, io) =>
      importDesign(
        {
          path: call.argument('path') ?? '',
          out: call.option('out'),
          format: call.option('format') === 'ts' ? 'ts' : 'yaml',
          from: call.option('from'),
          name: call.option('name'),
          existing: call.flag('force') ? 'replace' : 'refuse',
        },
        io,
      )
  },
}
