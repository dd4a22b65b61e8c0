/** The files of a typed client: the text of the design, and the runtime, which is the same for all designs. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT_MARK, clientText } from '../../compile/client/client.ts'
import type { DeliveredFile } from '../../deliver/files/delivered-file.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'

/** The modules of the runtime, in the order in which one file has them. */
const MODULES = ['codes', 'errors', 'rows', 'filters', 'calls', 'operations', 'tokens', 'query', 'send', 'connect'] as const
/** What `client.ts` exports of the runtime. */
const SHARED = {
  values: ['ApiError', 'cel', 'cookieTokens', 'memoryTokens', 'storedTokens'],
  types: ['Call', 'CallOptions', 'ClientOptions', 'Outcome', 'Page', 'Row', 'Rows', 'Tokens', 'TokenStore', 'Written'],
} as const
const RUNTIME_MARK = '// The runtime of clients made by `plinth client`. It is the same for all designs.'

/** The files of a client in a folder: `client.ts` with the types of the design, and `runtime.ts`. */
export function clientFolder(model: Model): readonly DeliveredFile[] {
  const runtime = runtimeText()
  const { design, values, types } = clientText(model, runtime)
  const imports = [
    `import { ${values.join(', ')} } from './runtime.ts'`,
    `import type {\n${types.map((name) => `  ${name},\n`).join('')}} from './runtime.ts'`,
    '',
    // What programs name beside the types of the design.
    `export { ${SHARED.values.join(', ')} } from './runtime.ts'`,
    `export type { ${SHARED.types.join(', ')} } from './runtime.ts'`,
  ]
  return [
    { path: 'client.ts', content: `${[CLIENT_MARK, '', ...imports, '', design].join('\n').trimEnd()}\n` },
    { path: 'runtime.ts', content: `${RUNTIME_MARK}\n\n${runtime}` },
  ]
}

/** Whether a text is a file of a client. */
export function isClient(text: string): boolean {
  return text.startsWith(CLIENT_MARK) || text.startsWith(RUNTIME_MARK)
}

/** A client as one file. */
export function clientFile(model: Model): string {
  const runtime = runtimeText()
  return `${CLIENT_MARK}\n\n${clientText(model, runtime).design}\n${RUNTIME_MARK}\n\n${runtime}`
}

/** The modules of the runtime as one text, without their imports of each other, and with what they share among themselves not exported. */
function runtimeText(): string {
  const folder = join(ownPackage().root, 'templates/client')
  const texts = MODULES.map((name) =>
    readFileSync(join(folder, `${name}.ts`), 'utf8')
      .replaceAll(/^import [^;]*? from '\.\/\w+\.ts'\n+/gm, '')
      .replaceAll(/ ?@internal \*\/\nexport /g, ' */\n')
      .replaceAll(/\n \* @internal\n \*\/\nexport /g, '\n */\n')
      .replaceAll(/^\/\*\* \*\/\n/gm, ''),
  )
  return texts.join('\n')
}
