/** The documentation site: docs/ as static pages with a search that needs no service. `npm run docs:build` at the root builds it. */

import { dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { writeForModels } from '../llms.ts'
import { DOCS, type Section, sections } from '../pages.ts'

const all = sections()

const groups = all.map(({ title, pages }: Section) => ({
  text: title,
  items: pages.map((page) => ({ text: page.title, link: linkOf(page.path) })),
}))
const decisions = groups.filter(({ text }) => text === 'Decisions')
const [latest] = decisions.flatMap(({ items }) => items.slice(-1))
/** All but the decisions, of which there are many: they have a navigation of their own. */
const main = [...groups.filter((group) => !decisions.includes(group)), { text: 'Decisions', items: latest === undefined ? [] : [latest] }]

function linkOf(path: string): string {
  return `/${path.replace(/\.md$/, '')}`
}

export default defineConfig({
  title: 'Plinth',
  description: 'Turns the design of a backend into a running backend on PostgreSQL.',
  lang: 'en',
  srcDir: DOCS,
  outDir: join(import.meta.dirname, '../dist'),
  cacheDir: join(import.meta.dirname, '../node_modules/.cache/vitepress'),
  // Any static server and any folder serve the pages, without rules for addresses.
  cleanUrls: false,
  lastUpdated: false,
  ignoreDeadLinks: 'localhostLinks',
  themeConfig: {
    nav: ['Guides', 'Reference', 'Decisions'].map((title) => ({
      text: title,
      link: groups.find(({ text }) => text === title)?.items[0]?.link ?? '/',
    })),
    sidebar: { '/decisions/': decisions, '/': main },
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
  markdown: {
    html: false,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { cel: 'js' },
    config: (md) => {
      // Braces in the documents are those of templates, not of Vue.
      const escaped = (text = '') => md.utils.escapeHtml(text).replaceAll('{{', '&#123;&#123;').replaceAll('}}', '&#125;&#125;')
      md.renderer.rules.text = (tokens, at) => escaped(tokens[at]?.content)
      md.renderer.rules.code_inline = (tokens, at) => `<code>${escaped(tokens[at]?.content)}</code>`
      md.core.ruler.push('links-inside', (state) => {
        for (const { children } of state.tokens) dropOutside(children ?? [], dirname(String(state.env.relativePath ?? '')))
      })
    },
  },
  buildEnd: ({ outDir }) => writeForModels(outDir, all),
})

interface Token {
  type: string
  tag: string
  attrs: [string, string][] | null
  attrGet(name: string): string | null
}

/** Links to folders and to files of the repository that are no documents have no address on the site: their text stays. */
function dropOutside(tokens: readonly Token[], folder: string): void {
  let isDropped = false
  for (const token of tokens) {
    if (token.type === 'link_open') isDropped = leadsOutside(token.attrGet('href') ?? '', folder)
    if (!isDropped || !token.type.startsWith('link_')) continue
    if (token.type === 'link_close') isDropped = false
    token.type = token.type.replace('link', 'outside')
    token.tag = 'span'
    token.attrs = null
  }
}

function leadsOutside(href: string, folder: string): boolean {
  return !/^([a-z]+:|[#/])/.test(href) && (href.endsWith('/') || join(folder, href).startsWith('..'))
}
