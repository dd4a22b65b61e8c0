/** Files for language models: llms.txt names all pages, llms-full.txt has the text of the guides and the reference (llmstxt.org). */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Page, pageOf, type Section } from './pages.ts'

/**
 * Writes both files and, beside each page, its text as Markdown, which the files name.
 *
 * @param out the folder of the built site.
 */
export function writeForModels(out: string, sections: readonly Section[]): void {
  const home = pageOf('index.md')
  for (const { path, text } of [home, ...sections.flatMap(({ pages }) => pages)]) {
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), text)
  }
  writeFileSync(join(out, 'llms.txt'), indexText(home, sections))
  const whole = [home, ...sections.filter(({ isOptional }) => !isOptional).flatMap(({ pages }) => pages)]
  writeFileSync(join(out, 'llms-full.txt'), whole.map(({ path, text }) => `<!-- ${path} -->\n\n${text}`).join('\n'))
}

/** The text of llms.txt: the sections of the navigation; what a reader can do without is optional. */
export function indexText(home: Page, sections: readonly Section[]): string {
  const lines = ({ pages }: Section): readonly string[] => pages.map(({ path, title, about }) => `- [${title}](${path}): ${about}`)
  const main = sections.filter(({ isOptional }) => !isOptional).flatMap((section) => ['', `## ${section.title}`, '', ...lines(section)])
  const optional = ['', '## Optional', '', ...sections.filter(({ isOptional }) => isOptional).flatMap(lines)]
  return [`# ${home.title}`, '', `> ${home.about}`, ...main, ...optional, ''].join('\n')
}
