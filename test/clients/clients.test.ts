/** Generators make clients of a design with every type of field. They compile under strict rules, with calls to every operation. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { buildSchema, printSchema } from 'graphql'
import { LIMITS } from '../../src/base/limits.ts'
import { graphqlSchemas } from '../../src/compile/graphql/schemas.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { wholeView } from '../../src/compile/rules/whole-view.ts'
import { modelFrom } from '../support/backend.ts'
import { wide } from '../support/wide-design.ts'
import { operationsOf } from './graphql-calls.ts'
import { callsOf, heyApiCalls, openapiFetchCalls, orvalCalls } from './rest-calls.ts'

/** The generators have their own node_modules, because they are large and depend on another GraphQL library. */
const GENERATORS = join(import.meta.dirname, 'generators')
const FOLDER = join(GENERATORS, 'generated')
const RELAY = join(FOLDER, 'graphql/relay')
const hasGenerators = existsSync(join(GENERATORS, 'node_modules', 'typescript'))
const skip =
  !hasGenerators && process.env.CI !== 'true' && 'the generators are missing; npm ci --prefix test/clients/generators --ignore-scripts'

const model = modelFrom(wide)
const run = promisify(execFile)

/**
 * Runs a generator in the folder of the generated files; relay-compiler looks for its files in its own.
 *
 * @throws Error with its output when it fails.
 */
async function generate(bin: string, ...args: readonly string[]): Promise<void> {
  try {
    await run(join(GENERATORS, 'node_modules', '.bin', bin), [...args], {
      cwd: bin === 'relay-compiler' ? RELAY : FOLDER,
      env: { ...process.env, NO_COLOR: '1' },
    })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`${bin} failed:\n${stdout}${stderr}`)
  }
}

/** Compiles a file of the folder with the libraries that a page has. @throws Error with what the compiler says. */
async function compile(file: string): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ module: 'esnext', moduleResolution: 'bundler', target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
  }
  const project = `${file.replaceAll('/', '-')}.json`
  write(project, JSON.stringify({ compilerOptions, files: [file] }))
  await generate('tsc', '-p', project)
}

const write = (name: string, text: string) => writeFileSync(join(FOLDER, name), text)

test('clients of REST: openapi-fetch, @hey-api/openapi-ts and orval', { skip }, async (t) => {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const document = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  write('openapi.json', JSON.stringify(document))
  await Promise.all([
    generate('openapi-typescript', 'openapi.json', '--default-non-nullable', 'false', '-o', 'openapi-typescript.ts'),
    generate('openapi-ts', '-i', 'openapi.json', '-o', 'hey-api', '-p', '@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'),
    generate('orval', '--input', 'openapi.json', '--output', 'orval.ts', '--client', 'fetch'),
  ])
  const calls = callsOf(document)
  assert.ok(calls.filter(({ answersRow }) => answersRow).length >= 15)
  write('openapi-fetch-calls.ts', openapiFetchCalls(calls))
  write('hey-api-calls.ts', heyApiCalls(calls))
  write('orval-calls.ts', orvalCalls(calls))
  for (const client of ['openapi-fetch', 'hey-api', 'orval']) await t.test(client, () => compile(`${client}-calls.ts`))
})

test('clients of GraphQL: graphql-codegen and relay-compiler', { skip }, async (t) => {
  rmSync(join(FOLDER, 'graphql'), { recursive: true, force: true })
  mkdirSync(join(RELAY, '__generated__'), { recursive: true })
  const sdl = printSchema(graphqlSchemas(model).forView(wholeView(model)).schema)
  write('graphql/schema.graphql', sdl)
  const schema = buildSchema(sdl)

  await t.test('graphql-codegen', async () => {
    const operations = operationsOf(schema, '')
    write('graphql/operations.graphql', operations.map(({ text }) => text).join('\n'))
    const config = {
      schema: 'graphql/schema.graphql',
      documents: 'graphql/operations.graphql',
      generates: { 'graphql/codegen/': { preset: 'client', config: { enumsAsTypes: true, useTypeImports: true } } },
    }
    write('graphql/codegen.json', JSON.stringify(config))
    await generate('graphql-codegen', '--config', 'graphql/codegen.json')
    const lines = operations.map(({ name, variables }) => `use(api.${name}Document, ${JSON.stringify(variables)})`)
    const use =
      'declare function use<Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables: NoInfer<Variables>): Result'
    const imports = [
      "import type { TypedDocumentNode } from '@graphql-typed-document-node/core'",
      "import * as api from './codegen/graphql.ts'",
    ]
    write('graphql/codegen-calls.ts', [...imports, use, ...lines].join('\n'))
    await compile('graphql/codegen-calls.ts')
  })

  await t.test('relay-compiler', async () => {
    const operations = operationsOf(schema, 'calls')
    const documents = operations.map(({ name, text }) => `export const ${name} = graphql\`${text}\``)
    write('graphql/relay/calls.ts', ["import { graphql } from 'relay-runtime'", ...documents].join('\n'))
    const config = {
      src: '.',
      schema: '../schema.graphql',
      language: 'typescript',
      artifactDirectory: './__generated__',
      eagerEsModules: true,
      schemaConfig: { nodeInterfaceIdField: 'nodeId' },
    }
    write('graphql/relay/relay.config.json', JSON.stringify(config))
    await generate('relay-compiler', 'relay.config.json')
    const lines = operations.flatMap(({ name, variables }) => [
      `import type { ${name} } from './__generated__/${name}.graphql.ts'`,
      `export const ${name}Variables: ${name}['variables'] = ${JSON.stringify(variables)}`,
    ])
    write('graphql/relay/use.ts', lines.join('\n'))
    await compile('graphql/relay/use.ts')
  })
})
