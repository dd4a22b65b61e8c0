/** Compiles a template: binds its names to the answer, and decides for each value how it is escaped where it stands. */

import { endsInHost, isAllowedUrl } from '../../base/texts/url-text.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { HtmlPart, HtmlTemplate, HtmlValue, UrlPiece } from '../../model/address/page.ts'
import type { AnswerForm } from '../../model/answer-form.ts'
import { bindName, checkUse, type NameScope } from './bind-names.ts'
import { type HtmlPlaces, type MarkPlace, markText, placesOf, RESERVED, type UrlSpan } from './html-places.ts'
import { after, parseTemplate, type ReportTemplate, type TemplateNode, type TemplatePlace } from './template-nodes.ts'

/**
 * Compiles the text of a template for answers of a form. Every problem is reported with its place; the result is of use only if there is
 * none.
 */
export function compileTemplate(source: string, form: AnswerForm, report: ReportTemplate): HtmlTemplate {
  const text = source.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const reserved = text.search(RESERVED)
  if (reserved >= 0) {
    const at = after({ line: 1, column: 1 }, text.slice(0, reserved))
    report('PLN-D591', at, { message: 'this character is reserved (U+0000, U+E000, U+E001)', hint: 'remove it' })
    return { parts: [], styles: [] }
  }
  const nodes = parseTemplate(text, report) ?? []
  const marked = markedTemplate(nodes)
  const places = placesOf(marked.text, marked.ends.length)
  reportPlaces(marked, places, report)
  const building: Building = { report, marked, places: places.marks, urls: new Set() }
  return { parts: partsOf(nodes, [{ form, isElement: false }], building), styles: places.styles }
}

/** A template with marks in place of its values and of the ends of its blocks. */
interface Marked {
  readonly text: string
  /** The node of each mark, by the number of the mark. */
  readonly ends: readonly Exclude<TemplateNode, { kind: 'text' }>[]
  /** The first mark of a value or block. A block has three: before it, at `else`, and behind it. */
  readonly firstMark: ReadonlyMap<TemplateNode, number>
  /** Where each text begins in the marked text. */
  readonly texts: ReadonlyMap<TemplateNode, number>
}

function markedTemplate(nodes: readonly TemplateNode[]): Marked {
  const ends: Exclude<TemplateNode, { kind: 'text' }>[] = []
  const firstMark = new Map<TemplateNode, number>()
  const texts = new Map<TemplateNode, number>()
  let text = ''
  const add = (node: TemplateNode): void => {
    switch (node.kind) {
      case 'text':
        texts.set(node, text.length)
        text += node.text
        return
      case 'value':
        firstMark.set(node, ends.push(node) - 1)
        text += markText(ends.length - 1)
        return
      case 'block': {
        const first = ends.push(node, node, node) - 3
        firstMark.set(node, first)
        text += markText(first)
        for (const inner of node.body) add(inner)
        text += markText(first + 1)
        for (const inner of node.otherwise) add(inner)
        text += markText(first + 2)
        return
      }
      default:
        unreachable(node)
    }
  }
  for (const node of nodes) add(node)
  return { text, ends, firstMark, texts }
}

function reportPlaces(marked: Marked, { marks, problems }: HtmlPlaces, report: ReportTemplate): void {
  const reported = new Set<TemplateNode>()
  for (const { code, at, message, hint } of problems) {
    const node = 'mark' in at ? marked.ends[at.mark] : undefined
    // The three marks of a block have one place.
    if (node !== undefined && reported.has(node)) continue
    if (node !== undefined) reported.add(node)
    report(code, node?.at ?? placeAt(marked, 'offset' in at ? at.offset : 0), { message, hint })
  }
  for (const [node, first] of marked.firstMark) {
    const [open, middle, close] = [marks.get(first), marks.get(first + 1), marks.get(first + 2)]
    if (node.kind !== 'block' || open === undefined || middle === undefined || close === undefined) continue
    if (open.inside !== middle.inside || open.inside !== close.inside)
      report('PLN-D593', node.at, {
        message: `this ${node.word} begins and ends in different parts of the HTML`,
        hint: 'put whole elements, or a part of one quoted value, into the block',
      })
    else if (open.url !== null)
      report('PLN-D593', node.at, { message: 'a URL has no blocks', hint: 'put the whole element into the block, once for each case' })
  }
}

/** The place in the template of an offset in the marked text. */
function placeAt({ texts }: Marked, offset: number): TemplatePlace {
  let place: TemplatePlace = { line: 1, column: 1 }
  for (const [node, start] of texts) {
    if (node.kind !== 'text' || start > offset) continue
    place = after(node.at, node.text.slice(0, offset - start))
  }
  return place
}

interface Building {
  readonly report: ReportTemplate
  readonly marked: Marked
  readonly places: ReadonlyMap<number, MarkPlace>
  /** The URLs that are a part already. */
  readonly urls: Set<UrlSpan>
}

function partsOf(nodes: readonly TemplateNode[], scopes: readonly NameScope[], building: Building): readonly HtmlPart[] {
  const spans = nodes.flatMap((node) => urlOf(node, building) ?? [])
  return nodes.flatMap((node): readonly HtmlPart[] => {
    switch (node.kind) {
      case 'text': {
        const text = withoutSpans(node.text, building.marked.texts.get(node) ?? 0, spans)
        return text === '' ? [] : [{ kind: 'text', text }]
      }
      case 'value':
        return valueParts(node, scopes, building)
      case 'block':
        return blockParts(node, scopes, building)
      default:
        return unreachable(node)
    }
  })
}

function urlOf(node: TemplateNode, { marked, places }: Building): UrlSpan | null {
  const mark = marked.firstMark.get(node)
  return mark === undefined || node.kind !== 'value' ? null : (places.get(mark)?.url ?? null)
}

/** A text without the parts that belong to URLs; `start` is where it begins in the marked text. */
function withoutSpans(text: string, start: number, spans: readonly UrlSpan[]): string {
  let rest = ''
  let from = 0
  for (const span of spans) {
    const [cut, end] = [span.start - start, span.end - start]
    if (end <= from || cut >= text.length) continue
    rest += text.slice(from, Math.max(from, cut))
    from = Math.min(text.length, Math.max(from, end))
  }
  return rest + text.slice(from)
}

type ValueNode = Extract<TemplateNode, { kind: 'value' }>

function valueParts(node: ValueNode, scopes: readonly NameScope[], building: Building): readonly HtmlPart[] {
  const url = urlOf(node, building)
  if (url === null) {
    const value = boundValue(node, scopes, building)
    return value === null ? [] : [{ kind: 'value', value }]
  }
  if (building.urls.has(url)) return []
  building.urls.add(url)
  return [{ kind: 'url', pieces: piecesOf(url, scopes, building) }]
}

function boundValue({ path, at }: ValueNode, scopes: readonly NameScope[], { report }: Building): HtmlValue | null {
  const place = { scopes, at, report }
  const bound = bindName(path, place)
  return bound !== null && checkUse(bound, 'value', { path, place }) ? bound.value : null
}

/** The parts of a URL. A value at its beginning is a whole URL, unless something follows that a longer scheme or host could swallow. */
function piecesOf({ parts }: UrlSpan, scopes: readonly NameScope[], building: Building): readonly UrlPiece[] {
  const { report, marked } = building
  let before = ''
  return parts.flatMap((part, i): readonly UrlPiece[] => {
    if ('text' in part) {
      before += part.text
      return [{ kind: 'text', text: part.text }]
    }
    const node = marked.ends[part.mark]
    if (node?.kind !== 'value') return []
    const value = boundValue(node, scopes, building)
    const isFirst = before === ''
    const next = parts[i + 1]
    if (isFirst && next !== undefined && !('text' in next && /^[/?#]/.test(next.text)))
      report('PLN-D593', node.at, {
        message: 'a URL that begins with a value goes on with /, ? or #',
        hint: 'make the whole URL in the answer of the action',
      })
    if (!isFirst && endsInHost(before))
      report('PLN-D593', node.at, {
        message: 'this value would choose the host of the URL',
        hint: 'write the host, or the whole URL as one value',
      })
    if (!isFirst && !isAllowedUrl(before))
      report('PLN-D593', node.at, { message: 'the URL has another scheme than http, https, mailto or tel', hint: 'write another URL' })
    before += 'v'
    return value === null ? [] : [{ kind: isFirst ? 'whole' : 'part', value }]
  })
}

type BlockNode = Extract<TemplateNode, { kind: 'block' }>

function blockParts({ word, path, at, body, otherwise }: BlockNode, scopes: readonly NameScope[], building: Building): readonly HtmlPart[] {
  const place = { scopes, at, report: building.report }
  const bound = bindName(path, place)
  if (word === 'if' || word === 'unless') {
    const [yes, no] = [partsOf(body, scopes, building), partsOf(otherwise, scopes, building)]
    if (bound === null) return []
    return [{ kind: 'if', value: bound.value, yes: word === 'if' ? yes : no, no: word === 'if' ? no : yes }]
  }
  const rest = partsOf(otherwise, scopes, building)
  if (bound === null || !checkUse(bound, word, { path, place })) return []
  const { form } = bound
  const inner: NameScope = { form: form.kind === 'list' || form.kind === 'keyed' ? form.of : form, isElement: word === 'each' }
  return [{ kind: word, value: bound.value, of: partsOf(body, [...scopes, inner], building), else: rest }]
}
